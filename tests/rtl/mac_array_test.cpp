// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// mac_array.v against its C++ model, word for word, in every class of product. Built once per
// geometry: NG_TILE_ROWS and NG_TILE_COLS set both sides.
#include "mac_array.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "Vmac_array_dut.h"
#include "formats/formats.hpp"
#include "random_traffic.hpp"

namespace {

using namespace ng_formats;  // NOLINT(google-build-using-namespace): the table's codes
using rtl_test::Random;

constexpr int kRows = NG_TILE_ROWS;
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
constexpr uint32_t kWords = kCols * kRows / kLanes;  // output words of a tile
constexpr uint32_t kGroups = 16;                     // cycles of a block in the lanes
constexpr uint32_t kLatency = 12;                    // of the lanes

enum class Codes { kRandom, kAllLowest, kExtremes, kSpecials };

struct Format {
  int element;
  int scale;
};

struct Pair {
  const char* name;
  Format a, b;
  uint32_t block;  // 0: all of k
};

// The pairs that people run first, and what exercises the corners of each class.
const Pair kPairs[] = {
    {"int8 x int8", {kInt8, kNoScale}, {kInt8, kNoScale}, 0},
    {"uint8 x int4", {kUint8, kNoScale}, {kInt4, kNoScale}, 0},
    {"int4 x uint4", {kInt4, kNoScale}, {kUint4, kNoScale}, 0},
    {"mxint8 x mxint8", {kInt8, kE8m0}, {kInt8, kE8m0}, 32},
    {"mxint8 x mxfp4", {kInt8, kE8m0}, {kE2m1, kE8m0}, 32},
    {"mxfp4 x mxfp4", {kE2m1, kE8m0}, {kE2m1, kE8m0}, 32},
    {"nvfp4 x nvfp4", {kE2m1, kUe4m3}, {kE2m1, kUe4m3}, 16},
    {"mxfp6 x mxfp6", {kE2m3, kE8m0}, {kE3m2, kE8m0}, 32},
    {"mxfp8 x mxfp8", {kE4m3, kE8m0}, {kE4m3, kE8m0}, 32},
    {"mxfp8 x mxfp4", {kE4m3, kE8m0}, {kE2m1, kE8m0}, 32},
    {"mxfp8_e5m2 x mxfp8_e5m2", {kE5m2, kE8m0}, {kE5m2, kE8m0}, 32},
    {"fp8_e4m3 x fp8_e4m3", {kE4m3, kNoScale}, {kE4m3, kNoScale}, 0},
    {"fp8_e5m2 x fp8_e4m3", {kE5m2, kNoScale}, {kE4m3, kNoScale}, 0},
    {"int8 x int4_group", {kInt8, kNoScale}, {kInt4, kFp32}, 64},
    {"int4 x uint4_group", {kInt4, kNoScale}, {kUint4, kFp32AndZero}, 32},
};

MultiplyClass ClassOfPair(const Pair& pair) {
  const auto larger = std::max(ClassOf(pair.a.element), ClassOf(pair.b.element));
  const bool zeros = pair.a.scale == kFp32AndZero || pair.b.scale == kFp32AndZero;
  return larger == kNibble && zeros ? kByte : larger;
}

bool IsNumber(int element, int code) {
  const Element& e = kElements[element];
  const int magnitude = code & ((1 << (e.bits - 1)) - 1);
  return e.specials == kNone || magnitude <= e.max_code;
}

int RandomCode(Random& random, int element, Codes codes) {
  const Element& e = kElements[element];
  const int count = 1 << e.bits, sign = 1 << (e.bits - 1);
  const bool integer = e.exponent_bits == 0;
  const int lowest = integer ? (e.is_signed ? sign : 0) : sign | e.max_code;
  const int highest = integer && e.is_signed ? sign - 1 : integer ? count - 1 : e.max_code;
  if (codes == Codes::kAllLowest) return lowest;
  if (codes == Codes::kExtremes) return random.Chance(50) ? lowest : highest;
  int code = static_cast<int>(random.Below(static_cast<uint64_t>(count)));
  // Most results should be numbers.
  while (!IsNumber(element, code) && !(codes == Codes::kSpecials && random.Chance(10))) {
    code = static_cast<int>(random.Below(static_cast<uint64_t>(count)));
  }
  return code;
}

uint64_t RandomScale(Random& random, int scale, Codes codes) {
  const bool nan = codes == Codes::kSpecials && random.Chance(1);
  uint64_t significand = 1;
  int exponent = 0;
  bool negative = false;
  if (scale == kE8m0) {
    const bool wide = codes != Codes::kRandom && random.Chance(50);
    exponent = static_cast<int>(wide ? random.Between(0, 254) : random.Between(117, 137)) - 127;
  } else if (scale == kUe4m3) {
    significand = random.Between(0, 15);
    exponent = static_cast<int>(random.Between(0, 14)) - 9;
  } else {
    significand = random.Between(1u << 23, (1u << 24) - 1);
    exponent = static_cast<int>(random.Between(0, 20)) - 33;
    negative = random.Chance(20);
  }
  return significand | static_cast<uint64_t>(exponent & 0x3FF) << 24 |
         static_cast<uint64_t>(nan) << 34 | static_cast<uint64_t>(negative) << 35;
}

template <int kBits>
std::vector<uint32_t> Words(const ap_uint<kBits>& value) {
  std::vector<uint32_t> words((kBits + 31) / 32);
  for (size_t i = 0; i < words.size(); ++i) {
    const int high = std::min<int>(kBits, 32 * (static_cast<int>(i) + 1)) - 1;
    words[i] = static_cast<uint32_t>(ap_uint<32>(value.range(high, 32 * static_cast<int>(i))));
  }
  return words;
}

// One input port: its words, and the one that comes next.
struct Feed {
  std::vector<std::vector<uint32_t>> words;
  size_t next = 0;
  bool Offers(Random& random, int rate) const { return next < words.size() && random.Chance(rate); }
};

// One call of the function: its operands, and the words that the C++ model gives for them.
struct Call {
  uint32_t k = 0, m_tiles = 0, n_tiles = 0, a_format = 0, b_format = 0, block = 0, exponent = 0;
  Feed a, b, a_zeros, b_zeros, a_scales, b_scales;
  std::vector<uint32_t> expected;  // kLanes values a word
};

// A word of codes: one step, or in the kNibble class two, of which the second may be padding.
template <int kCount>
ap_uint<8 * kCount> RandomWord(Random& random, int element, bool two, bool whole, Codes codes) {
  const int bits = kElements[element].bits;
  ap_uint<8 * kCount> word = 0;
  for (int i = 0; i < (two ? 2 : 1) * kCount; ++i) {
    const int pad = element == kUint4 ? 8 : 0;
    const int code = i < kCount || whole ? RandomCode(random, element, codes) : pad;
    word.range(bits * i + bits - 1, bits * i) = static_cast<uint8_t>(code);
  }
  return word;
}

template <int kCount>
void AddZeros(Random& random, const Format& format, hls::stream<ap_uint<8 * kCount>>& stream,
              Feed& feed) {
  if (format.scale != kFp32AndZero) return;
  ap_uint<8 * kCount> word = 0;
  for (int i = 0; i < kCount; ++i) {
    word.range(8 * i + 7, 8 * i) = static_cast<uint8_t>(random.Below(16)) - 8;
  }
  stream.write(word);
  feed.words.push_back(Words(word));
}

template <int kCount>
void AddScales(Random& random, const Format& format, Codes codes,
               hls::stream<ap_uint<36 * kCount>>& stream, Feed& feed) {
  if (format.scale == kNoScale) return;
  ap_uint<36 * kCount> word = 0;
  for (int i = 0; i < kCount; ++i) {
    word.range(36 * i + 35, 36 * i) = ap_uint<36>(RandomScale(random, format.scale, codes));
  }
  stream.write(word);
  feed.words.push_back(Words(word));
}

Call MakeCall(Random& random, const Pair& pair, uint32_t k, uint32_t tiles, Codes codes) {
  const uint32_t n_tiles = tiles % 3 == 0 ? 3 : tiles % 2 == 0 ? 2 : 1;
  Call call;
  call.k = k;
  call.m_tiles = tiles / n_tiles;
  call.n_tiles = n_tiles;
  call.a_format = static_cast<uint32_t>(pair.a.element | pair.a.scale << 8);
  call.b_format = static_cast<uint32_t>(pair.b.element | pair.b.scale << 8);
  call.block = pair.block ? pair.block : k;
  call.exponent =
      static_cast<uint32_t>(kElements[pair.a.element].lsb + kElements[pair.b.element].lsb);
  hls::stream<ap_uint<8 * kRows>> a("a"), a_zeros("a_zeros");
  hls::stream<ap_uint<8 * kCols>> b("b"), b_zeros("b_zeros");
  hls::stream<ap_uint<36 * kRows>> a_scales("a_scales");
  hls::stream<ap_uint<36 * kCols>> b_scales("b_scales");
  hls::stream<ap_uint<NG_PORT_BITS>> c("c");
  const MultiplyClass multiply_class = ClassOfPair(pair);
  const uint32_t stride = multiply_class == kNibble ? 2 : 1;
  for (uint32_t tile = 0; tile < tiles; ++tile) {
    for (uint32_t done = 0; done < k; done += call.block) {
      const uint32_t steps = std::min(call.block, k - done);
      AddZeros<kRows>(random, pair.a, a_zeros, call.a_zeros);
      AddZeros<kCols>(random, pair.b, b_zeros, call.b_zeros);
      for (uint32_t step = 0; step < steps; step += stride) {
        const bool whole = step + 1 < steps;
        const bool two = stride == 2;
        const auto a_step = RandomWord<kRows>(random, pair.a.element, two, whole, codes);
        const auto b_step = RandomWord<kCols>(random, pair.b.element, two, whole, codes);
        a.write(a_step);
        b.write(b_step);
        call.a.words.push_back(Words(a_step));
        call.b.words.push_back(Words(b_step));
      }
      AddScales<kRows>(random, pair.a, codes, a_scales, call.a_scales);
      AddScales<kCols>(random, pair.b, codes, b_scales, call.b_scales);
    }
  }
  mac_array(a, b, a_zeros, b_zeros, a_scales, b_scales, c, k, call.m_tiles, call.n_tiles,
            call.a_format, call.b_format, call.block, call.exponent);
  while (!c.empty()) {
    for (const uint32_t value : Words(c.read())) call.expected.push_back(value);
  }
  return call;
}

struct Manners {
  int a_rate = 100, b_rate = 100, scale_rate = 100, c_rate = 100, enable_rate = 100;
};

class MacArrayTest : public ::testing::Test {
 protected:
  MacArrayTest() {
    context_.randReset(2);
    dut_ = std::make_unique<Vmac_array_dut>(&context_);
    dut_->ap_clk = 0;
    dut_->ap_ce = 1;
    dut_->ap_start = 0;
    dut_->ap_continue = 0;
    dut_->a_empty_n = 0;
    dut_->b_empty_n = 0;
    dut_->a_zeros_empty_n = 0;
    dut_->b_zeros_empty_n = 0;
    dut_->a_scales_empty_n = 0;
    dut_->b_scales_empty_n = 0;
    dut_->c_full_n = 0;
    dut_->ap_rst = 1;
    Edge();
    Edge();
    dut_->ap_rst = 0;
  }

