// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of the MAC array in C++, shared by the C function behind the black box
// (mac_array.cpp) and by the datapath that stands in for the RTL in everyday simulation
// (sim_datapath.cpp). docs/seams.md, section 11, says what it computes. C++14.
//
// Exactness. Integer classes sum in int32. The kFloat class sums in double: a lane is an integer of
// at most 19 bits, or two limbs of 18 bits for E5M2, so a product has at most 36 bits and a sum is
// exact for K < 2^17; limbs are put together in 128 bits.
#ifndef NARROWGATE_RTL_MAC_MODEL_HPP_
#define NARROWGATE_RTL_MAC_MODEL_HPP_

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "formats/formats.hpp"

namespace mac_model {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

// What a_format and b_format mean for the array.
struct Product {
  ng_formats::MultiplyClass multiply_class;
  bool a_scaled, b_scaled;
  bool a_limbs, b_limbs;  // E5M2
  bool raw;               // the sums leave as int32

  Product(uint32_t a_format, uint32_t b_format) {
    const int a = a_format & 0xFF, b = b_format & 0xFF;
    const uint32_t a_scale = a_format >> 8 & 0xF, b_scale = b_format >> 8 & 0xF;
    multiply_class = ng_formats::ClassOf(a) > ng_formats::ClassOf(b) ? ng_formats::ClassOf(a)
                                                                     : ng_formats::ClassOf(b);
    const bool zeros = a_scale == ng_formats::kFp32AndZero || b_scale == ng_formats::kFp32AndZero;
    if (multiply_class == ng_formats::kNibble && zeros) multiply_class = ng_formats::kByte;
    a_scaled = a_scale != ng_formats::kNoScale;
    b_scaled = b_scale != ng_formats::kNoScale;
    a_limbs = a == ng_formats::kE5m2;
    b_limbs = b == ng_formats::kE5m2;
    raw = multiply_class != ng_formats::kFloat && !a_scaled && !b_scaled;
  }
};

// A decoded scale of 36 bits: significand in bits 0…23, signed exponent in 24…33, NaN in 34, sign
// in 35.
constexpr int kScaleBits = 36;

inline double DecodeScale(uint64_t bits) {
  if (bits >> 34 & 1) return std::numeric_limits<double>::quiet_NaN();
  const int exponent = static_cast<int>(bits >> 24 & 0x3FF);
  const double magnitude = std::ldexp(static_cast<double>(bits & 0xFFFFFF),
                                      exponent >= 0x200 ? exponent - 0x400 : exponent);
  return bits >> 35 & 1 ? -magnitude : magnitude;
}

// Leaves 52 bits of a large number and one that stands for what was cut off, more than a binary32
// needs to round; gives the exponent that was taken out.
inline int CutTo53Bits(UnsignedWide& magnitude) {
  const uint64_t high = static_cast<uint64_t>(magnitude >> 53);
  if (high == 0) return 0;
  const uint64_t top = static_cast<uint64_t>(magnitude >> 64);
  const int bits =
      top ? 128 - __builtin_clzll(top) : 64 - __builtin_clzll(static_cast<uint64_t>(magnitude));
  const int places = bits - 53;
  const UnsignedWide kept = magnitude >> places;
  const bool lost = (kept << places) != magnitude;
  magnitude = kept | static_cast<UnsignedWide>(lost);
  return places;
}

// The same for a scale that is a power of two or 0, with a product well inside a double's range.
inline float ScaleSumByPower(Wide sum, double scale) {
  UnsignedWide magnitude =
      sum < 0 ? -static_cast<UnsignedWide>(sum) : static_cast<UnsignedWide>(sum);
  const int places = CutTo53Bits(magnitude);
  const double value = static_cast<double>(static_cast<int64_t>(magnitude)) *
                       static_cast<double>(uint64_t{1} << (places & 63)) * scale;
  return static_cast<float>(sum < 0 ? -value : value);
}

// sum · scale to the nearest binary32, in one rounding. The scale has at most 28 significant bits.
inline float ScaleSum(Wide sum, double scale) {
  const bool negative = (sum < 0) != (scale < 0);
  UnsignedWide magnitude =
      sum < 0 ? -static_cast<UnsignedWide>(sum) : static_cast<UnsignedWide>(sum);
  if (std::isnan(scale) || magnitude == 0) return static_cast<float>(0.0 * scale);
  int exponent;
  const double fraction = std::frexp(std::fabs(scale), &exponent);
  magnitude *= static_cast<uint32_t>(std::ldexp(fraction, 28));
  exponent -= 28;
  exponent += CutTo53Bits(magnitude);
  const double value = std::ldexp(static_cast<double>(static_cast<uint64_t>(magnitude)), exponent);
  return static_cast<float>(negative ? -value : value);
}

// One tile of kRows × kCols results. Arrays are column by column, as results leave.
template <int kRows, int kCols>
class Tile {
 public:
  explicit Tile(Product product, int sum_exponent) : product_(product) {
    unit_ = std::ldexp(1.0, sum_exponent);
  }

