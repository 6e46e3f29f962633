// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "mac_array.hpp"

#include <cstdint>

namespace {

constexpr int kRows = NG_TILE_ROWS;
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
static_assert(kRows % kLanes == 0, "a column of a tile is a whole number of output words");

}  // namespace

void mac_array(hls::stream<ap_uint<8 * NG_TILE_ROWS>>& a, hls::stream<ap_uint<8 * NG_TILE_COLS>>& b,
               hls::stream<ap_uint<NG_PORT_BITS>>& c, ap_uint<32> k, ap_uint<32> m_tiles,
               ap_uint<32> n_tiles) {
  const uint64_t num_tiles = uint64_t(m_tiles) * uint32_t(n_tiles);
  const uint32_t num_steps = k;
  for (uint64_t tile = 0; tile < num_tiles; ++tile) {
    uint32_t sum[kCols][kRows] = {};  // unsigned, because the sums wrap
    for (uint32_t step = 0; step < num_steps; ++step) {
      const ap_uint<8 * kRows> a_step = a.read();
      const ap_uint<8 * kCols> b_step = b.read();
      int a_code[kRows];
      for (int row = 0; row < kRows; ++row) {
        a_code[row] = ap_int<8>(a_step.range(8 * row + 7, 8 * row));
      }
      for (int col = 0; col < kCols; ++col) {
        const int b_code = ap_int<8>(b_step.range(8 * col + 7, 8 * col));
        for (int row = 0; row < kRows; ++row) {
          sum[col][row] += static_cast<uint32_t>(a_code[row] * b_code);
        }
      }
    }
    for (int col = 0; col < kCols; ++col) {
      for (int first = 0; first < kRows; first += kLanes) {
        ap_uint<NG_PORT_BITS> word = 0;
        for (int lane = 0; lane < kLanes; ++lane) {
          word.range(32 * lane + 31, 32 * lane) = sum[col][first + lane];
        }
        c.write(word);
      }
    }
  }
}