  ~MacArrayTest() override { dut_->final(); }

  void Edge() {
    dut_->ap_clk = 1;
    dut_->eval();
    dut_->ap_clk = 0;
    dut_->eval();
  }

  // Runs one call by the rules of ap_ctrl_chain and compares every word; gives the cycles from
  // ap_start to ap_done.
  uint64_t Run(Random& random, Call call, const Manners& manners) {
    size_t c_next = 0;
    dut_->k = call.k;
    dut_->m_tiles = call.m_tiles;
    dut_->n_tiles = call.n_tiles;
    dut_->a_format = call.a_format;
    dut_->b_format = call.b_format;
    dut_->block = call.block;
    dut_->sum_exponent = call.exponent;
    dut_->ap_start = 1;
    dut_->ap_continue = 0;
    const uint64_t limit =
        1000 + 120ull * call.m_tiles * call.n_tiles * (2 * call.k + 20 * kGroups + kWords);
    for (uint64_t cycle = 1; cycle < limit; ++cycle) {
      dut_->ap_ce = random.Chance(manners.enable_rate);
      dut_->a_empty_n = Offer(random, call.a, manners.a_rate, dut_->a_dout.data());
      dut_->b_empty_n = Offer(random, call.b, manners.b_rate, dut_->b_dout.data());
      dut_->a_zeros_empty_n =
          Offer(random, call.a_zeros, manners.scale_rate, dut_->a_zeros_dout.data());
      dut_->b_zeros_empty_n =
          Offer(random, call.b_zeros, manners.scale_rate, dut_->b_zeros_dout.data());
      dut_->a_scales_empty_n =
          Offer(random, call.a_scales, manners.scale_rate, dut_->a_scales_dout.data());
      dut_->b_scales_empty_n =
          Offer(random, call.b_scales, manners.scale_rate, dut_->b_scales_dout.data());
      dut_->c_full_n = random.Chance(manners.c_rate);
      dut_->eval();
      EXPECT_FALSE(dut_->ap_idle);
      Take(call.a, dut_->a_read, dut_->a_empty_n);
      Take(call.b, dut_->b_read, dut_->b_empty_n);
      Take(call.a_zeros, dut_->a_zeros_read, dut_->a_zeros_empty_n);
      Take(call.b_zeros, dut_->b_zeros_read, dut_->b_zeros_empty_n);
      Take(call.a_scales, dut_->a_scales_read, dut_->a_scales_empty_n);
      Take(call.b_scales, dut_->b_scales_read, dut_->b_scales_empty_n);
      EXPECT_TRUE(dut_->c_full_n || !dut_->c_write);
      if (dut_->c_write) {
        for (int lane = 0; lane < kLanes; ++lane, ++c_next) {
          if (c_next >= call.expected.size() || dut_->c_din[lane] != call.expected[c_next]) {
            ADD_FAILURE() << "value " << c_next << " of " << call.expected.size() << std::hex
                          << ": 0x" << dut_->c_din[lane] << " instead of 0x"
                          << (c_next < call.expected.size() ? call.expected[c_next] : 0);
            return 0;
          }
        }
      }
      const bool ready = dut_->ap_ready && dut_->ap_ce;
      const bool done = dut_->ap_done;
      Edge();
      if (ready) dut_->ap_start = 0;
      if (done && ready) {
        EXPECT_EQ(c_next, call.expected.size());
        EXPECT_EQ(call.a.next, call.a.words.size());
        EXPECT_EQ(call.b_scales.next, call.b_scales.words.size());
        EXPECT_EQ(call.b_zeros.next, call.b_zeros.words.size());
        Finish();
        return cycle;
      }
    }
    ADD_FAILURE() << "no ap_done, " << c_next << " of " << call.expected.size() << " values";
    return 0;
  }

