// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dram_channel.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "card_spec.hpp"

namespace narrowgate::sim {
namespace {

constexpr Picoseconds kCycle = 3333;  // 300 MHz

DramTiming Preset(const std::string& card) {
  nlohmann::json metadata;
  metadata["card"] =
      nlohmann::json::parse(std::ifstream(NG_SOURCE_DIR "/sim/cards/" + card + ".json"));
  metadata["image"] = "test";
  metadata["clock_mhz"] = 300;
  metadata["kernel"] = {{"top", "test"}};
  metadata["connectivity"] = nlohmann::json::object();
  return ParseCardSpec(metadata).timings.at(0);
}

std::unique_ptr<DramBurst> Burst(std::uint64_t offset, unsigned bytes, bool write,
                                 Picoseconds arrival) {
  auto burst = std::make_unique<DramBurst>();
  burst->offset = offset;
  burst->bytes = bytes;
  burst->beat_bytes = 64;
  burst->write = write;
  burst->arrival = arrival;
  return burst;
}

void RunUntilDone(DramChannel& channel, Picoseconds& now) {
  while (!channel.idle()) {
    channel.Advance(now);
    now += kCycle;
  }
}

// Time of an idle channel's answer to one beat.
Picoseconds SingleRead(DramChannel& channel, std::uint64_t offset, Picoseconds& now) {
  now += 1'000'000 / 8;  // let everything settle, without reaching a refresh
  const auto burst = Burst(offset, 64, false, now);
  channel.Push(0, burst.get());
  const Picoseconds asked = now;
  RunUntilDone(channel, now);
  return burst->ready[0] - asked;
}

class Presets : public testing::TestWithParam<std::string> {};

TEST_P(Presets, IdleLatencyIsThatOfTheRowsState) {
  const DramTiming t = Preset(GetParam());
  DramChannel channel(t, 1);
  Picoseconds now = 0;
  const Picoseconds atoms = 64 / t.atom_bytes * t.atom;
  const Picoseconds hit = t.cl + atoms + t.read_overhead;
  const std::uint64_t same_bank = std::uint64_t{t.row_bytes} * t.bank_groups * t.banks_per_group;
  // Commands start at a cycle of the kernel's clock, two atoms may wait for each other's row.
  EXPECT_NEAR(SingleRead(channel, 0, now), hit + t.trcd, t.trcd / 4);
  EXPECT_NEAR(SingleRead(channel, 0, now), hit, 10);
  EXPECT_NEAR(SingleRead(channel, same_bank, now), hit + t.trp + t.trcd, t.trcd / 4);
}

// Bytes per second of a stream of bursts with plenty outstanding.
double StreamRate(DramChannel& channel, const DramTiming& t, bool write, unsigned bursts) {
  std::vector<std::unique_ptr<DramBurst>> all;
  Picoseconds now = 0;
  for (unsigned i = 0; i < bursts; ++i) {
    all.push_back(Burst(std::uint64_t{i} * 4096, 4096, write, 0));
    channel.Push(0, all.back().get());
  }
  RunUntilDone(channel, now);
  const Picoseconds end =
      write ? all.back()->ready[0] - t.write_overhead : all.back()->ready[63] - t.read_overhead;
  return bursts * 4096.0 / static_cast<double>(end) * 1e12;
}

TEST_P(Presets, BandwidthIsThePeakLessRefresh) {
  const DramTiming t = Preset(GetParam());
  const double peak = t.atom_bytes / static_cast<double>(t.atom) * 1e12;
  const double refresh = static_cast<double>(t.trfc + t.trp) / static_cast<double>(t.trefi);
  for (const bool write : {false, true}) {
    DramChannel channel(t, 1);
    const double rate = StreamRate(channel, t, write, 2000);
    EXPECT_LT(rate, peak * (1 - refresh) * 1.005);
    EXPECT_GT(rate, peak * (1 - refresh) * 0.96);
  }
}

TEST_P(Presets, RefreshesOncePerInterval) {
  const DramTiming t = Preset(GetParam());
  DramChannel channel(t, 1);
  StreamRate(channel, t, false, 2000);
  const double time = 2000 * 4096.0 / t.atom_bytes * static_cast<double>(t.atom);
  EXPECT_NEAR(static_cast<double>(channel.refreshes()),
              time / static_cast<double>(t.trefi - t.trfc - t.trp), 3);
}

TEST_P(Presets, TurningTheBusCostsBandwidthButNotMuch) {
  const DramTiming t = Preset(GetParam());
  DramChannel channel(t, 2);
  std::vector<std::unique_ptr<DramBurst>> all;
  for (unsigned i = 0; i < 500; ++i) {
    all.push_back(Burst(std::uint64_t{i} * 4096, 4096, false, 0));
    channel.Push(0, all.back().get());
    all.push_back(Burst((std::uint64_t{1} << 24) + std::uint64_t{i} * 4096, 4096, true, 0));
    channel.Push(1, all.back().get());
  }
  Picoseconds now = 0;
  RunUntilDone(channel, now);
  const double rate = 1000 * 4096.0 / static_cast<double>(now) * 1e12;
  const double peak = t.atom_bytes / static_cast<double>(t.atom) * 1e12;
  EXPECT_LT(rate, peak * 0.92);
  EXPECT_GT(rate, peak * 0.55);
}

INSTANTIATE_TEST_SUITE_P(Cards, Presets, testing::Values("u250-ddr4", "u55c-hbm2"),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find('-'));
                         });

