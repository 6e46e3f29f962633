// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The C function behind the RTL black box mac_array (mac_array.v, mac_array.json): what the array
// computes, in the same order of words. HLS C++, C++14.
#ifndef NARROWGATE_RTL_MAC_ARRAY_HPP_
#define NARROWGATE_RTL_MAC_ARRAY_HPP_

#include <ap_int.h>
#include <hls_stream.h>

// Geometry: the same macros, with the same defaults, as in mac_array.v.
#ifndef NG_TILE_ROWS
#define NG_TILE_ROWS 32
#endif
#ifndef NG_LUT_ROWS
#define NG_LUT_ROWS 0
#endif
#ifndef NG_TILE_COLS
#define NG_TILE_COLS 32
#endif
#ifndef NG_PORT_BITS
#define NG_PORT_BITS 512
#endif

// Lanes of `a`, `a_zeros` and `a_scales`: the rows that every call has, and those of kNibble calls.
constexpr int kMacArrayRows = NG_TILE_ROWS + NG_LUT_ROWS;

// For each of `calls` calls a record of `call` says what it is: k, m_tiles, n_tiles, a_format,
// b_format, block and sum_exponent, 32 bits each, k in the lowest. For each of its m_tiles *
// n_tiles tiles the results of docs/seams.md, section 11: int32 sums, or FP32 accumulators of
// scaled block sums. A word of `a` holds the codes of a step of k for every row, of two steps of
// 4-bit codes where both operands have them; `b` the same for every column. For every block of
// every tile there is a word of zero-points (8 bits a lane, taken with the first word of the block)
// and one of decoded scales (36 bits a lane, taken at its end), where the operand's format has
// them. A tile leaves through `c`: column 0 first; in a column NG_TILE_ROWS * 32 / NG_PORT_BITS
// words, the lowest rows first and in the lowest bits. In the kNibble class a tile has NG_LUT_ROWS
// rows more, and its columns so many more words; in other classes what is in those rows' lanes is
// ignored. k, m_tiles, n_tiles and block are at least
// 1; block is k when no operand has scales.
void mac_array(hls::stream<ap_uint<7 * 32>>& call, hls::stream<ap_uint<8 * kMacArrayRows>>& a,
               hls::stream<ap_uint<8 * NG_TILE_COLS>>& b,
               hls::stream<ap_uint<8 * kMacArrayRows>>& a_zeros,
               hls::stream<ap_uint<8 * NG_TILE_COLS>>& b_zeros,
               hls::stream<ap_uint<36 * kMacArrayRows>>& a_scales,
               hls::stream<ap_uint<36 * NG_TILE_COLS>>& b_scales,
               hls::stream<ap_uint<NG_PORT_BITS>>& c, ap_uint<32> calls);

#endif  // NARROWGATE_RTL_MAC_ARRAY_HPP_
