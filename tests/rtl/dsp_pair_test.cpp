// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_pair.v on port-accurate DSP48E2: packed products taken apart exactly. Windows of operands
// go in as the datapath sends them; the four sums of every group come out, and are compared with
// plain integers. The window's 16 groups are 16 pairs of columns; of wide operands 32 columns.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "Vdsp_pair.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Random;

constexpr int kPlaces = 16;
constexpr int kGroups = 16;
constexpr int kColumns = 32;  // of wide operands

// One window: nibbles have two steps a place, bytes one.
struct Window {
  int a[kPlaces][2][2];           // place, step, row
  int b[kGroups][kPlaces][2][2];  // group, place, step, column
};

using Sums = std::array<std::array<int64_t, 4>, kGroups>;

class DspPairTest : public ::testing::Test {
 protected:
  DspPairTest() {
    context_.randReset(2);
    dut_ = std::make_unique<Vdsp_pair>(&context_);
    dut_->clk_i = 0;
    dut_->ce_i = 1;
    dut_->eval();
  }
  ~DspPairTest() override { dut_->final(); }

  static uint32_t Operand(bool split, int low, int high) {
    return static_cast<uint32_t>(split ? low + high * 2048 : low) & 0x3FFFF;
  }

  // 34 bits of row operands: row 1 in units of 2^18, nothing below, row 0.
  static uint64_t Rows(bool split, int row0, int row1) {
    return uint64_t{static_cast<uint32_t>(split ? 16 * row1 : row1) & 0x1FF} << 25 |
           (static_cast<uint32_t>(row0) & 0xFF);
  }

  static void Put(WData* words, int bit, int width, uint32_t value) {
    for (int i = 0; i < width; ++i) {
      const uint32_t mask = 1u << (bit + i) % 32;
      words[(bit + i) / 32] = (words[(bit + i) / 32] & ~mask) | ((value >> i & 1) ? mask : 0);
    }
  }

  // The column operands of place p in cycle t of the pass; 0 before and after it.
  uint32_t ColumnAt(const Window& w, bool split, bool odd, int p, int t) const {
    const int group = t - (split ? p % 8 : p);
    if (group < 0 || group >= kGroups) return 0;
    const auto& b = w.b[group][p];
    if (split) return Operand(true, b[odd][0], b[odd][1]);
    return Operand(false, b[0][odd], 0);
  }

  // One pass of the window over its groups; `first` starts the groups' sums again. Gives what
  // sums_o shows.
  Sums Pass(const Window& w, bool split, bool first) {
    for (int p = 0; p < kPlaces; ++p) {
      dut_->split_i = split;
      dut_->wide_i = 0;
      dut_->b_low_i = 0;
      dut_->load_i = static_cast<SData>(1 << p);
      dut_->take_i = 0;
      dut_->write_i = 0;
      dut_->restart_i = 0;
      dut_->a_even_i = Rows(split, w.a[p][0][0], w.a[p][0][1]);
      dut_->a_odd_i = Rows(split, w.a[p][split][0], w.a[p][split][1]);
      Edge();
    }
    dut_->load_i = 0;
    const int latency = split ? 14 : 20;
    Sums sums;
    for (int t = 0; t < kGroups + latency; ++t) {
      uint32_t take = 0;
      for (int p = 0; p < kPlaces; ++p) {
        if (t == (split ? p % 8 : p)) take |= 1u << p;
        for (const bool odd : {false, true}) {
          Put(odd ? dut_->b_odd_i.data() : dut_->b_even_i.data(), 18 * p, 18,
              ColumnAt(w, split, odd, p, t));
        }
      }
      dut_->take_i = static_cast<SData>(take);
      dut_->b_even_bit_i = LateBits(w, split, false, t);
      dut_->b_odd_bit_i = LateBits(w, split, true, t);
      dut_->b_even_signs_i = LateSigns(w, split, false, t);
      dut_->b_odd_signs_i = LateSigns(w, split, true, t);
      const int read = t - latency + 2, write = t - latency;
      dut_->read_i = static_cast<CData>(read & 15);
      dut_->restart_i = first && read >= 0;
      dut_->write_i = write >= 0;
      dut_->group_i = static_cast<CData>(write & 15);
      dut_->eval();
      if (write >= 0) {
        for (int i = 0; i < 4; ++i) {
          sums[static_cast<size_t>(write)][static_cast<size_t>(i)] =
              static_cast<int32_t>(dut_->sums_o[i]);
        }
      }
      Edge();
    }
    return sums;
  }