  static bool Offer(Random& random, const Feed& feed, int rate, WData* port) {
    if (!feed.Offers(random, rate)) return false;
    std::memcpy(port, feed.words[feed.next].data(), 4 * feed.words[feed.next].size());
    return true;
  }

  static void Take(Feed& feed, bool read, bool offered) {
    EXPECT_TRUE(offered || !read);
    feed.next += read;
  }

  // ap_done holds until ap_continue, and no new run starts before it.
  void Finish() {
    dut_->ap_ce = 1;
    for (int i = 0; i < 3; ++i) {
      dut_->eval();
      EXPECT_TRUE(dut_->ap_done);
      EXPECT_FALSE(dut_->ap_ready);
      Edge();
    }
    dut_->ap_continue = 1;
    Edge();
    dut_->ap_continue = 0;
    dut_->eval();
    EXPECT_FALSE(dut_->ap_done);
    EXPECT_TRUE(dut_->ap_idle);
  }

  VerilatedContext context_;
  std::unique_ptr<Vmac_array_dut> dut_;
};

TEST_F(MacArrayTest, EqualsTheModelInEveryPairUnderRandomStalls) {
  for (const Pair& pair : kPairs) {
    for (uint64_t seed = 1; seed <= 12; ++seed) {
      SCOPED_TRACE(std::string(pair.name) + ", " + rtl_test::SeedNote(seed));
      Random random(seed);
      const auto k =
          static_cast<uint32_t>(random.Chance(30) ? random.Between(1, 4) : random.Between(1, 150));
      const auto tiles = static_cast<uint32_t>(random.Between(1, 6));
      const auto rate = [&random] {
        return random.Chance(30) ? 100 : static_cast<int>(random.Between(10, 100));
      };
      const Manners manners{rate(), rate(), rate(), rate(), random.Chance(50) ? 100 : 70};
      const Codes kinds[] = {Codes::kRandom, Codes::kExtremes, Codes::kSpecials};
      Run(random, MakeCall(random, pair, k, tiles, kinds[seed % 3]), manners);
      if (HasFailure()) return;
    }
  }
}

TEST_F(MacArrayTest, LowestCodesAreExact) {
  Random random(1);
  const Call call = MakeCall(random, kPairs[0], 300, 2, Codes::kAllLowest);
  ASSERT_EQ(call.expected.front(), 300u * 128u * 128u);
  Run(random, call, {});
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    Run(random, MakeCall(random, pair, 96, 2, Codes::kAllLowest), {});
  }
}

