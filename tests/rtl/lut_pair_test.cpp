// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng_lut_pair.v, with all that feeds it, beside ng_dsp_pair.v: windows of nibbles go to both as the
// datapath sends them, one word a cycle or with gaps. Both must show the same sums in every cycle,
// and those of every group are compared with plain integers.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <functional>
#include <vector>

#include "Vlut_pair.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Random;

constexpr int kPlaces = 16;
constexpr int kGroups = 16;
constexpr int kRead = 12;  // cycles from a pass's begin to read_i of its first group
constexpr int kSum = 14;   // to its sums
constexpr int kLate = 28;  // to late_read_i, when they leave the accumulators
constexpr int kSigns = 5;  // cycles of column operands that are kept for their signs

constexpr int kE2m1[] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
int Int4(int code) { return code - 8; }
int E2m1(int code) { return kE2m1[code]; }
using Decode = int (*)(int);

struct Window {
  int8_t a[kPlaces][2][2] = {};           // place, step, row
  int8_t b[kGroups][kPlaces][2][2] = {};  // group, place, step, column
  bool first = true, last = true;         // of its block
};

using Sums = std::array<std::array<int64_t, 4>, kGroups>;

void Add(const Window& w, Sums& sums) {
  for (size_t g = 0; g < kGroups; ++g) {
    for (int p = 0; p < kPlaces; ++p) {
      for (int step = 0; step < 2; ++step) {
        for (size_t i = 0; i < 4; ++i) sums[g][i] += w.a[p][step][i / 2] * w.b[g][p][step][i % 2];
      }
    }
  }
}

struct Manners {
  int word_rate = 100, enable_rate = 100;
};

class LutPairTest : public ::testing::Test {
 protected:
  LutPairTest() {
    context_.randReset(2);
    dut_ = std::make_unique<Vlut_pair>(&context_);
    dut_->clk_i = 0;
    dut_->eval();
  }
  ~LutPairTest() override { dut_->final(); }

  void Edge() {
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }

  static uint32_t Operand(const int8_t b[2]) {
    return static_cast<uint32_t>(b[0] + b[1] * 2048) & 0x3FFFF;
  }

  static void Put(WData* words, int bit, int width, uint32_t value) {
    for (int i = 0; i < width; ++i) {
      const uint32_t mask = 1u << (bit + i) % 32;
      words[(bit + i) / 32] = (words[(bit + i) / 32] & ~mask) | ((value >> i & 1) ? mask : 0);
    }
  }

  static uint64_t Rows(const int8_t a[2]) {
    return uint64_t{static_cast<uint32_t>(16 * a[1]) & 0x1FF} << 25 |
           (static_cast<uint32_t>(a[0]) & 0xFF);
  }

  // {sign, magnitude} of step 1 row 1, step 1 row 0, …; a zero has any sign.
  static uint32_t Sizes(Random& random, const int8_t a[2][2]) {
    uint32_t sizes = 0;
    for (int i = 0; i < 4; ++i) {
      const int value = a[i / 2][i % 2];
      const bool negative = value == 0 ? random.Chance(50) : value < 0;
      sizes |= static_cast<uint32_t>(std::abs(value) | negative << 4) << 5 * i;
    }
    return sizes;
  }

  struct Pass {
    const Window* window;
    int64_t begin;
    Sums sums;
  };

