// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of the MAC array in C++, shared by the C function behind the black box
// (mac_array.cpp) and by the datapath that stands in for the RTL in everyday simulation
// (sim_datapath.cpp). docs/seams.md, section 11, says what it computes. C++14.
//
// Exactness. Integer classes sum in int32. The kFloat class sums in double: an element is an
// integer of at most 19 bits, or two limbs of 18 bits for E5M2, so a product has at most 36 bits
// and a sum is exact for K < 2^17; limbs are put together in 128 bits.
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

// One operand's codes, turned into what the cells multiply.
struct Decoder {
  int element;
  int bits;              // of a code
  bool limbs;            // E5M2
  bool zeros;            // zero-points come with its blocks
  int16_t integer[256];  // the value in units of 2^lsb, for the integer classes
  double limb[2][256];   // the same for kFloat; E5M2: exponents below 15, and above, 2^15 taken out
  bool nan[256], infinite[256];  // an infinity's sign is in limb[0]

  explicit Decoder(uint32_t format)
      : element(format & 0xFF),
        limbs(element == ng_formats::kE5m2),
        zeros((format >> 8 & 0xF) == ng_formats::kFp32AndZero) {
    const ng_formats::Element& e = ng_formats::kElements[element < 9 ? element : 0];
    bits = e.bits;
    for (int code = 0; code < 256; ++code) {
      integer[code] = 0;
      limb[0][code] = limb[1][code] = 0;
      nan[code] = infinite[code] = false;
      if (code >> bits) continue;
      const int sign = code >> (bits - 1);
      if (e.exponent_bits == 0) {
        // Two's complement, or an unsigned code less half its range.
        const int value = e.is_signed ? code - (sign << bits) : code - (1 << (bits - 1));
        integer[code] = static_cast<int16_t>(value);
        limb[0][code] = value;
        continue;
      }
      const int exponent = code >> e.mantissa_bits & ((1 << e.exponent_bits) - 1);
      const int mantissa = code & ((1 << e.mantissa_bits) - 1);
      const int all_mantissa = (1 << e.mantissa_bits) - 1;
      const bool top = exponent == (1 << e.exponent_bits) - 1;
      nan[code] = top && ((e.specials == ng_formats::kNanOnly && mantissa == all_mantissa) ||
                          (e.specials == ng_formats::kInfinityAndNan && mantissa != 0));
      infinite[code] = top && e.specials == ng_formats::kInfinityAndNan && mantissa == 0;
      if (nan[code]) continue;
      if (infinite[code]) {
        limb[0][code] = sign ? -1 : 1;
        continue;
      }
      const int significand = (exponent ? 1 << e.mantissa_bits : 0) + mantissa;
      const int places = exponent ? exponent - 1 : 0;
      const int high = limbs && places >= 15;
      limb[high][code] = (sign ? -significand : significand) *
                         static_cast<double>(1 << (high ? places - 15 : places));
      // Meant for the elements that fit 8 bits; the others are kFloat.
      integer[code] = static_cast<int16_t>(limb[0][code]);
    }
  }

  // Code `lane` of the packed word; a word holds codes of `bits` bits from bit 0 on.
  int Code(const uint8_t* word, int lane) const {
    if (bits == 8) return word[lane];
    if (bits == 4) return word[lane / 2] >> 4 * (lane % 2) & 0xF;
    const int bit = bits * lane;
    return (word[bit / 8] | word[bit / 8 + 1] << 8) >> bit % 8 & 0x3F;
  }
};

// What a_format and b_format mean for the array.
struct Product {
  ng_formats::MultiplyClass multiply_class;
  bool a_scaled, b_scaled;
  bool a_zeros, b_zeros;
  bool raw;  // the sums leave as int32

