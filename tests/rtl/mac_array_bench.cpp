// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How fast mac_array simulates: full-rate streams of full-range codes, one thread. Prints one line
// of JSON. Usage: rtl_mac_array_bench [k] [tiles]
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "Vmac_array_bench.h"
#include "verilated.h"

namespace {

constexpr int kRows = 32;
constexpr int kCols = 32;
constexpr size_t kSteps = 256;  // distinct operand vectors, used in turn

void Edge(Vmac_array_bench& dut) {
  dut.ap_clk = 1;
  dut.eval();
  dut.ap_clk = 0;
  dut.eval();
}

}  // namespace

int main(int argc, char** argv) {
  const auto k = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 512);
  const auto tiles = static_cast<uint32_t>(argc > 2 ? std::atoi(argv[2]) : 1000);
  std::mt19937 random(1);
  std::vector<uint32_t> words(kSteps * (kRows + kCols) / 4);
  for (uint32_t& word : words) word = static_cast<uint32_t>(random());

  VerilatedContext context;
  Vmac_array_bench dut(&context);
  dut.ap_clk = 0;
  dut.ap_rst = 1;
  Edge(dut);
  Edge(dut);
  dut.ap_rst = 0;
  dut.ap_ce = 1;
  dut.ap_continue = 1;
  dut.ap_start = 1;
  dut.k = k;
  dut.m_tiles = 1;
  dut.n_tiles = tiles;
  dut.a_empty_n = 1;
  dut.b_empty_n = 1;
  dut.c_full_n = 1;

  uint64_t cycles = 0;
  uint32_t checksum = 0;
  const auto start = std::chrono::steady_clock::now();
  for (bool done = false; !done; ++cycles) {
    const uint32_t* step = &words[cycles % kSteps * (kRows + kCols) / 4];
    for (int i = 0; i < kRows / 4; ++i) dut.a_dout[i] = step[i];
    for (int i = 0; i < kCols / 4; ++i) dut.b_dout[i] = step[kRows / 4 + i];
    dut.eval();
    if (dut.c_write) checksum = checksum * 31 + dut.c_din[cycles % 16];
    done = dut.ap_done;
    Edge(dut);
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const double macs = static_cast<double>(kRows) * kCols * k * tiles;
  std::printf(
      "{\"k\": %u, \"tiles\": %u, \"cycles\": %llu, \"cycles_per_s\": %.0f, "
      "\"macs_per_s\": %.0f, \"checksum\": %u}\n",
      k, tiles, static_cast<unsigned long long>(cycles), static_cast<double>(cycles) / time.count(),
      macs / time.count(), checksum);
  return 0;
}