  // Runs `count` windows, the first of which begins a block. The columns' operands outside of
  // passes are of format `b`.
  void Run(Random& random, size_t count, const std::function<void(size_t, Window&)>& fill, Decode b,
           const Manners& manners) {
    std::deque<Window> windows;  // those that are loaded or pass
    std::deque<Pass> passes;
    size_t loaded = 0;
    int place = 0;
    Sums sums = {};
    std::array<std::array<uint32_t, 2 * kPlaces>, kSigns> operands =
        {};  // of this cycle and those before
    int64_t idle = 0;
    for (int64_t t = 0; idle < kLate + kGroups + 8; ++t, ++idle) {
      while (!random.Chance(manners.enable_rate)) {
        // Nothing moves, whatever the operands are.
        dut_->ce_i = 0;
        dut_->load_i = dut_->take_i = 0;
        dut_->restart_i = 0;
        dut_->write_i = static_cast<CData>(random.Below(2));
        dut_->read_i = static_cast<CData>(random.Below(16));
        Edge();
      }
      dut_->ce_i = 1;
      // One word of a window.
      dut_->load_i = 0;
      dut_->a_i = static_cast<IData>(random.Below(1 << 20));
      int64_t begins = -1;
      if (loaded < count && random.Chance(manners.word_rate)) {
        if (place == 0) {
          windows.emplace_back();
          fill(loaded, windows.back());
        }
        const auto& a = windows.back().a[place];
        dut_->load_i = static_cast<SData>(1 << place);
        dut_->a_even_i = Rows(a[0]);
        dut_->a_odd_i = Rows(a[1]);
        dut_->a_i = Sizes(random, a);
        if (++place == kPlaces) {
          place = 0;
          ++loaded;
          begins = t + 1;
        }
      }
      // Passes over the columns.
      for (size_t i = kSigns - 1; i > 0; --i) operands[i] = operands[i - 1];
      for (uint32_t& operand : operands[0]) {
        const int8_t pair[2] = {static_cast<int8_t>(b(static_cast<int>(random.Below(16)))),
                                static_cast<int8_t>(b(static_cast<int>(random.Below(16))))};
        operand = Operand(pair);
      }
      uint32_t take = 0;
      dut_->restart_i = dut_->write_i = 0;
      dut_->read_i = static_cast<CData>(random.Below(16));
      int late = -1;
      const Pass* shown = nullptr;
      for (const Pass& pass : passes) {
        const int64_t since = t - pass.begin;
        for (int p = 0; p < kPlaces; ++p) {
          const int64_t g = since - p % 8;
          if (g < 0 || g >= kGroups) continue;
          take |= static_cast<uint32_t>(g == 0) << p;
          for (size_t step = 0; step < 2; ++step) {
            operands[0][2 * static_cast<size_t>(p) + step] = Operand(pass.window->b[g][p][step]);
          }
        }
        if (since >= kRead && since < kRead + kGroups) {
          dut_->read_i = static_cast<CData>(since - kRead);
          dut_->restart_i = pass.window->first;
        }
        if (since >= kSum && since < kSum + kGroups) {
          dut_->write_i = 1;
          dut_->group_i = static_cast<CData>(since - kSum);
          shown = &pass;
        }
        if (pass.window->last && since >= kLate && since < kLate + kGroups)
          late = static_cast<int>(since - kLate);
      }
      dut_->late_read_i = late >= 0 ? static_cast<CData>(late) : dut_->read_i;
      dut_->take_i = static_cast<SData>(take);
      for (size_t i = 0; i < 2 * kPlaces; ++i) {
        Put(i % 2 ? dut_->b_odd_i.data() : dut_->b_even_i.data(), 18 * static_cast<int>(i / 2), 18,
            operands[0][i]);
      }
      uint32_t signs[2] = {};
      for (size_t i = 0; i < 6; ++i) {
        for (size_t step = 0; step < 2; ++step) {
          const uint32_t operand = operands[4 - i % 3][2 * ((i < 3 ? 5 : 10) + i) + step];
          signs[step] |= ((operand >> 17 & 1) << 1 | (operand >> 10 & 1)) << 2 * i;
        }
      }
      dut_->b_even_signs_i = static_cast<SData>(signs[0]);
      dut_->b_odd_signs_i = static_cast<SData>(signs[1]);
      dut_->eval();
      Compare(t, passes, shown);
      if (HasFailure()) return;
      Edge();
      if (begins >= 0) {
        const Window& window = windows.back();
        if (window.first) sums = {};
        Add(window, sums);
        passes.push_back({&window, begins, sums});
      }
      if (!passes.empty() && t - passes.front().begin > kLate + kGroups + 2) {
        passes.pop_front();
        windows.pop_front();
      }
      if (loaded < count || begins >= 0) idle = 0;
    }
    ASSERT_TRUE(passes.empty());
    ASSERT_EQ(loaded, count);
  }

  void Compare(int64_t t, const std::deque<Pass>& passes, const Pass* shown) {
    // The groups' memories hold anything until a block has passed.
    if (written_ && std::memcmp(dut_->lut_sums_o.data(), dut_->dsp_sums_o.data(), 32) != 0) {
      ADD_FAILURE() << "cycle " << t << ": the sums are not those of the DSPs";
    }
    if (shown) {
      const auto g = static_cast<size_t>(t - shown->begin - kSum);
      for (size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(static_cast<int32_t>(dut_->lut_sums_o[i]), shown->sums[g][i])
            << "group " << g << ", sum " << i;
        if (i % 2 == 1) continue;  // later, if they are read late
        EXPECT_EQ(static_cast<int32_t>(dut_->lut_sums_o[4 + i]), shown->sums[g][i]);
      }
      ++compared_;
      if (g == kGroups - 1) warm_ = t;
    }
    for (const Pass& pass : passes) {
      const int64_t g = t - pass.begin - kLate - 2;
      if (!pass.window->last || g < 0 || g >= kGroups) continue;
      for (const size_t i : {1u, 3u}) {
        EXPECT_EQ(static_cast<int32_t>(dut_->lut_sums_o[4 + i]),
                  pass.sums[static_cast<size_t>(g)][i])
            << "late";
      }
    }
    // Four cycles until what came of the memories before is gone.
    if (warm_ >= 0 && t > warm_ + 4) written_ = true;
  }

