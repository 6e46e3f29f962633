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
#ifndef NG_TILE_COLS
#define NG_TILE_COLS 32
#endif
#ifndef NG_PORT_BITS
#define NG_PORT_BITS 512
#endif

// For each of m_tiles * n_tiles tiles, C[r][c] = sum over k steps of a[r] * b[c], modulo 2^32. A
// step is one word of `a` (signed 8-bit code of row r at bits 8r) and one of `b` (column c at bits
// 8c). A tile leaves through `c`: column 0 first; in a column NG_TILE_ROWS * 32 / NG_PORT_BITS
// words, the lowest rows first and in the lowest bits. k, m_tiles and n_tiles are at least 1.
void mac_array(hls::stream<ap_uint<8 * NG_TILE_ROWS>>& a, hls::stream<ap_uint<8 * NG_TILE_COLS>>& b,
               hls::stream<ap_uint<NG_PORT_BITS>>& c, ap_uint<32> k, ap_uint<32> m_tiles,
               ap_uint<32> n_tiles);

#endif  // NARROWGATE_RTL_MAC_ARRAY_HPP_