  // One pass of a window of wide operands over 32 columns, added to what the groups have unless it
  // is the first one. Gives {column, row} after it.
  using WideSums = std::vector<std::array<int64_t, 2>>;
  struct WideWindow {
    int x[kPlaces][2];         // place, row
    int y[kPlaces][kColumns];  // place, column
  };

  WideSums WidePass(const WideWindow& w, bool first) {
    constexpr int kLatency = 20;
    const auto column = [&w](int place, int t) {
      return t >= 0 && t < kColumns ? w.y[place][t] : 0;
    };
    dut_->split_i = 0;
    dut_->wide_i = 1;
    WideSums sums(kColumns);
    for (int t = -1; t < kColumns + kLatency; ++t) {
      const auto place = [](int p) {
        return static_cast<SData>(p >= 0 && p < kPlaces ? 1 << p : 0);
      };
      dut_->load_i = place(t + 1);
      dut_->take_i = place(t);
      dut_->c_take_i = place(t - 1);
      const auto row = [&w](int p, int r) { return p >= 0 && p < kPlaces ? w.x[p][r] : 77; };
      const auto bits = [](int x, int width) {
        return static_cast<uint64_t>(x) & ((1ull << width) - 1);
      };
      dut_->a_even_i = bits(row(t + 1, 0), 26) << 8;
      dut_->a_odd_i = bits(row(t + 1, 1), 26) << 8;
      dut_->c_even_i = static_cast<IData>(bits(row(t - 1, 0), 19));
      dut_->c_odd_i = static_cast<IData>(bits(row(t - 1, 1), 19));
      uint32_t low = 0;
      for (int p = 0; p < kPlaces; ++p) {
        const auto half = static_cast<uint32_t>(column(p, t - p) >> 1) & 0x3FFFF;
        Put(dut_->b_even_i.data(), 18 * p, 18, half);
        Put(dut_->b_odd_i.data(), 18 * p, 18, half);
        low |= static_cast<uint32_t>(column(p, t - p - 1) & 1) << p;
      }
      dut_->b_low_i = static_cast<SData>(low);
      const int read = t - kLatency + 2, write = t - kLatency;
      dut_->read_i = static_cast<CData>(read & 31);
      dut_->restart_i = first && read >= 0;
      dut_->write_i = write >= 0;
      dut_->group_i = static_cast<CData>(write & 31);
      dut_->eval();
      if (write >= 0) {
        for (int r = 0; r < 2; ++r) {
          // 68 bits of each row: 32 below 2^18 and what they carry, then 36 from 2^18 on.
          const auto bit = [&](int i) {
            return dut_->wides_o[(68 * r + i) / 32] >> (68 * r + i) % 32 & 1;
          };
          int64_t below = 0, rest = 0;
          for (int i = 0; i < 32; ++i) below |= int64_t{bit(i)} << i;
          for (int i = 0; i < 36; ++i) rest |= int64_t{bit(32 + i)} << i;
          if (rest >> 35) rest -= int64_t{1} << 36;
          sums[static_cast<size_t>(write)][static_cast<size_t>(r)] = below + rest * (1 << 18);
        }
      }
      Edge();
    }
    return sums;
  }

  static void Add(const WideWindow& w, WideSums& sums) {
    for (int c = 0; c < kColumns; ++c) {
      for (int p = 0; p < kPlaces; ++p) {
        for (int r = 0; r < 2; ++r) {
          sums[static_cast<size_t>(c)][static_cast<size_t>(r)] += int64_t{w.x[p][r]} * w.y[p][c];
        }
      }
    }
  }

  SData LateBits(const Window& w, bool split, bool odd, int t) const {
    uint32_t bits = 0;
    for (int p = 0; p < kPlaces; ++p) bits |= (ColumnAt(w, split, odd, p, t - 2) & 1) << p;
    return static_cast<SData>(bits);
  }