  // One step of lanes (two steps of k in the kNibble class). `first`: of its block.
  void Step(const uint16_t* a, const uint16_t* b, bool first) {
    if (product_.multiply_class == ng_formats::kFloat) {
      StepFloat(a, b, first);
    } else if (product_.multiply_class == ng_formats::kNibble) {
      StepNibbles(a, b, first);
    } else {
      StepBytes(a, b, first);
    }
  }

  // Ends a block: its sums become the raw results, or are scaled and added to the accumulators.
  // a_scales and b_scales are scale values, 1 where there are none.
  void EndBlock(const double* a_scales, const double* b_scales, bool first_block) {
    if (product_.multiply_class == ng_formats::kByte) FlushBytes();
    if (product_.raw) {
      std::memcpy(result_, sum_, sizeof result_);
      return;
    }
    for (int c = 0; c < kCols; ++c) {
      const double b_scale = b_scales[c] * unit_;
      float* acc = acc_[c];
      if (first_block) std::memset(acc, 0, sizeof acc_[c]);
      if (product_.multiply_class == ng_formats::kFloat) {
        if (product_.a_limbs || product_.b_limbs || specials_seen_) {
          for (int r = 0; r < kRows; ++r) acc[r] += FloatSum(c, r, a_scales[r] * b_scale);
        } else {
          for (int r = 0; r < kRows; ++r) {
            acc[r] += static_cast<float>(limb_sum_[0][c][r] * (a_scales[r] * b_scale));
          }
        }
      } else {
        // A sum below 2^25 times a scale of 28 bits is exact in a double.
        uint32_t large = 0;
        for (int r = 0; r < kRows; ++r) {
          large |= static_cast<uint32_t>(sum_[c][r] < 0 ? -sum_[c][r] : sum_[c][r]) >> 25;
        }
        if (large) {
          for (int r = 0; r < kRows; ++r) acc[r] += ScaleSum(sum_[c][r], a_scales[r] * b_scale);
        } else {
          for (int r = 0; r < kRows; ++r) {
            acc[r] += static_cast<float>(sum_[c][r] * (a_scales[r] * b_scale));
          }
        }
      }
    }
  }

  // Results as they leave: int32, or FP32 bits with every NaN 0x7FC00000.
  void Results(uint32_t* words) const {
    if (product_.raw) {
      std::memcpy(words, result_, sizeof result_);
      return;
    }
    std::memcpy(words, acc_, sizeof acc_);
    for (int i = 0; i < kRows * kCols; ++i) {
      if ((words[i] & 0x7FFFFFFF) > 0x7F800000) words[i] = 0x7FC00000;
    }
  }

 private:
  // Two steps at once: a kNibble word, or two words of the kByte class (the first one is kept until
  // the second comes, or the block ends). Compilers make one multiply-add of 16-bit pairs of it.
  void StepPair(const int16_t* a_first, const int16_t* a_second, const int16_t* b_first,
                const int16_t* b_second) {
    for (int c = 0; c < kCols; ++c) {
      const int32_t first = b_first[c], second = b_second[c];
      int32_t* sum = sum_[c];
      for (int r = 0; r < kRows; ++r) {
        sum[r] =
            static_cast<int32_t>(static_cast<uint32_t>(sum[r]) +
                                 static_cast<uint32_t>(a_first[r] * first + a_second[r] * second));
      }
    }
  }

  void StepNibbles(const uint16_t* a, const uint16_t* b, bool first) {
    int16_t a_low[kRows], a_high[kRows], b_low[kCols], b_high[kCols];
    for (int r = 0; r < kRows; ++r) {
      a_low[r] = static_cast<int8_t>(a[r] & 0xFF);
      a_high[r] = static_cast<int8_t>(a[r] >> 8);
    }
    for (int c = 0; c < kCols; ++c) {
      b_low[c] = static_cast<int8_t>(b[c] & 0xFF);
      b_high[c] = static_cast<int8_t>(b[c] >> 8);
    }
    if (first) std::memset(sum_, 0, sizeof sum_);
    StepPair(a_low, a_high, b_low, b_high);
  }

  void StepBytes(const uint16_t* a, const uint16_t* b, bool first) {
    if (first) {
      std::memset(sum_, 0, sizeof sum_);
      pending_ = false;
    }
    int16_t* a_step = pending_ ? a_second_ : a_first_;
    int16_t* b_step = pending_ ? b_second_ : b_first_;
    for (int r = 0; r < kRows; ++r) a_step[r] = static_cast<int8_t>(a[r] & 0xFF);
    for (int c = 0; c < kCols; ++c) b_step[c] = static_cast<int8_t>(b[c] & 0xFF);
    if (pending_) StepPair(a_first_, a_second_, b_first_, b_second_);
    pending_ = !pending_;
  }