TEST(DramChannel, RowMissesInOneBankAreSlow) {
  const DramTiming t = Preset("u250-ddr4");
  DramChannel channel(t, 1);
  std::vector<std::unique_ptr<DramBurst>> all;
  const std::uint64_t stride = std::uint64_t{t.row_bytes} * t.bank_groups * t.banks_per_group;
  for (unsigned i = 0; i < 100; ++i) {
    all.push_back(Burst(i * stride, 64, false, 0));
    channel.Push(0, all.back().get());
  }
  Picoseconds now = 0;
  RunUntilDone(channel, now);
  EXPECT_EQ(channel.row_misses(), 100u);
  EXPECT_GT(all.back()->ready[0] - t.read_overhead, 99 * (t.tras + t.trp));
}

TEST(DramChannel, PortsShareEvenly) {
  const DramTiming t = Preset("u250-ddr4");
  DramChannel channel(t, 2);
  std::vector<std::unique_ptr<DramBurst>> all;
  for (unsigned port = 0; port < 2; ++port) {
    for (unsigned i = 0; i < 100; ++i) {
      all.push_back(Burst(std::uint64_t{port} << 20 | i * 4096, 4096, false, 0));
      channel.Push(port, all.back().get());
    }
  }
  Picoseconds now = 0;
  RunUntilDone(channel, now);
  const Picoseconds first = all[99]->ready[63], second = all[199]->ready[63];
  // Half of the window may be the other port's and served first for its open rows.
  EXPECT_LT(std::abs(first - second), 64 * t.atom * (2 + t.reorder_window / 2) + t.trfc);
}

TEST(DramChannel, ResetMakesRunsEqual) {
  DramTiming t = Preset("u55c-hbm2");
  t.jitter = 20000;
  DramChannel channel(t, 1);
  const double first = StreamRate(channel, t, false, 50);
  channel.Reset();
  EXPECT_EQ(StreamRate(channel, t, false, 50), first);
}

// Figures of its own, so that those of the presets can change: an atom of 64 bytes makes it like
// DDR4, one of 32 bytes like HBM2.
DramTiming TestTiming(unsigned atom_bytes) {
  DramTiming t;
  t.atom_bytes = atom_bytes;
  t.atom = atom_bytes == 64 ? 3333 : 2222;
  t.row_bytes = atom_bytes == 64 ? 8192 : 1024;
  t.cl = t.trcd = t.trp = 14160;
  t.cwl = 10000;
  t.tras = 32000;
  t.trtp = 7500;
  t.twr = 15000;
  t.tccd_l = 5000;
  t.twtr = 7500;
  t.trtw = 6670;
  t.trefi = 7'800'000;
  t.trfc = 350'000;
  t.read_overhead = t.write_overhead = 56000;
  return t;
}

// What a controller with a window of `window` does with bursts that are all there at time 0.
struct Served {
  std::vector<std::unique_ptr<DramBurst>> bursts;
  std::uint64_t row_misses = 0;
  std::uint64_t reordered = 0;
  Picoseconds end = 0;

