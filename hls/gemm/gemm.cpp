// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The gemm kernel: the dataflow graph, and nothing else.
//
//   a ─ read_a ─ replay_a ─ split_a ─┬─ cut_a ────┐
//                                    └─ scales_a ─┤
//                                                 mac_array ─ add_terms ─┐
//                                    ┌─ scales_b ─┤            │         │
//   b ─ read_b ─ replay_b ─ split_b ─┴─ cut_b ────┘            │         │
//   v ─ read_v ────────────────────────────────────────────────┘         │
//   ┌────────────────────────────────────────────────────────────────────┘
//   ├─ (raw) ───────────────────────────────────────────────┬─ narrow ─ write_c ─ c
//   ├─ scale_integer ───────────────────────────────────────┤
//   ├─ scale_onnx ──────────────────────────────────────────┤
//   └─ scale_float ─┬───────────────────────────────────────┤
//                   └─ activate ─ find_scales ─ encode ─────┘
#include "gemm.hpp"

#include "activation.hpp"
#include "blocks.hpp"
#include "cut.hpp"
#include "encode.hpp"
#include "epilogue.hpp"
#include "mac_array.hpp"
#include "panels.hpp"
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace): the kernel's own names

static void read_a(Memory& a, hls::stream<Beat>& beats, Word m_tiles, Word n_tiles, Word k,
                   Word format, Word block, Word blocks) {
  ReadOperand(a, beats, m_tiles, PanelBeats<kRows>(Operand(format, k, block, blocks)), n_tiles);
}

static void read_b(Memory& b, hls::stream<Beat>& beats, Word m_tiles, Word n_tiles, Word k,
                   Word format, Word block, Word blocks) {
  const Word panel_beats = PanelBeats<kCols>(Operand(format, k, block, blocks));
  ReadOperand(b, beats, 1, Word(n_tiles * panel_beats), m_tiles);
}

static void read_v(Memory& v, hls::stream<Beat>& row_terms, hls::stream<Beat>& records,
                   Word m_tiles, Word n_tiles) {
  ReadVectors(v, row_terms, records, m_tiles, n_tiles);
}

static void replay_a(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                     Word k, Word format, Word block, Word blocks) {
  Replay(in, out, m_tiles, PanelBeats<kRows>(Operand(format, k, block, blocks)), n_tiles);
}

static void replay_b(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                     Word k, Word format, Word block, Word blocks) {
  const Word panel_beats = PanelBeats<kCols>(Operand(format, k, block, blocks));
  Replay(in, out, 1, Word(n_tiles * panel_beats), m_tiles);
}

static void split_a(hls::stream<Beat>& in, hls::stream<Beat>& elements,
                    hls::stream<StoredScales<kRows>>& scales, hls::stream<Zeros<kRows>>& zeros,
                    Word m_tiles, Word n_tiles, Word k, Word format, Word block, Word blocks) {
  Split<kRows>(in, elements, scales, zeros, m_tiles * n_tiles, Operand(format, k, block, blocks));
}

static void split_b(hls::stream<Beat>& in, hls::stream<Beat>& elements,
                    hls::stream<StoredScales<kCols>>& scales, hls::stream<Zeros<kCols>>& zeros,
                    Word m_tiles, Word n_tiles, Word k, Word format, Word block, Word blocks) {
  Split<kCols>(in, elements, scales, zeros, m_tiles * n_tiles, Operand(format, k, block, blocks));
}

static void scales_a(hls::stream<StoredScales<kRows>>& in, hls::stream<DecodedScales<kRows>>& out,
                     Word m_tiles, Word n_tiles, Word format, Word blocks) {
  DecodeScales<kRows>(in, out, m_tiles * n_tiles, Operand(format, 0, 0, blocks));
}

static void scales_b(hls::stream<StoredScales<kCols>>& in, hls::stream<DecodedScales<kCols>>& out,
                     Word m_tiles, Word n_tiles, Word format, Word blocks) {
  DecodeScales<kCols>(in, out, m_tiles * n_tiles, Operand(format, 0, 0, blocks));
}