  SData LateSigns(const Window& w, bool split, bool odd, int t) const {
    uint32_t bits = 0;
    for (int i = 0; i < 6; ++i) {
      const uint32_t b = ColumnAt(w, split, odd, (i < 3 ? 5 : 10) + i, t - 4 + i % 3);
      bits |= ((b >> 17 & 1) << 1 | (b >> 10 & 1)) << 2 * i;
    }
    return static_cast<SData>(bits);
  }

  static Sums Expected(const Window& w, bool split) {
    Sums sums = {};
    for (int g = 0; g < kGroups; ++g) {
      for (int p = 0; p < kPlaces; ++p) {
        for (int step = 0; step < (split ? 2 : 1); ++step) {
          for (int i = 0; i < 4; ++i) {
            sums[static_cast<size_t>(g)][static_cast<size_t>(i)] +=
                w.a[p][step][i / 2] * w.b[g][p][step][i % 2];
          }
        }
      }
    }
    return sums;
  }

  // Whether the window's pass gives exactly its sums.
  bool Exact(const Window& w, bool split) {
    if (Pass(w, split, true) == Expected(w, split)) return true;
    ADD_FAILURE() << (split ? "nibbles" : "bytes") << ": a sum differs";
    return false;
  }

  void Edge() {
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }

  VerilatedContext context_;
  std::unique_ptr<Vdsp_pair> dut_;
};

// Every 4-bit operand of rows 0 and 1 with every pair of columns 0 and 1, -8 included: 65,536
// products of packed operands, each with all its neighbours, alone in its window.
TEST_F(DspPairTest, EveryInt4OperandWithEveryNeighbourIsExact) {
  for (int rows = 0; rows < 256; ++rows) {
    for (int first = 0; first < 256; first += kGroups) {
      Window w = {};
      const int place = rows % kPlaces, step = rows / kPlaces % 2;
      w.a[place][step][0] = rows % 16 - 8;
      w.a[place][step][1] = rows / 16 - 8;
      for (int g = 0; g < kGroups; ++g) {
        w.b[g][place][step][0] = (first + g) % 16 - 8;
        w.b[g][place][step][1] = (first + g) / 16 - 8;
      }
      if (!Exact(w, true)) return;
    }
  }
}

// The same four operands at all places: the largest sums of every sign in every lane at once.
TEST_F(DspPairTest, EveryInt4OperandAtAllPlacesIsExact) {
  for (int rows = 0; rows < 256; ++rows) {
    for (int first = 0; first < 256; first += kGroups) {
      Window w = {};
      for (int p = 0; p < kPlaces; ++p) {
        for (int step = 0; step < 2; ++step) {
          w.a[p][step][0] = rows % 16 - 8;
          w.a[p][step][1] = rows / 16 - 8;
          for (int g = 0; g < kGroups; ++g) {
            w.b[g][p][step][0] = (first + g) % 16 - 8;
            w.b[g][p][step][1] = (first + g) / 16 - 8;
          }
        }
      }
      if (!Exact(w, true)) return;
    }
  }
}

constexpr int kE2m1[] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

TEST_F(DspPairTest, EveryE2m1OperandAtAllPlacesIsExact) {
  for (int rows = 0; rows < 256; ++rows) {
    for (int first = 0; first < 256; first += kGroups) {
      Window w = {};
      for (int p = 0; p < kPlaces; ++p) {
        for (int step = 0; step < 2; ++step) {
          w.a[p][step][0] = kE2m1[rows % 16];
          w.a[p][step][1] = kE2m1[rows / 16];
          for (int g = 0; g < kGroups; ++g) {
            w.b[g][p][step][0] = kE2m1[(first + g) % 16];
            w.b[g][p][step][1] = kE2m1[(first + g) / 16];
          }
        }
      }
      if (!Exact(w, true)) return;
    }
  }
}

