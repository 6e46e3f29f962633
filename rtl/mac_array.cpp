// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "mac_array.hpp"

#include <cstdint>
#include <memory>

#include "mac_model.hpp"

namespace {

constexpr int kRows = kMacArrayRows;
constexpr int kCols = NG_TILE_COLS;
constexpr int kLanes = NG_PORT_BITS / 32;
static_assert(NG_TILE_ROWS % kLanes == 0 && NG_LUT_ROWS % kLanes == 0,
              "a column of a tile is a whole number of output words");

template <int kCount>
void ReadBytes(hls::stream<ap_uint<8 * kCount>>& in, uint8_t* bytes) {
  const ap_uint<8 * kCount> word = in.read();
  for (int i = 0; i < kCount; ++i) {
    bytes[i] = static_cast<uint8_t>(ap_uint<8>(word.range(8 * i + 7, 8 * i)));
  }
}

template <int kCount>
void ReadScales(hls::stream<ap_uint<36 * kCount>>& in, bool scaled, double* scales) {
  ap_uint<36 * kCount> word = 0;
  if (scaled) word = in.read();
  for (int i = 0; i < kCount; ++i) {
    const ap_uint<36> bits = word.range(36 * i + 35, 36 * i);
    scales[i] = scaled ? mac_model::DecodeScale(static_cast<uint64_t>(bits)) : 1.0;
  }
}

uint32_t Field(const ap_uint<7 * 32>& record, int word) {
  return static_cast<uint32_t>(ap_uint<32>(record.range(32 * word + 31, 32 * word)));
}

void RunCall(const ap_uint<7 * 32>& record, hls::stream<ap_uint<8 * kMacArrayRows>>& a,
             hls::stream<ap_uint<8 * NG_TILE_COLS>>& b,
             hls::stream<ap_uint<8 * kMacArrayRows>>& a_zeros,
             hls::stream<ap_uint<8 * NG_TILE_COLS>>& b_zeros,
             hls::stream<ap_uint<36 * kMacArrayRows>>& a_scales,
             hls::stream<ap_uint<36 * NG_TILE_COLS>>& b_scales,
             hls::stream<ap_uint<NG_PORT_BITS>>& c) {
  const uint32_t num_steps = Field(record, 0), m_tiles = Field(record, 1),
                 n_tiles = Field(record, 2), a_format = Field(record, 3),
                 b_format = Field(record, 4), block_steps = Field(record, 5);
  const auto sum_exponent = static_cast<int32_t>(Field(record, 6));
  const mac_model::Product product(a_format, b_format);
  const bool two = product.multiply_class == ng_formats::kNibble;
  const int rows = two ? kRows : NG_TILE_ROWS;
  // On the heap: simulators run processes on small stacks.
  const std::unique_ptr<mac_model::Tile<kRows, kCols>> tile(
      new mac_model::Tile<kRows, kCols>(a_format, b_format, sum_exponent));
  const std::unique_ptr<uint32_t[]> results(new uint32_t[kRows * kCols]);
  const uint64_t num_tiles = uint64_t{m_tiles} * n_tiles;
  for (uint64_t t = 0; t < num_tiles; ++t) {
    for (uint32_t done = 0; done < num_steps; done += block_steps) {
      const uint32_t left = num_steps - done;
      const uint32_t steps = left < block_steps ? left : block_steps;
      uint8_t row_zeros[kRows], col_zeros[kCols];
      if (product.a_zeros) ReadBytes<kRows>(a_zeros, row_zeros);
      if (product.b_zeros) ReadBytes<kCols>(b_zeros, col_zeros);
      for (uint32_t step = 0; step < steps; step += two ? 2 : 1) {
        uint8_t a_codes[kRows], b_codes[kCols];
        ReadBytes<kRows>(a, a_codes);
        ReadBytes<kCols>(b, b_codes);
        tile->Step(a_codes, b_codes, step == 0,
                   product.a_zeros ? reinterpret_cast<int8_t*>(row_zeros) : nullptr,
                   product.b_zeros ? reinterpret_cast<int8_t*>(col_zeros) : nullptr);
      }
      double row_scales[kRows], col_scales[kCols];
      ReadScales<kRows>(a_scales, product.a_scaled, row_scales);
      ReadScales<kCols>(b_scales, product.b_scaled, col_scales);
      tile->EndBlock(row_scales, col_scales, done == 0);
    }
    tile->Results(results.get());
    for (int first = 0; first < kRows * kCols; first += kLanes) {
      if (first % kRows >= rows) continue;
      ap_uint<NG_PORT_BITS> word = 0;
      for (int lane = 0; lane < kLanes; ++lane) {
        word.range(32 * lane + 31, 32 * lane) = results[first + lane];
      }
      c.write(word);
    }
  }
}

}  // namespace

void mac_array(hls::stream<ap_uint<7 * 32>>& call, hls::stream<ap_uint<8 * kMacArrayRows>>& a,
               hls::stream<ap_uint<8 * NG_TILE_COLS>>& b,
               hls::stream<ap_uint<8 * kMacArrayRows>>& a_zeros,
               hls::stream<ap_uint<8 * NG_TILE_COLS>>& b_zeros,
               hls::stream<ap_uint<36 * kMacArrayRows>>& a_scales,
               hls::stream<ap_uint<36 * NG_TILE_COLS>>& b_scales,
               hls::stream<ap_uint<NG_PORT_BITS>>& c, ap_uint<32> calls) {
  for (uint32_t i = 0; i != static_cast<uint32_t>(calls); ++i) {
    RunCall(call.read(), a, b, a_zeros, b_zeros, a_scales, b_scales, c);
  }
}