  // When the last data of burst i were on the memory's bus.
  Picoseconds DataEnd(std::size_t i, const DramTiming& t) const {
    const DramBurst& burst = *bursts[i];
    return burst.write ? burst.ready[0] - t.write_overhead
                       : burst.ready[burst.beats_done - 1] - t.read_overhead - burst.extra;
  }
};

struct Request {
  std::uint64_t offset;
  unsigned bytes = 64;
  bool write = false;
  unsigned port = 0;
  Picoseconds arrival = 0;
};

Served Serve(const DramTiming& t, const std::vector<Request>& requests) {
  DramChannel channel(t, 4);
  Served served;
  for (std::size_t next = 0; next < requests.size() || !channel.idle(); served.end += kCycle) {
    for (; next < requests.size() && requests[next].arrival <= served.end; ++next) {
      const Request& r = requests[next];
      served.bursts.push_back(Burst(r.offset, r.bytes, r.write, served.end));
      channel.Push(r.port, served.bursts.back().get());
    }
    channel.Advance(served.end);
  }
  served.row_misses = channel.row_misses();
  served.reordered = channel.reordered();
  return served;
}

// Rows of one bank; the same column of each.
std::uint64_t Row(const DramTiming& t, std::uint64_t row) {
  return row * t.row_bytes * t.bank_groups * t.banks_per_group;
}

std::vector<Request> RandomRequests(std::uint32_t seed, unsigned count, std::uint64_t pages,
                                    bool overlapping) {
  std::mt19937 random(seed);
  std::vector<Request> requests;
  Picoseconds arrival = 0;
  for (unsigned i = 0; i < count; ++i) {
    Request r;
    const unsigned beats = 1 + (random() % 4 == 0 ? random() % 64 : random() % 4);
    r.bytes = beats * 64;
    // Without overlaps every burst has a page of 4 KiB of its own, in rows that come again.
    const std::uint64_t page = overlapping ? random() % pages : i * 37 % 4096;
    r.offset = page * 4096 + random() % (65 - beats) * 64;
    r.write = random() % 3 == 0;
    r.port = random() % 4;
    if (random() % 3 == 0) arrival += random() % 200'000;
    r.arrival = arrival;
    requests.push_back(r);
  }
  return requests;
}

// Every time that the controller gave before it could reorder, folded into one number.
TEST(DramChannel, AWindowOfOneServesStrictlyInTurn) {
  for (const auto& [atom_bytes, recorded] :
       {std::pair<unsigned, std::uint64_t>{64, 0x5A8E35E821D8421E}, {32, 0xEF8A4CB40EDE5596}}) {
    const DramTiming t = TestTiming(atom_bytes);
    const Served served = Serve(t, RandomRequests(2025, 1000, 0, false));
    EXPECT_EQ(served.reordered, 0u);
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const auto& burst : served.bursts) {
      const unsigned beats = burst->write ? 1 : burst->beats_done;
      for (unsigned i = 0; i < beats; ++i) {
        hash = (hash ^ static_cast<std::uint64_t>(burst->ready[i])) * 0x100000001B3;
      }
    }
    EXPECT_EQ(hash, recorded) << atom_bytes << std::hex << " 0x" << hash;
  }
}

DramTiming Reordering(unsigned window, unsigned age_limit = 64) {
  DramTiming t = TestTiming(64);
  t.reorder_window = window;
  t.reorder_age_limit = age_limit;
  return t;
}

TEST(DramChannel, RowHitsOvertakeWithinTheWindow) {
  std::vector<Request> requests;
  for (unsigned i = 0; i < 8; ++i)
    requests.push_back({Row(Reordering(1), i % 2) + 1024 * i, 64, false, 0, 0});
  for (const auto& [window, misses] : {std::pair<unsigned, unsigned>{1, 8}, {2, 4}, {8, 2}}) {
    const DramTiming t = Reordering(window);
    const Served served = Serve(t, requests);
    EXPECT_EQ(served.row_misses, misses) << window;
    EXPECT_EQ(served.DataEnd(2, t) < served.DataEnd(1, t), window > 1);
    // With room for all, row 0 is finished before row 1 is opened.
    EXPECT_EQ(served.DataEnd(6, t) < served.DataEnd(1, t), window == 8);
  }
}

