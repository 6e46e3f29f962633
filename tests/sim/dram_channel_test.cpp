// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dram_channel.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>

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
  EXPECT_LT(std::abs(first - second), 64 * t.atom * 2 + t.trfc);
}

TEST(DramChannel, ResetMakesRunsEqual) {
  DramTiming t = Preset("u55c-hbm2");
  t.jitter = 20000;
  DramChannel channel(t, 1);
  const double first = StreamRate(channel, t, false, 50);
  channel.Reset();
  EXPECT_EQ(StreamRate(channel, t, false, 50), first);
}

}  // namespace
}  // namespace narrowgate::sim
