// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The gemm kernel: the dataflow graph, and nothing else.
//
//   a ─ read_a ─ replay_a ─ decode_a ─┐
//                                     mac_array ─ add_terms ─┬─ scale_integer ─┬─ narrow ─ write_c
//                                     ─ c
//   b ─ read_b ─ replay_b ─ decode_b ─┘           │          ├─ scale_onnx ────┤
//   v ─ read_v ───────────────────────────────────┘          ├─ scale_float ───┤
//                                                            └─ (raw) ─────────┘
#include "gemm.hpp"

#include "epilogue.hpp"
#include "mac_array.hpp"
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace): the kernel's own names

static void read_a(Memory& a, hls::stream<Beat>& beats, Word m_tiles, Word n_tiles, Word k,
                   Word format) {
  ReadOperand(a, beats, m_tiles, PanelBeats<kRows>(k, format), n_tiles);
}

static void read_b(Memory& b, hls::stream<Beat>& beats, Word m_tiles, Word n_tiles, Word k,
                   Word format) {
  ReadOperand(b, beats, 1, Word(n_tiles * PanelBeats<kCols>(k, format)), m_tiles);
}

static void read_v(Memory& v, hls::stream<Beat>& row_terms, hls::stream<Beat>& records,
                   Word m_tiles, Word n_tiles) {
  ReadVectors(v, row_terms, records, m_tiles, n_tiles);
}

static void replay_a(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                     Word k, Word format) {
  Replay(in, out, m_tiles, PanelBeats<kRows>(k, format), n_tiles);
}

static void replay_b(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                     Word k, Word format) {
  Replay(in, out, 1, Word(n_tiles * PanelBeats<kCols>(k, format)), m_tiles);
}

static void decode_a(hls::stream<Beat>& beats, hls::stream<ap_uint<8 * kRows>>& steps, Word m_tiles,
                     Word n_tiles, Word k, Word format) {
  Decode<kRows>(beats, steps, m_tiles * n_tiles, k, format);
}

static void decode_b(hls::stream<Beat>& beats, hls::stream<ap_uint<8 * kCols>>& steps, Word m_tiles,
                     Word n_tiles, Word k, Word format) {
  Decode<kCols>(beats, steps, m_tiles * n_tiles, k, format);
}

static void add_terms(hls::stream<Beat>& sums, hls::stream<Beat>& row_terms,
                      hls::stream<Beat>& records, hls::stream<ScaledWord>& raw,
                      hls::stream<ScaledWord>& integer, hls::stream<ScaledWord>& onnx,
                      hls::stream<ScaledWord>& floating, Word m_tiles, Word n_tiles, Word mode) {
  AddTerms(sums, row_terms, records, raw, integer, onnx, floating, m_tiles, n_tiles, mode);
}

static void scale_integer(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Word m_tiles,
                          Word n_tiles, Word mode, Word out_zero, Word lo, Word hi) {
  ScaleInteger(in, out, m_tiles, n_tiles, mode, ap_int<32>(out_zero), ap_int<32>(lo),
               ap_int<32>(hi));
}

static void scale_onnx(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Word m_tiles,
                       Word n_tiles, Word mode, Word out_zero, Word lo, Word hi) {
  ScaleOnnx(in, out, m_tiles, n_tiles, mode, ap_int<32>(out_zero), ap_int<32>(lo), ap_int<32>(hi));
}

static void scale_float(hls::stream<ScaledWord>& in, hls::stream<Beat>& out, Word m_tiles,
                        Word n_tiles, Word mode, Word scale, Word lo, Word hi) {
  ScaleFloat(in, out, m_tiles, n_tiles, mode, scale, lo, hi);
}

static void narrow(hls::stream<ScaledWord>& raw, hls::stream<Beat>& integer,
                   hls::stream<Beat>& onnx, hls::stream<Beat>& floating, hls::stream<Beat>& out,
                   Word m_tiles, Word n_tiles, Word mode, Word out_bytes) {
  Narrow(raw, integer, onnx, floating, out, m_tiles, n_tiles, mode, out_bytes);
}

static void write_c(hls::stream<Beat>& beats, Memory& c, Word m_tiles, Word n_tiles,
                    Word out_bytes) {
  WriteResult(beats, c, m_tiles, n_tiles, out_bytes);
}

void gemm(Memory a, Memory b, Memory v, Memory c, ap_uint<32> m_tiles, ap_uint<32> n_tiles,
          ap_uint<32> k, ap_uint<32> a_format, ap_uint<32> b_format, ap_uint<32> mode,
          ap_uint<32> scale, ap_uint<32> out_zero, ap_uint<32> clamp_lo, ap_uint<32> clamp_hi,
          ap_uint<32> out_bytes) {
#pragma HLS INTERFACE m_axi port = a bundle = gmem_a offset = slave
#pragma HLS INTERFACE m_axi port = b bundle = gmem_b offset = slave
#pragma HLS INTERFACE m_axi port = v bundle = gmem_v offset = slave
#pragma HLS INTERFACE m_axi port = c bundle = gmem_c offset = slave
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = a_format
#pragma HLS INTERFACE s_axilite port = b_format
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = scale
#pragma HLS INTERFACE s_axilite port = out_zero
#pragma HLS INTERFACE s_axilite port = clamp_lo
#pragma HLS INTERFACE s_axilite port = clamp_hi
#pragma HLS INTERFACE s_axilite port = out_bytes
#pragma HLS INTERFACE s_axilite port = return
#pragma HLS DATAFLOW
  hls::stream<Beat> a_read, a_beats, b_read, b_beats, row_terms, records, sums;
  hls::stream<ap_uint<8 * kRows>> a_steps;
  hls::stream<ap_uint<8 * kCols>> b_steps;
  hls::stream<ScaledWord> raw, to_integer, to_onnx, to_float;
  hls::stream<Beat> from_integer, from_onnx, from_float, results;
// One pass of a small tile ahead, so that the array never waits for a hiccup of one operand.
#pragma HLS STREAM variable = a_beats depth = 16
#pragma HLS STREAM variable = b_beats depth = 16
#pragma HLS STREAM variable = records depth = 16

  read_a(a, a_read, m_tiles, n_tiles, k, a_format);
  read_b(b, b_read, m_tiles, n_tiles, k, b_format);
  read_v(v, row_terms, records, m_tiles, n_tiles);
  replay_a(a_read, a_beats, m_tiles, n_tiles, k, a_format);
  replay_b(b_read, b_beats, m_tiles, n_tiles, k, b_format);
  decode_a(a_beats, a_steps, m_tiles, n_tiles, k, a_format);
  decode_b(b_beats, b_steps, m_tiles, n_tiles, k, b_format);
  mac_array(a_steps, b_steps, sums, k, m_tiles, n_tiles);
  add_terms(sums, row_terms, records, raw, to_integer, to_onnx, to_float, m_tiles, n_tiles, mode);
  scale_integer(to_integer, from_integer, m_tiles, n_tiles, mode, out_zero, clamp_lo, clamp_hi);
  scale_onnx(to_onnx, from_onnx, m_tiles, n_tiles, mode, out_zero, clamp_lo, clamp_hi);
  scale_float(to_float, from_float, m_tiles, n_tiles, mode, scale, clamp_lo, clamp_hi);
  narrow(raw, from_integer, from_onnx, from_float, results, m_tiles, n_tiles, mode, out_bytes);
  write_c(results, c, m_tiles, n_tiles, out_bytes);
}