TEST(DramChannel, IdleBanksOvertakeABusyOne) {
  const DramTiming t = Reordering(8);
  const std::uint64_t other_bank = std::uint64_t{t.row_bytes} * t.bank_groups;
  const Served served =
      Serve(t, {{0, 64}, {Row(t, 1), 64}, {other_bank, 64}, {2 * other_bank, 64}, {Row(t, 2), 64}});
  for (const std::size_t idle : {2, 3}) EXPECT_LT(served.DataEnd(idle, t), served.DataEnd(1, t));
  EXPECT_LT(served.DataEnd(1, t), served.DataEnd(4, t));  // both wait for the bank: the older first
}

TEST(DramChannel, NothingIsPassedOverMoreOftenThanTheAgeLimit) {
  for (const unsigned limit : {1u, 5u, 16u}) {
    const DramTiming t = Reordering(8, limit);
    std::vector<Request> requests{{0, 64}, {Row(t, 1), 64}};
    for (unsigned i = 1; i < 100; ++i) requests.push_back({64 * i, 64});  // hits without an end
    const Served served = Serve(t, requests);
    unsigned before = 0;
    for (std::size_t i = 2; i < requests.size(); ++i)
      before += served.DataEnd(i, t) < served.DataEnd(1, t);
    EXPECT_EQ(before, limit);
  }
}

TEST(DramChannel, BurstsOfOneBankGroupCanBeKeptInOrder) {
  DramTiming t = Reordering(8);
  const std::vector<Request> requests{{0, 64}, {Row(t, 1), 64}, {256, 64}, {128, 64}, {512, 256}};
  const Served free = Serve(t, requests);
  for (const std::size_t hit : {2, 3, 4}) EXPECT_LT(free.DataEnd(hit, t), free.DataEnd(1, t));
  t.reorder_in_group = false;
  const Served kept = Serve(t, requests);
  EXPECT_LT(kept.DataEnd(1, t), kept.DataEnd(2, t));  // group 0 all three: in turn
  EXPECT_LT(kept.DataEnd(3, t), kept.DataEnd(1, t));  // group 2 only: goes ahead
  EXPECT_LT(kept.DataEnd(2, t), kept.DataEnd(4, t));  // all four groups: after everything
}

TEST(DramChannel, OverlappingAccessesKeepTheirOrder) {
  DramTiming t = Reordering(16);
  t.direction_batch = 8;
  std::uint64_t reordered = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const std::vector<Request> requests = RandomRequests(seed, 400, 24, true);
    const Served served = Serve(t, requests);
    reordered += served.reordered;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Request& a = requests[i];
      for (std::size_t j = i + 1; j < requests.size(); ++j) {
        const Request& b = requests[j];
        if (!(a.write || b.write) || a.offset >= b.offset + b.bytes ||
            b.offset >= a.offset + a.bytes) {
          continue;
        }
        ASSERT_LE(served.DataEnd(i, t),
                  served.DataEnd(j, t) - static_cast<Picoseconds>(b.bytes / 64) * t.atom)
            << "seed " << seed << ": " << i << " and " << j;
      }
    }
  }
  EXPECT_GT(reordered, 200u);
}

TEST(DramChannel, ReorderingGainsBandwidthOnScatteredReads) {
  std::mt19937 random(11);
  std::vector<Request> requests;
  for (unsigned i = 0; i < 2000; ++i) {
    requests.push_back({random() % 64 * 65536 + random() % 1024 * 64, 64, false, i % 4, 0});
  }
  const Served in_turn = Serve(Reordering(1), requests),
               reordered = Serve(Reordering(16), requests);
  EXPECT_LT(static_cast<double>(reordered.end), 0.8 * static_cast<double>(in_turn.end));
  EXPECT_LT(reordered.row_misses, in_turn.row_misses);
}

TEST(DramChannel, ReorderingIsDeterministic) {
  const std::vector<Request> requests = RandomRequests(7, 500, 64, true);
  const Served first = Serve(Reordering(16), requests), second = Serve(Reordering(16), requests);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    ASSERT_EQ(first.bursts[i]->ready[0], second.bursts[i]->ready[0]);
  }
}

}  // namespace
}  // namespace narrowgate::sim
