// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Every pair of codes of every ordered pair of elements, and every pair of scale codes, through
// mac_array.v one product at a time. What is expected is written down here, from the formats'
// definitions, and shares nothing with the C++ model or the formats' table.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "gemm/blocks.hpp"
#include "mac_array_bench.hpp"
#include "number_definitions.hpp"

namespace {

using namespace rtl_test;  // NOLINT(google-build-using-namespace)

__extension__ typedef __int128 Wide;

// Packed DSPs multiply integers, E2M3 and E2M1, and as wide integers E3M2 and E4M3.
#if !defined(NG_DSP_ARRAY)
constexpr int kLastElement = kE5m2;
#elif defined(NG_WIDE_PRODUCTS)
constexpr int kLastElement = kE4m3;
#else
constexpr int kLastElement = 5;
#endif

bool IsFloat(int element) { return element >= 6; }
bool IsFour(int element) { return kDefinitions[element].bits == 4; }

struct Operand {
  int element, scale;
};

// Rows of a tile.
int Height(const Operand& a, const Operand& b) {
  return IsFour(a.element) && IsFour(b.element) ? kAllRows : kRows;
}

bool Held(const Operand& a, const Operand& b) {
  return a.element <= kLastElement && b.element <= kLastElement;
}

// What a product, or an exact sum in units of 2^exponent, becomes: int32, or FP32 bits after one
// rounding and an addition to +0.
bool IsRaw(const Operand& a, const Operand& b) {
  return a.scale == kNone && b.scale == kNone && !IsFloat(a.element) && !IsFloat(b.element);
}

uint32_t Bits(float value) {
  if (std::isnan(value)) return 0x7FC00000;
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

uint32_t ProductBits(const Operand& a, const Operand& b, double x, double y, double scales) {
  const double product = x * y;  // at most 16 significant bits
  if (IsRaw(a, b)) {
    return static_cast<uint32_t>(
        static_cast<int32_t>(std::ldexp(product, -Lsb(a.element) - Lsb(b.element))));
  }
  return Bits(0.0f + static_cast<float>(product * scales));
}

// Codes and scales of one operand's lanes in a step or a block.
struct Lanes {
  int code[64];
  uint32_t scale[64];
};

template <int kCount>
std::vector<uint32_t> CodeWord(int element, const int* codes, const int* next) {
  const int bits = kDefinitions[element].bits;
  ap_uint<8 * kCount> word = 0;
  for (int i = 0; i < kCount; ++i) {
    word.range(bits * i + bits - 1, bits * i) = ap_uint<8>(codes[i]);
    if (next) {
      const int place = bits * (kCount + i);
      word.range(place + bits - 1, place) = ap_uint<8>(next[i]);
    }
  }
  return Words(word);
}

template <int kCount>
std::vector<uint32_t> ScaleWord(int kind, const uint32_t* codes) {
  ap_uint<36 * kCount> word = 0;
  for (int i = 0; i < kCount; ++i) {
    word.range(36 * i + 35, 36 * i) =
        gemm_config::DecodeScale(ap_uint<8>(codes[i]), ap_uint<32>(codes[i]), ap_uint<4>(kind));
  }
  return Words(word);
}

// A call of `blocks` blocks of `steps` steps; codes are added step by step, scales block by block.
class Builder {
 public:
  Builder(const Operand& a, const Operand& b, uint32_t m_tiles, uint32_t n_tiles, uint32_t steps,
          uint32_t blocks)
      : a_(a), b_(b), pairs_(IsFour(a.element) && IsFour(b.element)) {
    call_.k = steps * blocks;
    call_.m_tiles = m_tiles;
    call_.n_tiles = n_tiles;
    call_.block = steps;
    call_.a_format = static_cast<uint32_t>(a.element | a.scale << 8);
    call_.b_format = static_cast<uint32_t>(b.element | b.scale << 8);
    call_.exponent = static_cast<uint32_t>(Lsb(a.element) + Lsb(b.element));
  }

  // `last`: of its block.
  void Step(const Lanes& a, const Lanes& b, bool last) {
    if (pairs_ && !waiting_ && !last) {
      first_a_ = a;
      first_b_ = b;
      waiting_ = true;
      return;
    }
    Lanes pad_a, pad_b;
    for (int& code : pad_a.code) code = a_.element == kUint4 ? 8 : 0;
    for (int& code : pad_b.code) code = b_.element == kUint4 ? 8 : 0;
    const Lanes& a0 = waiting_ ? first_a_ : a;
    const Lanes& b0 = waiting_ ? first_b_ : b;
    const Lanes& a1 = waiting_ ? a : pad_a;
    const Lanes& b1 = waiting_ ? b : pad_b;
    call_.a.words.push_back(CodeWord<kAllRows>(a_.element, a0.code, pairs_ ? a1.code : nullptr));
    call_.b.words.push_back(CodeWord<kCols>(b_.element, b0.code, pairs_ ? b1.code : nullptr));
    waiting_ = false;
  }

  void Scales(const Lanes& a, const Lanes& b) {
    if (a_.scale) call_.a_scales.words.push_back(ScaleWord<kAllRows>(a_.scale, a.scale));
    if (b_.scale) call_.b_scales.words.push_back(ScaleWord<kCols>(b_.scale, b.scale));
  }

  void Expect(uint32_t bits) { call_.expected.push_back(bits); }
  const Call& call() const { return call_; }

 private:
  Operand a_, b_;
  bool pairs_, waiting_ = false;
  Lanes first_a_, first_b_;
  Call call_;
};

// Those that lane by lane meet in the products of a tile.
constexpr uint32_t kScaleCodes[] = {127, 0, 254, 255, 1, 253, 126, 128, 0, 254};

std::string Name(const Operand& a, const Operand& b) {
  return std::string(kDefinitions[a.element].name) + " x " + kDefinitions[b.element].name;
}

class MacArrayCodesTest : public MacArrayTest {
 protected:
  // Every pair of codes, one product a tile and cell. `late`: in the second of two steps.
  void RunEveryPair(const Operand& a, const Operand& b, bool late) {
    if (!Held(a, b)) return;
    SCOPED_TRACE(Name(a, b));
    const int a_codes = 1 << kDefinitions[a.element].bits;
    const int b_codes = 1 << kDefinitions[b.element].bits;
    const int height = Height(a, b);
    const int m_tiles = (a_codes + height - 1) / height, n_tiles = (b_codes + kCols - 1) / kCols;
    Builder builder(a, b, static_cast<uint32_t>(m_tiles), static_cast<uint32_t>(n_tiles),
                    late ? 2 : 1, 1);
    Lanes zero_a = {}, zero_b = {};
    for (int& code : zero_a.code) code = a.element == kUint8 ? 128 : a.element == kUint4 ? 8 : 0;
    for (int& code : zero_b.code) code = b.element == kUint8 ? 128 : b.element == kUint4 ? 8 : 0;
    for (int i = 0; i < m_tiles; ++i) {
      for (int j = 0; j < n_tiles; ++j) {
        Lanes rows = {}, cols = {};
        for (int r = 0; r < height; ++r) {
          rows.code[r] = (height * i + r) % a_codes;
          rows.scale[r] = kScaleCodes[(r + 3 * i + j) % 10];
        }
        for (int c = 0; c < kCols; ++c) {
          cols.code[c] = (kCols * j + c) % b_codes;
          cols.scale[c] = kScaleCodes[(c + i + 7 * j) % 10];
        }
        if (late) builder.Step(zero_a, zero_b, false);
        builder.Step(rows, cols, true);
        builder.Scales(rows, cols);
        ExpectProducts(builder, a, b, rows, cols);
      }
    }
    Random random(1);
    Run(random, builder.call(), {});
  }

  static void ExpectProducts(Builder& builder, const Operand& a, const Operand& b,
                             const Lanes& rows, const Lanes& cols) {
    for (int c = 0; c < kCols; ++c) {
      for (int r = 0; r < Height(a, b); ++r) {
        const double scales =
            ScaleValue(a.scale, rows.scale[r]) * ScaleValue(b.scale, cols.scale[c]);
        builder.Expect(ProductBits(a, b, ElementValue(a.element, rows.code[r]),
                                   ElementValue(b.element, cols.code[c]), scales));
      }
    }
  }

  // Every pair of scale codes, with codes of the elements at random.
  void RunEveryScale(const Operand& a, const Operand& b, uint64_t seed) {
    if (!Held(a, b)) return;
    SCOPED_TRACE(Name(a, b) + ", " + SeedNote(seed));
    Random random(seed);
    const int height = Height(a, b);
    const int m_tiles = a.scale ? (256 + height - 1) / height : 1,
              n_tiles = b.scale ? 256 / kCols : 1;
    Builder builder(a, b, static_cast<uint32_t>(m_tiles), static_cast<uint32_t>(n_tiles), 1, 1);
    for (int i = 0; i < m_tiles; ++i) {
      for (int j = 0; j < n_tiles; ++j) {
        Lanes rows = {}, cols = {};
        for (int r = 0; r < height; ++r) {
          rows.code[r] = RandomCode(random, a.element);
          rows.scale[r] = static_cast<uint32_t>(height * i + r) % 256;
        }
        for (int c = 0; c < kCols; ++c) {
          cols.code[c] = RandomCode(random, b.element);
          cols.scale[c] = static_cast<uint32_t>(kCols * j + c);
        }
        builder.Step(rows, cols, true);
        builder.Scales(rows, cols);
        ExpectProducts(builder, a, b, rows, cols);
      }
    }
    Run(random, builder.call(), {});
  }

  static int RandomCode(Random& random, int element) {
    return static_cast<int>(random.Below(1u << kDefinitions[element].bits));
  }
};

TEST_F(MacArrayCodesTest, EveryPairOfCodesMultiplies) {
  for (int a = 0; a < kElements; ++a) {
    for (int b = 0; b < kElements; ++b) RunEveryPair({a, kNone}, {b, kNone}, false);
  }
}

TEST_F(MacArrayCodesTest, EveryPairOfCodesMultipliesInTheSecondStep) {
  for (int a = 0; a < kElements; ++a) {
    for (int b = 0; b < kElements; ++b) {
      if (IsFour(a) && IsFour(b)) RunEveryPair({a, kNone}, {b, kNone}, true);
    }
  }
}

// Codes 0, 1, 127, 253, 254 and 255 of the scales meet one another on every code of the elements:
// subnormal results, overflows, signed zeros and NaN among them.
TEST_F(MacArrayCodesTest, EveryPairOfCodesIsScaledToTheExtremes) {
  for (int a = 0; a < kElements; ++a) {
    for (int b = 0; b < kElements; ++b) RunEveryPair({a, kE8m0}, {b, kE8m0}, false);
  }
}

TEST_F(MacArrayCodesTest, EveryPairOfE8m0ScalesMultiplies) {
  uint64_t seed = 1;
  for (const int a : {kInt8, kE2m1, 5, 6, kE4m3, kE5m2})
    RunEveryScale({a, kE8m0}, {a, kE8m0}, ++seed);
  RunEveryScale({kE5m2, kE8m0}, {kE4m3, kNone}, 8);
  RunEveryScale({kInt8, kNone}, {kE2m1, kE8m0}, 9);
}

TEST_F(MacArrayCodesTest, EveryPairOfUe4m3ScalesMultiplies) {
  for (const int a : {kE2m1, kInt8, 2, 5}) {
    for (uint64_t seed = 1; seed <= 3; ++seed) RunEveryScale({a, kUe4m3}, {kE2m1, kUe4m3}, seed);
  }
}

// Scales of FP32: zeros, subnormals, the largest, negative ones and NaN, on every code of INT8.
TEST_F(MacArrayCodesTest, Fp32ScalesMultiplyEveryCode) {
  constexpr uint32_t kScales[] = {0x3F800000, 0x00000001, 0x007FFFFF, 0x00800000,
                                  0x7F7FFFFF, 0x80000000, 0x80000001, 0xFF7FFFFF,
                                  0x7FC00000, 0x3EAAAAAB, 0xBF7FFFFF, 0x00000000};
  for (const int element : {kInt8, kUint8, 2, kUint4, kE2m1, 5}) {
    const Operand a{kInt8, kNone}, b{element, kFp32};
    SCOPED_TRACE(Name(a, b));
    const int m_tiles = 256 / kRows, count = 1 << kDefinitions[element].bits;
    Builder builder(a, b, static_cast<uint32_t>(m_tiles), 12, 1, 1);
    Random random(5);
    for (int i = 0; i < m_tiles; ++i) {
      for (int j = 0; j < 12; ++j) {
        Lanes rows = {}, cols = {};
        for (int r = 0; r < kRows; ++r) rows.code[r] = kRows * i + r;
        for (int c = 0; c < kCols; ++c) {
          cols.code[c] = (5 * c + j) % count;
          cols.scale[c] = kScales[(c + j) % 12];
        }
        builder.Step(rows, cols, true);
        builder.Scales(rows, cols);
        ExpectProducts(builder, a, b, rows, cols);
      }
    }
    Run(random, builder.call(), {});
  }
}

// One NaN or infinity in one lane of one step: it reaches its row or column and no other.
TEST_F(MacArrayCodesTest, SpecialsReachTheirLaneOnly) {
  const struct {
    int element, code;
  } kSpecials[] = {{kE4m3, 0x7F}, {kE4m3, 0xFF}, {kE5m2, 0x7C}, {kE5m2, 0xFC},
                   {kE5m2, 0x7D}, {kE5m2, 0x7E}, {kE5m2, 0xFF}};
  constexpr int kSteps = 3;
  if (kLastElement < kE4m3) GTEST_SKIP() << "this array holds no element with NaN or infinity";
  for (const auto& special : kSpecials) {
    if (special.element > kLastElement) continue;
    for (const bool in_a : {true, false}) {
      SCOPED_TRACE(std::string(kDefinitions[special.element].name) + " code " +
                   std::to_string(special.code));
      const Operand operand{special.element, kE8m0};
      // 1.0, and a zero of either sign in two lanes of the other operand.
      const int one = special.element == kE4m3 ? 0x38 : 0x3C;
      const int lanes = in_a ? kRows : kCols;
      Builder builder(operand, operand, 1, static_cast<uint32_t>(lanes), kSteps, 1);
      for (int lane = 0; lane < lanes; ++lane) {
        Lanes step[kSteps][2];
        double sum[kCols][kRows] = {};
        for (int s = 0; s < kSteps; ++s) {
          for (int side = 0; side < 2; ++side) {
            for (int i = 0; i < 64; ++i) {
              step[s][side].code[i] = i == 3 ? 0 : i == 5 ? 0x80 : i % 2 ? one : 0x80 | one;
              step[s][side].scale[i] = 127;
            }
          }
          if (s == lane % kSteps) step[s][in_a ? 0 : 1].code[lane] = special.code;
          for (int c = 0; c < kCols; ++c) {
            for (int r = 0; r < kRows; ++r) {
              sum[c][r] += ElementValue(special.element, step[s][0].code[r]) *
                           ElementValue(special.element, step[s][1].code[c]);
            }
          }
          builder.Step(step[s][0], step[s][1], s == kSteps - 1);
        }
        builder.Scales(step[0][0], step[0][1]);
        for (int c = 0; c < kCols; ++c) {
          for (int r = 0; r < kRows; ++r)
            builder.Expect(Bits(0.0f + static_cast<float>(sum[c][r])));
        }
      }
      Random random(1);
      Run(random, builder.call(), {});
    }
  }
}

// An exact sum in units of 2^exponent to binary32 in one rounding: what is below 53 bits becomes
// their last one, which two roundings cannot tell from the exact value.
float RoundOnce(Wide sum, int exponent) {
  const bool negative = sum < 0;
  if (negative) sum = -sum;
  bool rest = false;
  while (sum >> 52) {
    rest |= sum & 1;
    sum >>= 1;
    ++exponent;
  }
  const double value =
      std::ldexp(static_cast<double>(static_cast<int64_t>(sum << 1 | rest)), exponent - 1);
  return static_cast<float>(negative ? -value : value);
}

// Every pair of codes once more, each somewhere in random blocks of numbers.
TEST_F(MacArrayCodesTest, EveryPairOfCodesInRandomBlocks) {
  Random random(11);
  for (int ea = 0; ea < kElements; ++ea) {
    for (int eb = 0; eb < kElements; ++eb) {
      const Operand a{ea, kE8m0}, b{eb, kE8m0};
      if (!Held(a, b)) continue;
      SCOPED_TRACE(Name(a, b));
      const int a_codes = 1 << kDefinitions[ea].bits, b_codes = 1 << kDefinitions[eb].bits;
      const int height = Height(a, b);
      const int m_tiles = (a_codes + height - 1) / height, n_tiles = (b_codes + kCols - 1) / kCols;
      const auto steps = static_cast<uint32_t>(random.Between(2, 33));
      constexpr uint32_t kBlocks = 2;
      Builder builder(a, b, static_cast<uint32_t>(m_tiles), static_cast<uint32_t>(n_tiles), steps,
                      kBlocks);
      const auto number = [&random](int element) {
        int code;
        do code = RandomCode(random, element);
        while (!std::isfinite(ElementValue(element, code)));
        return code;
      };
      for (int tile = 0; tile < m_tiles * n_tiles; ++tile) {
        static float acc[kCols][kAllRows];
        std::memset(acc, 0, sizeof acc);
        const uint64_t shown = random.Below(steps * kBlocks);
        for (uint32_t block = 0; block < kBlocks; ++block) {
          static Wide sum[kCols][kAllRows];
          static double special[kCols][kAllRows];
          std::memset(sum, 0, sizeof sum);
          std::memset(special, 0, sizeof special);
          Lanes rows = {}, cols = {};
          for (uint32_t step = 0; step < steps; ++step) {
            const bool show = block * steps + step == shown;
            for (int r = 0; r < height; ++r) {
              rows.code[r] = show ? (height * (tile / n_tiles) + r) % a_codes : number(ea);
              rows.scale[r] = static_cast<uint32_t>(random.Between(110, 144));
            }
            for (int c = 0; c < kCols; ++c) {
              cols.code[c] = show ? (kCols * (tile % n_tiles) + c) % b_codes : number(eb);
              cols.scale[c] = static_cast<uint32_t>(random.Between(110, 144));
            }
            for (int c = 0; c < kCols; ++c) {
              const double y = std::ldexp(ElementValue(eb, cols.code[c]), -Lsb(eb));
              for (int r = 0; r < height; ++r) {
                const double x = std::ldexp(ElementValue(ea, rows.code[r]), -Lsb(ea));
                if (std::isfinite(x) && std::isfinite(y)) {
                  sum[c][r] += static_cast<Wide>(x) * static_cast<Wide>(y);
                } else {
                  special[c][r] += x * y;
                }
              }
            }
            builder.Step(rows, cols, step + 1 == steps);
          }
          builder.Scales(rows, cols);
          for (int c = 0; c < kCols; ++c) {
            for (int r = 0; r < height; ++r) {
              const int exponent = Lsb(ea) + Lsb(eb) + static_cast<int>(rows.scale[r]) +
                                   static_cast<int>(cols.scale[c]) - 254;
              acc[c][r] += special[c][r] == 0 ? RoundOnce(sum[c][r], exponent)
                                              : static_cast<float>(special[c][r]);
            }
          }
        }
        for (int c = 0; c < kCols; ++c) {
          for (int r = 0; r < height; ++r) builder.Expect(Bits(acc[c][r]));
        }
      }
      Run(random, builder.call(), {90, 90, 90, 90, 95});
      if (HasFailure()) return;
    }
  }
}

}  // namespace