// A tile holds one of the two result buffers while it passes the lanes and leaves.
TEST_F(MacArrayTest, OneStepTilesAreLimitedByTheResultBuffersOnly) {
  Random random(2);
  const uint64_t cycles = Run(random, MakeCall(random, kPairs[0], 1, 20, Codes::kRandom), {});
  const uint32_t held = kGroups + kLatency + kWords + 1;
  EXPECT_LE(cycles, 10 * std::max(2 * kWords, held) + kGroups + kLatency + 12);
}

// From the last step's arrival to the last word: three stages, the lanes, the words.
constexpr uint32_t kEnd = kGroups + kLatency + kWords + 6;

TEST_F(MacArrayTest, TilesFollowOneAnotherWithoutAPause) {
  Random random(3);
  EXPECT_EQ(Run(random, MakeCall(random, kPairs[0], 512, 16, Codes::kRandom), {}),
            512 * 16 + kEnd + 1);
}

// Words of lanes in a block of every format that takes fewer than 16 are limited by the lanes.
TEST_F(MacArrayTest, EveryPairRunsAtItsPace) {
  Random random(4);
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.name);
    const uint32_t k = 192, tiles = 3, block = pair.block ? pair.block : k;
    const MultiplyClass multiply_class = ClassOfPair(pair);
    const uint32_t words = multiply_class == kNibble ? block / 2 : block;
    const uint32_t cycles = std::max(multiply_class == kFloat ? 2 * words : words, kGroups);
    const uint64_t taken = Run(random, MakeCall(random, pair, k, tiles, Codes::kRandom), {});
    // A tile cannot leave faster than its words.
    const uint64_t tile = std::max<uint64_t>(uint64_t{cycles} * (k / block), kWords);
    EXPECT_LE(taken, tile * tiles + kEnd + 2);
    EXPECT_GE(taken, uint64_t{cycles} * (k / block) * tiles);
  }
}

}  // namespace
