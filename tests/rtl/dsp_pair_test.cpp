// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_dsp_pair.v on port-accurate DSP48E2: packed products taken apart exactly. Windows of operands
// go in as the datapath sends them; the four sums of every group come out, and are compared with
// plain integers. The window's 16 groups are 16 pairs of columns.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "Vdsp_pair.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Random;

constexpr int kPlaces = 16;
constexpr int kGroups = 16;

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

  // 17 bits of row operands: row 1 in units of 2^18, row 0.
  static uint32_t Rows(bool split, int row0, int row1) {
    return (static_cast<uint32_t>(split ? 16 * row1 : row1) & 0x1FF) << 8 |
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

}  // namespace