  void FlushBytes() {
    if (!pending_) return;
    pending_ = false;
    std::memset(a_second_, 0, sizeof a_second_);
    StepPair(a_first_, a_second_, b_first_, b_second_);
  }

  struct Lane {
    double limb[2] = {0, 0};
    bool infinite = false, nan = false;
  };

  // Limbs: E5M2's exponents below 15 and those above, 2^15 taken out.
  static Lane DecodeLane(uint16_t bits, bool limbs) {
    Lane lane;
    const int significand = (bits & 0x3FF) >= 0x200 ? (bits & 0x3FF) - 0x400 : bits & 0x3FF;
    const int exponent = bits >> 10;
    if (exponent == 63) {
      lane.nan = significand == 0;
      lane.infinite = !lane.nan;
      lane.limb[0] = significand;  // its sign
    } else if (limbs && exponent >= 15) {
      lane.limb[1] = significand * static_cast<double>(uint64_t{1} << (exponent - 15));
    } else {
      lane.limb[0] = significand * static_cast<double>(uint64_t{1} << exponent);
    }
    return lane;
  }

  enum Special : uint8_t { kNan = 1, kPositive = 2, kNegative = 4 };

  void StepFloat(const uint16_t* a, const uint16_t* b, bool first) {
    if (first) {
      std::memset(limb_sum_, 0, sizeof limb_sum_);
      if (specials_seen_) std::memset(special_, 0, sizeof special_);
      specials_seen_ = false;
    }
    bool special = false;
    Lane row[kRows], col[kCols];
    for (int r = 0; r < kRows; ++r) {
      row[r] = DecodeLane(a[r], product_.a_limbs);
      special = special || row[r].nan || row[r].infinite;
    }
    for (int c = 0; c < kCols; ++c) {
      col[c] = DecodeLane(b[c], product_.b_limbs);
      special = special || col[c].nan || col[c].infinite;
    }
    if (special) NoteSpecials(row, col);
    double a_limb[2][kRows];
    for (int r = 0; r < kRows; ++r) {
      const bool finite = !row[r].nan && !row[r].infinite;
      for (int i = 0; i < 2; ++i) a_limb[i][r] = finite ? row[r].limb[i] : 0;
    }
    for (int i = 0; i <= product_.a_limbs; ++i) {
      for (int j = 0; j <= product_.b_limbs; ++j) {
        for (int c = 0; c < kCols; ++c) {
          const double b_limb = col[c].nan || col[c].infinite ? 0 : col[c].limb[j];
          double* sum = limb_sum_[i + j][c];
          for (int r = 0; r < kRows; ++r) sum[r] += a_limb[i][r] * b_limb;
        }
      }
    }
  }

  void NoteSpecials(const Lane* row, const Lane* col) {
    specials_seen_ = true;
    for (int c = 0; c < kCols; ++c) {
      for (int r = 0; r < kRows; ++r) {
        const double x = row[r].limb[0] + row[r].limb[1], y = col[c].limb[0] + col[c].limb[1];
        if (row[r].nan || col[c].nan) {
          special_[c][r] |= kNan;
        } else if (row[r].infinite || col[c].infinite) {
          special_[c][r] |= x * y == 0 ? kNan : x * y > 0 ? kPositive : kNegative;
        }
      }
    }
  }

  float FloatSum(int c, int r, double scale) const {
    const uint8_t special = specials_seen_ ? special_[c][r] : 0;
    if (special != 0) {
      const bool both = special == (kPositive | kNegative);
      const float infinity = std::numeric_limits<float>::infinity();
      // A scale of zero or NaN makes a NaN of an infinity.
      if (both || (special & kNan) || std::isnan(scale) || scale == 0) {
        return std::numeric_limits<float>::quiet_NaN();
      }
      return ((special & kPositive) != 0) == (scale > 0) ? infinity : -infinity;
    }
    const Wide sum = static_cast<Wide>(limb_sum_[0][c][r]) +
                     static_cast<Wide>(limb_sum_[1][c][r]) * (1 << 15) +
                     static_cast<Wide>(limb_sum_[2][c][r]) * (1 << 30);
    return ScaleSumByPower(sum, scale);
  }

  Product product_;
  double unit_;
  bool pending_ = false;  // a step of the kByte class waits for its neighbour
  int16_t a_first_[kRows], a_second_[kRows], b_first_[kCols], b_second_[kCols] = {};
  bool specials_seen_ = true;  // makes the first block clear `special_`
  int32_t sum_[kCols][kRows];
  double limb_sum_[3][kCols][kRows];
  uint8_t special_[kCols][kRows];
  float acc_[kCols][kRows];
  int32_t result_[kCols][kRows];
};

}  // namespace mac_model

#endif  // NARROWGATE_RTL_MAC_MODEL_HPP_