static void cut_a(hls::stream<Beat>& beats, hls::stream<Codes<kRows>>& words, Word m_tiles,
                  Word n_tiles, Word k, Word a_format, Word b_format, Word block, Word blocks) {
  Cut<kRows>(beats, words, m_tiles * n_tiles, Operand(a_format, k, block, blocks),
             Operand(b_format, k, block, blocks));
}

static void cut_b(hls::stream<Beat>& beats, hls::stream<Codes<kCols>>& words, Word m_tiles,
                  Word n_tiles, Word k, Word a_format, Word b_format, Word block, Word blocks) {
  Cut<kCols>(beats, words, m_tiles * n_tiles, Operand(b_format, k, block, blocks),
             Operand(a_format, k, block, blocks));
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

static void scale_float(hls::stream<ScaledWord>& in, hls::stream<Beat>& onward,
                        hls::stream<Beat>& out, Word m_tiles, Word n_tiles, Word mode,
                        Word activation, Word out_format, Word scale, Word lo, Word hi) {
  ScaleFloat(in, onward, out, m_tiles, n_tiles, mode, activation, out_format, scale, lo, hi);
}

static void activate(hls::stream<Beat>& in, hls::stream<Beat>& out, Word m_tiles, Word n_tiles,
                     Word mode, Word activation, Word out_format, Word lo, Word hi) {
  Activate(in, out, m_tiles, n_tiles, mode, activation, out_format, lo, hi);
}

static void find_scales(hls::stream<Beat>& in, hls::stream<Beat>& out,
                        hls::stream<GroupScales>& scales, Word m_tiles, Word n_tiles, Word mode,
                        Word activation, Word out_format, Word n) {
  FindScales(in, out, scales, m_tiles, n_tiles, mode, activation, out_format, n);
}

static void encode(hls::stream<Beat>& in, hls::stream<GroupScales>& scales, hls::stream<Beat>& out,
                   hls::stream<Beat>& scale_beats, Word m_tiles, Word n_tiles, Word mode,
                   Word activation, Word out_format, Word out_zero) {
  Encode(in, scales, out, scale_beats, m_tiles, n_tiles, mode, activation, out_format, out_zero);
}

static void narrow(hls::stream<ScaledWord>& raw, hls::stream<Beat>& integer,
                   hls::stream<Beat>& onnx, hls::stream<Beat>& floating, hls::stream<Beat>& encoded,
                   hls::stream<Beat>& out, Word m_tiles, Word n_tiles, Word mode, Word activation,
                   Word out_format, Word n) {
  Narrow(raw, integer, onnx, floating, encoded, out, m_tiles, n_tiles, mode, activation, out_format,
         n);
}

static void write_c(hls::stream<Beat>& beats, hls::stream<Beat>& scale_beats, Memory& c,
                    Word m_tiles, Word n_tiles, Word out_format, Word n) {
  WriteResult(beats, scale_beats, c, m_tiles, n_tiles, out_format, n);
}

void gemm(Memory a, Memory b, Memory v, Memory c, ap_uint<32> m_tiles, ap_uint<32> n_tiles,
          ap_uint<32> k, ap_uint<32> a_format, ap_uint<32> b_format, ap_uint<32> mode,
          ap_uint<32> scale, ap_uint<32> out_zero, ap_uint<32> clamp_lo, ap_uint<32> clamp_hi,
          ap_uint<32> out_format, ap_uint<32> block, ap_uint<32> blocks, ap_uint<32> sum_exponent,
          ap_uint<32> activation, ap_uint<32> n) {
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
#pragma HLS INTERFACE s_axilite port = out_format
#pragma HLS INTERFACE s_axilite port = block
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = sum_exponent
#pragma HLS INTERFACE s_axilite port = activation
#pragma HLS INTERFACE s_axilite port = n
#pragma HLS INTERFACE s_axilite port = return
#pragma HLS DATAFLOW
  hls::stream<Beat> a_read, a_panels, a_elements, b_read, b_panels, b_elements;
  hls::stream<Zeros<kRows>> a_zeros;
  hls::stream<Zeros<kCols>> b_zeros;
  hls::stream<StoredScales<kRows>> a_stored;
  hls::stream<StoredScales<kCols>> b_stored;
  hls::stream<DecodedScales<kRows>> a_scales;
  hls::stream<DecodedScales<kCols>> b_scales;
  hls::stream<Codes<kRows>> a_codes;
  hls::stream<Codes<kCols>> b_codes;
  hls::stream<Beat> row_terms, records, sums;
  hls::stream<ScaledWord> raw, to_integer, to_onnx, to_float;
  hls::stream<Beat> scaled, activated, numbers, scale_beats;
  hls::stream<GroupScales> row_scales;
  hls::stream<Beat> from_integer, from_onnx, from_float, from_encode, results;
// One pass of a small tile ahead, so that the array never waits for a hiccup of one operand.
#pragma HLS STREAM variable = a_panels depth = 16
#pragma HLS STREAM variable = b_panels depth = 16
#pragma HLS STREAM variable = records depth = 16
// The blocks under way between split and the array's shadow.
#pragma HLS STREAM variable = a_zeros depth = 4
#pragma HLS STREAM variable = b_zeros depth = 4
#pragma HLS STREAM variable = a_scales depth = 4
#pragma HLS STREAM variable = b_scales depth = 4
// The words of a group of MX blocks wait for the group's scales while the next group comes in.
#pragma HLS STREAM variable = numbers depth = 256

  read_a(a, a_read, m_tiles, n_tiles, k, a_format, block, blocks);
  read_b(b, b_read, m_tiles, n_tiles, k, b_format, block, blocks);
  read_v(v, row_terms, records, m_tiles, n_tiles);
  replay_a(a_read, a_panels, m_tiles, n_tiles, k, a_format, block, blocks);
  replay_b(b_read, b_panels, m_tiles, n_tiles, k, b_format, block, blocks);
  split_a(a_panels, a_elements, a_stored, a_zeros, m_tiles, n_tiles, k, a_format, block, blocks);
  split_b(b_panels, b_elements, b_stored, b_zeros, m_tiles, n_tiles, k, b_format, block, blocks);
  scales_a(a_stored, a_scales, m_tiles, n_tiles, a_format, blocks);
  scales_b(b_stored, b_scales, m_tiles, n_tiles, b_format, blocks);
  cut_a(a_elements, a_codes, m_tiles, n_tiles, k, a_format, b_format, block, blocks);
  cut_b(b_elements, b_codes, m_tiles, n_tiles, k, a_format, b_format, block, blocks);
  mac_array(a_codes, b_codes, a_zeros, b_zeros, a_scales, b_scales, sums, k, m_tiles, n_tiles,
            a_format, b_format, block, sum_exponent);
  add_terms(sums, row_terms, records, raw, to_integer, to_onnx, to_float, m_tiles, n_tiles, mode);
  scale_integer(to_integer, from_integer, m_tiles, n_tiles, mode, out_zero, clamp_lo, clamp_hi);
  scale_onnx(to_onnx, from_onnx, m_tiles, n_tiles, mode, out_zero, clamp_lo, clamp_hi);
  scale_float(to_float, scaled, from_float, m_tiles, n_tiles, mode, activation, out_format, scale,
              clamp_lo, clamp_hi);
  activate(scaled, activated, m_tiles, n_tiles, mode, activation, out_format, clamp_lo, clamp_hi);
  find_scales(activated, numbers, row_scales, m_tiles, n_tiles, mode, activation, out_format, n);
  encode(numbers, row_scales, from_encode, scale_beats, m_tiles, n_tiles, mode, activation,
         out_format, out_zero);
  narrow(raw, from_integer, from_onnx, from_float, from_encode, results, m_tiles, n_tiles, mode,
         activation, out_format, n);
  write_c(results, scale_beats, c, m_tiles, n_tiles, out_format, n);
}
