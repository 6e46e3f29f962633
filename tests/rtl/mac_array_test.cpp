// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// mac_array.v against its C++ model, word for word, in every class of product. Built once per
// geometry: NG_TILE_ROWS and NG_TILE_COLS set both sides.
#include "mac_array.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formats/formats.hpp"
#include "mac_array_bench.hpp"

namespace {

using namespace ng_formats;  // NOLINT(google-build-using-namespace): the table's codes
using namespace rtl_test;    // NOLINT(google-build-using-namespace)

#ifdef NG_DSP_ARRAY
constexpr bool kPackedDsps = true;
#ifdef NG_WIDE_PRODUCTS
constexpr bool kWideProducts = true;
constexpr uint32_t kLatency = 42;  // from the sums of a block to its results
#else
constexpr bool kWideProducts = false;
constexpr uint32_t kLatency = 38;
#endif
constexpr uint32_t kWindow = 16;  // a block is a whole number of windows
#else
constexpr bool kPackedDsps = false;
constexpr bool kWideProducts = false;
constexpr uint32_t kLatency = 17;
constexpr uint32_t kWindow = 1;
#endif

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
    {"uint8 x fp8_e4m3", {kUint8, kNoScale}, {kE4m3, kNoScale}, 0},
    {"mxfp8 x mxint8", {kE4m3, kE8m0}, {kInt8, kE8m0}, 32},
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

#ifdef NG_POWER_SCALES
constexpr bool kPowerScales = true;
#else
constexpr bool kPowerScales = false;
#endif

bool IsPower(const Format& format) { return format.scale == kNoScale || format.scale == kE8m0; }

bool IsE5m2(const Pair& pair) { return pair.a.element == kE5m2 || pair.b.element == kE5m2; }

// Those that the array under test holds: packed DSPs multiply kFloat pairs as wide integers or not
// at all, and lanes without multipliers scale by powers of two.
std::vector<Pair> Pairs() {
  std::vector<Pair> pairs;
  for (const Pair& pair : kPairs) {
    if (kPackedDsps && ClassOfPair(pair) == kFloat && (!kWideProducts || IsE5m2(pair))) continue;
    if (kPowerScales && !(IsPower(pair.a) && IsPower(pair.b))) continue;
    pairs.push_back(pair);
  }
  return pairs;
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
  hls::stream<ap_uint<8 * kAllRows>> a("a"), a_zeros("a_zeros");
  hls::stream<ap_uint<8 * kCols>> b("b"), b_zeros("b_zeros");
  hls::stream<ap_uint<36 * kAllRows>> a_scales("a_scales");
  hls::stream<ap_uint<36 * kCols>> b_scales("b_scales");
  hls::stream<ap_uint<NG_PORT_BITS>> c("c");
  const MultiplyClass multiply_class = ClassOfPair(pair);
  const uint32_t stride = multiply_class == kNibble ? 2 : 1;
  for (uint32_t tile = 0; tile < tiles; ++tile) {
    for (uint32_t done = 0; done < k; done += call.block) {
      const uint32_t steps = std::min(call.block, k - done);
      AddZeros<kAllRows>(random, pair.a, a_zeros, call.a_zeros);
      AddZeros<kCols>(random, pair.b, b_zeros, call.b_zeros);
      for (uint32_t step = 0; step < steps; step += stride) {
        const bool whole = step + 1 < steps;
        const bool two = stride == 2;
        const auto a_step = RandomWord<kAllRows>(random, pair.a.element, two, whole, codes);
        const auto b_step = RandomWord<kCols>(random, pair.b.element, two, whole, codes);
        a.write(a_step);
        b.write(b_step);
        call.a.words.push_back(Words(a_step));
        call.b.words.push_back(Words(b_step));
      }
      AddScales<kAllRows>(random, pair.a, codes, a_scales, call.a_scales);
      AddScales<kCols>(random, pair.b, codes, b_scales, call.b_scales);
    }
  }
  hls::stream<ap_uint<7 * 32>> records("records");
  ap_uint<7 * 32> record = 0;
  for (int i = 0; i < 7; ++i) record.range(32 * i + 31, 32 * i) = call.Record()[i];
  records.write(record);
  mac_array(records, a, b, a_zeros, b_zeros, a_scales, b_scales, c, 1);
  while (!c.empty()) {
    for (const uint32_t value : Words(c.read())) call.expected.push_back(value);
  }
  return call;
}

TEST_F(MacArrayTest, EqualsTheModelInEveryPairUnderRandomStalls) {
  for (const Pair& pair : Pairs()) {
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

// A queue of calls of every pair, so that each follows each other one sooner or later.
TEST_F(MacArrayTest, CallsOfAQueueAreIndependent) {
  for (uint64_t seed = 101; seed <= 108; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const std::vector<Pair> pairs = Pairs();
    Queue queue;
    for (int i = 0; i < 12; ++i) {
      const Pair& pair = pairs[random.Below(pairs.size())];
      const auto k = static_cast<uint32_t>(random.Between(1, 80));
      queue.Add(MakeCall(random, pair, k, static_cast<uint32_t>(random.Between(1, 4)),
                         random.Chance(50) ? Codes::kRandom : Codes::kSpecials));
    }
    const int stalls = seed % 2 == 0 ? 100 : 60;
    Run(random, queue, {stalls, stalls, stalls, stalls, 100});
    if (HasFailure()) return;
  }
}

TEST_F(MacArrayTest, LowestCodesAreExact) {
  Random random(1);
  const Call call = MakeCall(random, kPairs[0], 300, 2, Codes::kAllLowest);
  ASSERT_EQ(call.expected.front(), 300u * 128u * 128u);
  Run(random, call, {});
  for (const Pair& pair : Pairs()) {
    SCOPED_TRACE(pair.name);
    Run(random, MakeCall(random, pair, 96, 2, Codes::kAllLowest), {});
  }
}

// A tile holds one of the two result buffers while it passes the lanes and leaves.
constexpr uint32_t kHeld = kGroups + kLatency + kWords + 1;

TEST_F(MacArrayTest, OneStepTilesAreLimitedByTheResultBuffersOnly) {
  Random random(2);
  const uint64_t cycles = Run(random, MakeCall(random, kPairs[0], 1, 20, Codes::kRandom), {});
  EXPECT_LE(cycles, 10 * std::max(2 * kWords, kHeld) + kGroups + kLatency + kWindow + 11);
}

// The call's record and its start; from the last step's arrival to the last word: three stages, the
// lanes, the words.
constexpr uint32_t kEnd = kGroups + kLatency + kWords + 8;

TEST_F(MacArrayTest, TilesFollowOneAnotherWithoutAPause) {
  Random random(3);
  const uint32_t k = std::max(512u, kWords);  // a tile leaves in as many cycles as it has words
  EXPECT_EQ(Run(random, MakeCall(random, kPairs[0], k, 16, Codes::kRandom), {}), k * 16 + kEnd + 1);
}

// A call of other formats begins when the last block of the one before has passed the lanes; its
// results may still be waiting. One of the same formats begins at once.
TEST_F(MacArrayTest, CallsOfAQueuePauseForOtherFormatsOnly) {
  constexpr uint32_t kCalls = 16, kSteps = 64, kTiles = 4;
  const uint64_t tile = std::max({kSteps, kWords, (kHeld + 1) / 2});
  for (const bool others : {false, true}) {
    Random random(5);
    Queue queue;
    for (uint32_t i = 0; i < kCalls; ++i) {
      const Pair& pair = kPairs[others ? i % 2 : 0];
      queue.Add(MakeCall(random, pair, kSteps, kTiles, Codes::kRandom));
    }
    const uint64_t pause = others ? kGroups + kLatency + 8 : 3;
    EXPECT_LE(Run(random, queue, {}), kCalls * (tile * kTiles + pause) + kEnd + 2)
        << (others ? "other formats" : "equal formats");
  }
}

// With LUT rows a tile has more words in the kNibble class than in others. What is still to be sent
// is of the call before, or the one before that: output that stalls, calls that are short enough
// for two to wait at once.
TEST_F(MacArrayTest, CallsOfAQueueLeaveInTheirOwnHeight) {
  const Pair nibbles[] = {kPairs[2], kPairs[5]}, bytes[] = {kPairs[0], kPairs[3], kPairs[1]};
  for (uint64_t seed = 301; seed <= 312; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    Queue queue;
    size_t expected = 0;
    for (uint32_t i = 0; i < 12; ++i) {
      const bool nibble = seed % 3 == 0 ? random.Chance(50) : (i + seed) % 2 == 0;
      const Pair& pair = nibble ? nibbles[random.Below(2)] : bytes[random.Below(3)];
      const auto k = static_cast<uint32_t>(random.Between(1, 40));
      const auto tiles = static_cast<uint32_t>(random.Between(1, 3));
      queue.Add(MakeCall(random, pair, k, tiles, Codes::kRandom));
      expected += tiles * static_cast<size_t>(nibble ? kAllRows : kRows) * kCols;
    }
    ASSERT_EQ(queue.expected.size(), expected);
    const int rates[] = {100, 60, 25, 12};
    Run(random, queue, {100, 100, 100, rates[seed % 4], seed % 5 == 0 ? 80 : 100});
    if (HasFailure()) return;
  }
}

// Calls of equal formats in all lengths, blocks that end with them or not, shorter ones than the
// array's stages among them, and no steps to wait for but those that stall at random.
TEST_F(MacArrayTest, CallsOfEqualFormatsFollowOneAnother) {
  for (const Pair& pair : Pairs()) {
    for (uint64_t seed = 201; seed <= 203; ++seed) {
      SCOPED_TRACE(std::string(pair.name) + ", " + rtl_test::SeedNote(seed));
      Random random(seed);
      Queue queue;
      for (int i = 0; i < 8; ++i) {
        const auto k =
            static_cast<uint32_t>(random.Chance(50) ? random.Between(1, 5) : random.Between(1, 70));
        queue.Add(MakeCall(random, pair, k, static_cast<uint32_t>(random.Between(1, 3)),
                           random.Chance(50) ? Codes::kRandom : Codes::kSpecials));
      }
      const int rate = seed % 3 == 0 ? 100 : 70;
      Run(random, queue, {rate, rate, rate, rate, seed % 2 == 0 ? 100 : 80});
      if (HasFailure()) return;
    }
  }
}

// Blocks of fewer words than the lanes take cycles for them are limited by the lanes.
TEST_F(MacArrayTest, EveryPairRunsAtItsPace) {
  Random random(4);
  for (const Pair& pair : Pairs()) {
    SCOPED_TRACE(pair.name);
    const uint32_t k = 192, tiles = 3, block = pair.block ? pair.block : k;
    const MultiplyClass multiply_class = ClassOfPair(pair);
    const uint32_t words = multiply_class == kNibble ? block / 2 : block;
    const uint32_t cycles = std::max(multiply_class == kFloat ? 2 * words : words, kGroups);
    const uint64_t taken = Run(random, MakeCall(random, pair, k, tiles, Codes::kRandom), {});
    // A tile cannot leave faster than its words.
    const uint32_t left = multiply_class == kNibble ? kNibbleWords : kWords;
    const uint64_t tile = std::max<uint64_t>(uint64_t{cycles} * (k / block), left);
    EXPECT_LE(taken, tile * tiles + kEnd + left - kWords + 2);
    EXPECT_GE(taken, uint64_t{cycles} * (k / block) * tiles);
  }
}

}  // namespace