// Sums of eight products at the ends of their range, where 11 bits do not tell the sign, in every
// combination of signs of the four lanes: all products 144 but for a few smaller ones.
TEST_F(DspPairTest, SumsNearTheEndsOfTheirLanesAreExact) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const int changes = static_cast<int>(seed % 5);  // of 16 places and two steps
    Window w;
    const int a0 = random.Chance(50) ? 12 : -12, a1 = random.Chance(50) ? 12 : -12;
    for (int p = 0; p < kPlaces; ++p) {
      for (int step = 0; step < 2; ++step) {
        const bool flip = random.Chance(50);  // both operands' signs: the product keeps its own
        w.a[p][step][0] = flip ? -a0 : a0;
        w.a[p][step][1] = flip ? -a1 : a1;
        for (int g = 0; g < kGroups; ++g) {
          for (int c = 0; c < 2; ++c) {
            const int sign = (g >> c & 1) ? 12 : -12;
            w.b[g][p][step][c] = flip ? -sign : sign;
          }
        }
      }
    }
    for (int g = 0; g < kGroups; ++g) {
      for (int i = 0; i < changes; ++i) {
        auto& b = w.b[g][random.Below(kPlaces)][random.Below(2)][random.Below(2)];
        b = kE2m1[random.Below(16)];
      }
    }
    for (int i = 0; i < (seed % 3 == 0 ? 2 : 0); ++i) {
      w.a[random.Below(kPlaces)][random.Below(2)][random.Below(2)] = kE2m1[random.Below(16)];
    }
    if (!Exact(w, true)) return;
  }
}

TEST_F(DspPairTest, RandomNibblesOfMixedFormatsAreExact) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const bool a_e2m1 = seed % 2, b_e2m1 = seed / 2 % 2;
    const auto value = [&random](bool e2m1) {
      const auto code = random.Below(16);
      return e2m1 ? kE2m1[code] : static_cast<int>(code) - 8;
    };
    Window w;
    for (int p = 0; p < kPlaces; ++p) {
      for (int i = 0; i < 4; ++i) w.a[p][i / 2][i % 2] = value(a_e2m1);
      for (int g = 0; g < kGroups; ++g) {
        for (int i = 0; i < 4; ++i) w.b[g][p][i / 2][i % 2] = value(b_e2m1);
      }
    }
    if (!Exact(w, true)) return;
  }
}

// Every byte of column 0 with every byte of row 0 and the corners of row 1 beside it, at one place
// and at all 16 (the cascade's whole length).
TEST_F(DspPairTest, EveryByteWithCornerNeighboursIsExact) {
  constexpr int kCorners[] = {-128, -127, -1, 0, 1, 127};
  for (const int neighbour : kCorners) {
    for (int a = -128; a < 128; ++a) {
      for (int first = -128; first < 128; first += kGroups) {
        const bool all = (a + first / kGroups) % 2 == 0;
        Window w = {};
        for (int p = all ? 0 : (a & 15); p < (all ? kPlaces : (a & 15) + 1); ++p) {
          w.a[p][0][0] = a;
          w.a[p][0][1] = neighbour;
          for (int g = 0; g < kGroups; ++g) {
            w.b[g][p][0][0] = first + g;
            w.b[g][p][0][1] = kCorners[(g + a + 128) % 6];
          }
        }
        if (!Exact(w, false)) return;
        for (int p = 0; p < kPlaces; ++p) std::swap(w.a[p][0][0], w.a[p][0][1]);
        if (!Exact(w, false)) return;
      }
    }
  }
}

// Random bytes and corners, and groups that add up over several windows, modes changing between.
TEST_F(DspPairTest, RandomBytesAddUpOverWindows) {
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const bool split = seed % 5 == 0;
    const auto value = [&] {
      if (split) return kE2m1[random.Below(16)];
      if (seed % 3 == 0) return random.Chance(50) ? -128 : 127;
      if (seed % 7 == 0) return -128;
      return static_cast<int>(random.Below(256)) - 128;
    };
    Sums wanted = {};
    const int windows = 1 + static_cast<int>(seed % 4);
    for (int i = 0; i < windows; ++i) {
      Window w;
      for (int p = 0; p < kPlaces; ++p) {
        for (int j = 0; j < 4; ++j) w.a[p][j / 2][j % 2] = value();
        for (int g = 0; g < kGroups; ++g) {
          for (int j = 0; j < 4; ++j) w.b[g][p][j / 2][j % 2] = value();
        }
      }
      const Sums part = Expected(w, split);
      for (size_t g = 0; g < kGroups; ++g) {
        for (size_t j = 0; j < 4; ++j) wanted[g][j] += part[g][j];
      }
      ASSERT_EQ(Pass(w, split, i == 0), wanted) << "window " << i;
    }
  }
}