  // Every operand of rows 0 and 1 with every pair of columns 0 and 1, all with all: alone in its
  // window, each time at another place, or at all places.
  void Exhaust(Decode a, Decode b, bool all, uint64_t seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const auto fill = [&](size_t index, Window& w) {
      const auto rows = static_cast<int>(index / 16),
                 first = static_cast<int>(index % 16) * kGroups;
      for (int p = 0; p < kPlaces; ++p) {
        for (int step = 0; step < 2; ++step) {
          if (!all && (p != rows % kPlaces || step != (rows / kPlaces + first / kGroups) % 2))
            continue;
          w.a[p][step][0] = static_cast<int8_t>(a(rows % 16));
          w.a[p][step][1] = static_cast<int8_t>(a(rows / 16));
          for (int g = 0; g < kGroups; ++g) {
            w.b[g][p][step][0] = static_cast<int8_t>(b((first + g) % 16));
            w.b[g][p][step][1] = static_cast<int8_t>(b((first + g) / 16));
          }
        }
      }
    };
    Run(random, 4096, fill, b, {seed % 2 ? 100 : 90, seed % 3 ? 100 : 95});
    EXPECT_EQ(compared_, 4096u * kGroups);
  }

  VerilatedContext context_;
  std::unique_ptr<Vlut_pair> dut_;
  bool written_ = false;
  int64_t warm_ = -1;
  size_t compared_ = 0;
};

TEST_F(LutPairTest, EveryInt4OperandWithEveryNeighbourIsExact) { Exhaust(Int4, Int4, false, 1); }
TEST_F(LutPairTest, EveryInt4OperandAtAllPlacesIsExact) { Exhaust(Int4, Int4, true, 2); }
TEST_F(LutPairTest, EveryE2m1OperandWithEveryNeighbourIsExact) { Exhaust(E2m1, E2m1, false, 3); }
TEST_F(LutPairTest, EveryE2m1OperandAtAllPlacesIsExact) { Exhaust(E2m1, E2m1, true, 4); }
TEST_F(LutPairTest, EveryInt4RowWithEveryE2m1ColumnIsExact) { Exhaust(Int4, E2m1, false, 5); }
TEST_F(LutPairTest, EveryInt4RowWithEveryE2m1ColumnAtAllPlacesIsExact) {
  Exhaust(Int4, E2m1, true, 6);
}
TEST_F(LutPairTest, EveryE2m1RowWithEveryInt4ColumnIsExact) { Exhaust(E2m1, Int4, false, 7); }
TEST_F(LutPairTest, EveryE2m1RowWithEveryInt4ColumnAtAllPlacesIsExact) {
  Exhaust(E2m1, Int4, true, 8);
}

// Sums at the ends of their range and near them, in every combination of signs.
TEST_F(LutPairTest, ExtremeSumsAreExact) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const bool a_e2m1 = seed % 2, b_e2m1 = seed / 2 % 2;
    const auto extreme = [&random](bool e2m1, bool negative) {
      const int largest = e2m1 ? 12 : negative ? 8 : 7;
      const auto value = static_cast<int8_t>(negative ? -largest : largest);
      return random.Chance(2) ? static_cast<int8_t>(value / 2) : value;
    };
    const auto fill = [&](size_t index, Window& w) {
      const auto signs = random.Below(4);
      w.first = index % 3 == 0;
      w.last = index % 3 == 2 || index == 29;
      for (int p = 0; p < kPlaces; ++p) {
        for (int step = 0; step < 2; ++step) {
          const bool flip = random.Chance(50);  // both operands' signs: the product keeps its own
          for (int i = 0; i < 2; ++i) {
            w.a[p][step][i] = extreme(a_e2m1, flip != static_cast<bool>(signs >> i & 1));
            for (int g = 0; g < kGroups; ++g) {
              w.b[g][p][step][i] = extreme(b_e2m1, flip != static_cast<bool>(g >> i & 1));
            }
          }
        }
      }
    };
    Run(random, 30, fill, b_e2m1 ? E2m1 : Int4, {});
    if (HasFailure()) return;
  }
}

// Blocks of some windows, words with gaps and stalls.
TEST_F(LutPairTest, RandomWindowsAddUpUnderStalls) {
  for (uint64_t seed = 101; seed <= 160; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const Decode a = seed % 2 ? E2m1 : Int4, b = seed / 2 % 2 ? E2m1 : Int4;
    bool ended = true;
    const size_t count = 40;
    const auto fill = [&](size_t index, Window& w) {
      w.first = ended;
      w.last = ended = index + 1 == count || random.Chance(40);
      const auto value = [&random](Decode decode) {
        return static_cast<int8_t>(decode(static_cast<int>(random.Below(16))));
      };
      for (int p = 0; p < kPlaces; ++p) {
        for (int i = 0; i < 4; ++i) w.a[p][i / 2][i % 2] = value(a);
        for (int g = 0; g < kGroups; ++g) {
          for (int i = 0; i < 4; ++i) w.b[g][p][i / 2][i % 2] = value(b);
        }
      }
    };
    const int word_rates[] = {100, 95, 50}, enable_rates[] = {100, 97, 60, 80};
    Run(random, count, fill, b, {word_rates[seed % 3], enable_rates[seed % 4]});
    if (HasFailure()) return;
  }
}

}  // namespace