  Product(uint32_t a_format, uint32_t b_format) {
    const int a = a_format & 0xFF, b = b_format & 0xFF;
    const uint32_t a_scale = a_format >> 8 & 0xF, b_scale = b_format >> 8 & 0xF;
    multiply_class = ng_formats::ClassOf(a) > ng_formats::ClassOf(b) ? ng_formats::ClassOf(a)
                                                                     : ng_formats::ClassOf(b);
    a_zeros = a_scale == ng_formats::kFp32AndZero;
    b_zeros = b_scale == ng_formats::kFp32AndZero;
    if (multiply_class == ng_formats::kNibble && (a_zeros || b_zeros)) {
      multiply_class = ng_formats::kByte;
    }
    a_scaled = a_scale != ng_formats::kNoScale;
    b_scaled = b_scale != ng_formats::kNoScale;
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
  Tile(uint32_t a_format, uint32_t b_format, int sum_exponent)
      : product_(a_format, b_format), a_(a_format), b_(b_format) {
    unit_ = std::ldexp(1.0, sum_exponent);
  }

  // One word of codes of A and of B: kRows and kCols bytes (one step of k; in the kNibble class two
  // steps of 4-bit codes). `first`: of its block. Zero-points of the block are taken with its first
  // word; null where there are none.
  void Step(const uint8_t* a, const uint8_t* b, bool first, const int8_t* a_zeros,
            const int8_t* b_zeros) {
    if (product_.multiply_class == ng_formats::kFloat) {
      StepFloat(a, b, first);
    } else if (product_.multiply_class == ng_formats::kNibble) {
      StepNibbles(a, b, first);
    } else {
      if (first) {
        if (a_zeros) std::memcpy(a_zero_, a_zeros, sizeof a_zero_);
        if (b_zeros) std::memcpy(b_zero_, b_zeros, sizeof b_zero_);
      }
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
        if (a_.limbs || b_.limbs || specials_seen_) {
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

  template <int kCount>
  static void DecodeNibbles(const Decoder& decoder, const uint8_t* word, int16_t* first,
                            int16_t* second) {
    for (int i = 0; i < kCount; ++i) {
      first[i] = decoder.integer[word[i / 2] >> 4 * (i % 2) & 0xF];
      second[i] = decoder.integer[word[(kCount + i) / 2] >> 4 * ((kCount + i) % 2) & 0xF];
    }
  }

  void StepNibbles(const uint8_t* a, const uint8_t* b, bool first) {
    int16_t a_first[kRows], a_second[kRows], b_first[kCols], b_second[kCols];
    DecodeNibbles<kRows>(a_, a, a_first, a_second);
    DecodeNibbles<kCols>(b_, b, b_first, b_second);
    if (first) std::memset(sum_, 0, sizeof sum_);
    StepPair(a_first, a_second, b_first, b_second);
  }

  template <int kCount>
  static void DecodeBytes(const Decoder& decoder, const uint8_t* word, const int8_t* zeros,
                          int16_t* out) {
    if (decoder.bits == 8) {
      const int flip = decoder.element == ng_formats::kUint8 ? 0x80 : 0;
      for (int i = 0; i < kCount; ++i) out[i] = static_cast<int8_t>(word[i] ^ flip);
    } else {
      for (int i = 0; i < kCount; ++i) out[i] = decoder.integer[decoder.Code(word, i)];
    }
    // The difference has 8 bits in hardware.
    if (decoder.zeros) {
      for (int i = 0; i < kCount; ++i) out[i] = static_cast<int8_t>(out[i] - zeros[i]);
    }
  }

  void StepBytes(const uint8_t* a, const uint8_t* b, bool first) {
    if (first) {
      std::memset(sum_, 0, sizeof sum_);
      pending_ = false;
    }
    DecodeBytes<kRows>(a_, a, a_zero_, pending_ ? a_second_ : a_first_);
    DecodeBytes<kCols>(b_, b, b_zero_, pending_ ? b_second_ : b_first_);
    if (pending_) StepPair(a_first_, a_second_, b_first_, b_second_);
    pending_ = !pending_;
  }

  void FlushBytes() {
    if (!pending_) return;
    pending_ = false;
    std::memset(a_second_, 0, sizeof a_second_);
    StepPair(a_first_, a_second_, b_first_, b_second_);
  }

  enum Special : uint8_t { kNan = 1, kPositive = 2, kNegative = 4 };

  void StepFloat(const uint8_t* a, const uint8_t* b, bool first) {
    if (first) {
      std::memset(limb_sum_, 0, sizeof limb_sum_);
      if (specials_seen_) std::memset(special_, 0, sizeof special_);
      specials_seen_ = false;
    }
    int row[kRows], col[kCols];
    bool special = false;
    for (int r = 0; r < kRows; ++r) {
      row[r] = a_.Code(a, r);
      special |= a_.nan[row[r]] | a_.infinite[row[r]];
    }
    for (int c = 0; c < kCols; ++c) {
      col[c] = b_.Code(b, c);
      special |= b_.nan[col[c]] | b_.infinite[col[c]];
    }
    if (special) NoteSpecials(row, col);
    double a_limb[2][kRows];
    for (int r = 0; r < kRows; ++r) {
      for (int i = 0; i < 2; ++i) a_limb[i][r] = a_.infinite[row[r]] ? 0 : a_.limb[i][row[r]];
    }
    for (int i = 0; i <= a_.limbs; ++i) {
      for (int j = 0; j <= b_.limbs; ++j) {
        for (int c = 0; c < kCols; ++c) {
          const double b_limb = b_.infinite[col[c]] ? 0 : b_.limb[j][col[c]];
          double* sum = limb_sum_[i + j][c];
          for (int r = 0; r < kRows; ++r) sum[r] += a_limb[i][r] * b_limb;
        }
      }
    }
  }

  void NoteSpecials(const int* row, const int* col) {
    specials_seen_ = true;
    for (int c = 0; c < kCols; ++c) {
      const int y = col[c];
      for (int r = 0; r < kRows; ++r) {
        const int x = row[r];
        if (a_.nan[x] || b_.nan[y]) {
          special_[c][r] |= kNan;
        } else if (a_.infinite[x] || b_.infinite[y]) {
          const double sign = (a_.limb[0][x] + a_.limb[1][x]) * (b_.limb[0][y] + b_.limb[1][y]);
          special_[c][r] |= sign == 0 ? kNan : sign > 0 ? kPositive : kNegative;
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
  Decoder a_, b_;
  double unit_;
  int8_t a_zero_[kRows], b_zero_[kCols];
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