// Every E4M3 number in units of 2^-9, by code.
int E4m3(int code) {
  const int exponent = code >> 3 & 15, mantissa = code & 7;
  const int magnitude = exponent ? (8 + mantissa) << (exponent - 1) : mantissa;
  return code & 0x80 ? -magnitude : magnitude;
}

bool IsNan(int code) { return (code & 0x7F) == 0x7F; }

// Every finite E4M3 operand with every other one, at one place and at all 16.
TEST_F(DspPairTest, EveryE4m3ProductIsExact) {
  std::vector<int> numbers;
  for (int code = 0; code < 256; ++code) {
    if (!IsNan(code)) numbers.push_back(E4m3(code));
  }
  ASSERT_EQ(*std::max_element(numbers.begin(), numbers.end()), 448 * 512);
  for (size_t x = 0; x < numbers.size(); ++x) {
    for (size_t first = 0; first < numbers.size(); first += kColumns) {
      const bool all = (x + first / kColumns) % 2 == 0;
      WideWindow w = {};
      for (size_t p = all ? 0 : x % kPlaces; p < (all ? kPlaces : x % kPlaces + 1); ++p) {
        w.x[p][0] = numbers[x];
        w.x[p][1] = numbers[(x + 7 * p + 1) % numbers.size()];
        for (size_t c = 0; c < kColumns; ++c) w.y[p][c] = numbers[(first + c) % numbers.size()];
      }
      WideSums wanted(kColumns);
      Add(w, wanted);
      ASSERT_EQ(WidePass(w, true), wanted) << "x " << numbers[x] << ", y from " << numbers[first];
    }
  }
}

// As many windows as the longest block has, of the largest products of either sign.
TEST_F(DspPairTest, TheLongestBlockOfTheLargestE4m3ProductsIsExact) {
  constexpr int kLargest = 448 * 512, kWindows = (1 << 17) / kPlaces;
  WideWindow w;
  for (int p = 0; p < kPlaces; ++p) {
    w.x[p][0] = kLargest;
    w.x[p][1] = -kLargest;
    for (int& y : w.y[p]) y = kLargest;
  }
  WideSums sums;
  for (int i = 0; i < kWindows; ++i) sums = WidePass(w, i == 0);
  for (const auto& sum : sums) {
    ASSERT_EQ(sum[0], (int64_t{1} << 17) * kLargest * kLargest);
    ASSERT_EQ(sum[1], -sum[0]);
  }
}

// All 19 bits of both operands, over windows, with passes of bytes and nibbles between them.
TEST_F(DspPairTest, RandomWideOperandsAddUpOverWindows) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const auto value = [&] {
      constexpr int kLimit = 1 << 18;
      if (seed % 4 == 0) return random.Chance(50) ? -kLimit : kLimit - 1;
      return static_cast<int>(random.Below(2 * kLimit)) - kLimit;
    };
    WideSums wanted(kColumns);
    const int windows = 1 + static_cast<int>(seed % 5);
    for (int i = 0; i < windows; ++i) {
      WideWindow w;
      for (auto& place : w.x) {
        for (int& x : place) x = value();
      }
      for (auto& place : w.y) {
        for (int& y : place) y = value();
      }
      Add(w, wanted);
      ASSERT_EQ(WidePass(w, i == 0), wanted) << "window " << i;
    }
    Window narrow;
    for (auto& place : narrow.a) {
      for (int i = 0; i < 4; ++i) place[i / 2][i % 2] = static_cast<int>(random.Below(16)) - 8;
    }
    for (auto& group : narrow.b) {
      for (auto& place : group) {
        for (int i = 0; i < 4; ++i) place[i / 2][i % 2] = static_cast<int>(random.Below(16)) - 8;
      }
    }
    if (!Exact(narrow, seed % 2 == 0)) return;
  }
}

}  // namespace
