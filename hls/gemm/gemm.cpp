// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The gemm kernel: the dataflow graph, and nothing else. Each process runs the queue's calls one
// after the other, as fast as its neighbours let it.
//
//   q ─ read_queue ─ (a record of each call for every process)
//                         ┌─ replay_a ──────────────── cut_a ────┐
//   a ─ read_a ─ split_a ─┴─ replay_scales_a ─ decode_scales_a ──┤
//                                                                mac_array ─ add_terms ─┐
//   b ─ read_b ─ split_b ─┬─ replay_scales_b ─ decode_scales_b ──┤            │         │
//                         └─ replay_b ──────────────── cut_b ────┘            │         │
//   v ─ read_v ───────────────────────────────────────────────────────────────┘         │
//   ┌────────────────────────────────────────────────────────────────────┘
//   ├─ (raw) ───────────────────────────────────────────────┬─ narrow ─ write_c ─ c
//   ├─ scale_integer ───────────────────────────────────────┤
//   ├─ scale_onnx ──────────────────────────────────────────┤
//   └─ scale_float ─┬───────────────────────────────────────┤
//                   └─ activate ─ find_scales ─ encode ─────┘
#include "gemm.hpp"

#include "activation.hpp"
#include "blocks.hpp"
#include "call.hpp"
#include "cut.hpp"
#include "encode.hpp"
#include "epilogue.hpp"
#include "mac_array.hpp"
#include "panels.hpp"
#include "result.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace): the kernel's own names

static void read_queue(
    Memory& q, hls::stream<ReadCall>& to_read_a, hls::stream<ReadCall>& to_read_b,
    hls::stream<VectorCall>& to_read_v, hls::stream<FactorCall>& to_replay_a,
    hls::stream<FactorCall>& to_replay_b, hls::stream<FactorCall>& to_split_a,
    hls::stream<FactorCall>& to_split_b, hls::stream<FactorCall>& to_replay_scales_a,
    hls::stream<FactorCall>& to_replay_scales_b, hls::stream<FactorCall>& to_decode_scales_a,
    hls::stream<FactorCall>& to_decode_scales_b, hls::stream<FactorCall>& to_cut_a,
    hls::stream<FactorCall>& to_cut_b, hls::stream<ArrayCall>& to_array,
    hls::stream<ResultCall>& to_add_terms, hls::stream<ResultCall>& to_scale_integer,
    hls::stream<ResultCall>& to_scale_onnx, hls::stream<ResultCall>& to_scale_float,
    hls::stream<ResultCall>& to_activate, hls::stream<ResultCall>& to_find_scales,
    hls::stream<ResultCall>& to_encode, hls::stream<ResultCall>& to_narrow,
    hls::stream<WriteCall>& to_write_c, Word first, Word calls) {
  Descriptor descriptor = 0;
  ap_uint<8> part = 0;
  const Count total = Count(calls) * kDescriptorBeats;
  q.read_request(Offset(first) * kDescriptorBeats, Word(total));
read_calls:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    const Beat beat = q.read();
    descriptor = Append<Descriptor>(descriptor, beat);
    const bool complete = part == kDescriptorBeats - 1;
    part = complete ? ap_uint<8>(0) : ap_uint<8>(part + 1);
    if (complete) {
      const FactorCall a = FactorOf(descriptor, true), b = FactorOf(descriptor, false);
      const ResultCall result = ResultOf(descriptor);
      to_read_a.write(ReadOf(descriptor, true));
      to_read_b.write(ReadOf(descriptor, false));
      to_read_v.write(VectorsOf(descriptor));
      to_replay_a.write(a);
      to_replay_b.write(b);
      to_split_a.write(a);
      to_split_b.write(b);
      to_replay_scales_a.write(a);
      to_replay_scales_b.write(b);
      to_decode_scales_a.write(a);
      to_decode_scales_b.write(b);
      to_cut_a.write(a);
      to_cut_b.write(b);
      to_array.write(ArrayOf(descriptor));
      to_add_terms.write(result);
      to_scale_integer.write(result);
      to_scale_onnx.write(result);
      to_scale_float.write(result);
      to_activate.write(result);
      to_find_scales.write(result);
      to_encode.write(result);
      to_narrow.write(result);
      to_write_c.write(WriteOf(descriptor));
    }
  }
}

static void read_a(hls::stream<ReadCall>& records, Memory& a,
                   hls::stream<PanelBeat<kTallRows>>& beats, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ReadCall call = records.read();
    ReadFactor<kTallRows, kABufferBeats>(a, beats, call.first, call.factor);
  }
}

static void read_b(hls::stream<ReadCall>& records, Memory& b, hls::stream<PanelBeat<kCols>>& beats,
                   Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ReadCall call = records.read();
    ReadFactor<kCols, kBBufferBeats>(b, beats, call.first, call.factor);
  }
}

static void read_v(hls::stream<VectorCall>& records, Memory& v, hls::stream<Beat>& row_terms,
                   hls::stream<Beat>& column_records, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const VectorCall call = records.read();
    ReadVectors(v, row_terms, column_records, call);
  }
}

static void split_a(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kTallRows>>& in,
                    hls::stream<PanelBeat<kTallRows>>& elements,
                    hls::stream<PanelBeat<kTallRows>>& scales, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    Split<kTallRows>(in, elements, scales, PanelsRead<kTallRows, kABufferBeats>(call), call.Own());
  }
}

static void split_b(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kCols>>& in,
                    hls::stream<PanelBeat<kCols>>& elements, hls::stream<PanelBeat<kCols>>& scales,
                    Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    Split<kCols>(in, elements, scales, PanelsRead<kCols, kBBufferBeats>(call), call.Own());
  }
}

static void replay_a(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kTallRows>>& in,
                     hls::stream<PanelBeat<kTallRows>>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    ReplayElements<kTallRows, kABufferBeats>(in, out, call);
  }
}

static void replay_b(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kCols>>& in,
                     hls::stream<PanelBeat<kCols>>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    ReplayElements<kCols, kBBufferBeats>(in, out, call);
  }
}

static void replay_scales_a(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kTallRows>>& in,
                            hls::stream<PanelBeat<kTallRows>>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    ReplayScales<kTallRows, kABufferBeats>(in, out, call);
  }
}

static void replay_scales_b(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kCols>>& in,
                            hls::stream<PanelBeat<kCols>>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    ReplayScales<kCols, kBBufferBeats>(in, out, call);
  }
}

static void decode_scales_a(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kTallRows>>& in,
                            hls::stream<DecodedScales<kTallRows>>& scales,
                            hls::stream<Zeros<kTallRows>>& zeros, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    DecodeScales<kTallRows>(in, scales, zeros, call.PanelsSeen(), call.Own());
  }
}

static void decode_scales_b(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kCols>>& in,
                            hls::stream<DecodedScales<kCols>>& scales,
                            hls::stream<Zeros<kCols>>& zeros, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    DecodeScales<kCols>(in, scales, zeros, call.PanelsSeen(), call.Own());
  }
}

static void cut_a(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kTallRows>>& beats,
                  hls::stream<Codes<kTallRows>>& words, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    Cut<kTallRows>(beats, words, call.PanelsSeen(), call.Own(), call.Other());
  }
}

static void cut_b(hls::stream<FactorCall>& records, hls::stream<PanelBeat<kCols>>& beats,
                  hls::stream<Codes<kCols>>& words, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const FactorCall call = records.read();
    Cut<kCols>(beats, words, call.PanelsSeen(), call.Own(), call.Other());
  }
}

static void add_terms(hls::stream<ResultCall>& records, hls::stream<Beat>& sums,
                      hls::stream<Beat>& row_terms, hls::stream<Beat>& column_records,
                      hls::stream<ScaledWord>& raw, hls::stream<ScaledWord>& integer,
                      hls::stream<ScaledWord>& onnx, hls::stream<ScaledWord>& floating,
                      Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    AddTerms(sums, row_terms, column_records, raw, integer, onnx, floating, call);
  }
}

static void scale_integer(hls::stream<ResultCall>& records, hls::stream<ScaledWord>& in,
                          hls::stream<Beat>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    ScaleInteger(in, out, call.Words(), call.mode, ap_int<32>(call.out_zero),
                 ap_int<32>(call.clamp_lo), ap_int<32>(call.clamp_hi));
  }
}

static void scale_onnx(hls::stream<ResultCall>& records, hls::stream<ScaledWord>& in,
                       hls::stream<Beat>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    ScaleOnnx(in, out, call.Words(), call.mode, ap_int<32>(call.out_zero),
              ap_int<32>(call.clamp_lo), ap_int<32>(call.clamp_hi));
  }
}

static void scale_float(hls::stream<ResultCall>& records, hls::stream<ScaledWord>& in,
                        hls::stream<Beat>& onward, hls::stream<Beat>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    ScaleFloat(in, onward, out, call.Words(), call.mode, call.activation, call.out_format,
               call.scale, call.clamp_lo, call.clamp_hi);
  }
}

static void activate(hls::stream<ResultCall>& records, hls::stream<Beat>& in,
                     hls::stream<Beat>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    Activate(in, out, call.Words(), call.mode, call.activation, call.out_format, call.clamp_lo,
             call.clamp_hi);
  }
}

static void find_scales(hls::stream<ResultCall>& records, hls::stream<Beat>& in,
                        hls::stream<Beat>& out, hls::stream<GroupScales>& scales, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    FindScales(in, out, scales, call.Words(), call.n_tiles, call.mode, call.activation,
               call.out_format, call.n);
  }
}

static void encode(hls::stream<ResultCall>& records, hls::stream<Beat>& in,
                   hls::stream<GroupScales>& scales, hls::stream<Beat>& out,
                   hls::stream<Beat>& scale_beats, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    Encode(in, scales, out, scale_beats, call.Words(), call.n_tiles, call.mode, call.activation,
           call.out_format, call.out_zero, call.n);
  }
}

static void narrow(hls::stream<ResultCall>& records, hls::stream<ScaledWord>& raw,
                   hls::stream<Beat>& integer, hls::stream<Beat>& onnx, hls::stream<Beat>& floating,
                   hls::stream<Beat>& encoded, hls::stream<Beat>& out, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const ResultCall call = records.read();
    Narrow(raw, integer, onnx, floating, encoded, out, call.Words(), call.n_tiles, call.mode,
           call.activation, call.out_format, call.n);
  }
}

// A call's response is awaited when the data of the next one are on their way.
static void write_c(hls::stream<WriteCall>& records, hls::stream<Beat>& beats,
                    hls::stream<Beat>& scale_beats, Memory& c, Word calls) {
  for (Word i = 0; i != calls; ++i) {
    const WriteCall call = records.read();
    WriteResult(beats, scale_beats, c, call.first, call.m_tiles, call.n_tiles, call.is_tall == 1,
                call.out_format, call.n);
    if (i != 0) c.write_response();
  }
  if (calls != 0) c.write_response();
}

void gemm(Memory a, Memory b, Memory v, Memory c, Memory q, ap_uint<32> first, ap_uint<32> calls) {
#pragma HLS INTERFACE m_axi port = a bundle = gmem_a offset = slave
#pragma HLS INTERFACE m_axi port = b bundle = gmem_b offset = slave
#pragma HLS INTERFACE m_axi port = v bundle = gmem_v offset = slave
#pragma HLS INTERFACE m_axi port = c bundle = gmem_c offset = slave
#pragma HLS INTERFACE m_axi port = q bundle = gmem_q offset = slave
#pragma HLS INTERFACE s_axilite port = first
#pragma HLS INTERFACE s_axilite port = calls
#pragma HLS INTERFACE s_axilite port = return
#pragma HLS DATAFLOW
  // Records of the calls, deep enough that the first processes can be some short calls ahead.
  hls::stream<ReadCall> to_read_a, to_read_b;
  hls::stream<VectorCall> to_read_v;
  hls::stream<FactorCall> to_replay_a, to_replay_b, to_split_a, to_split_b, to_replay_scales_a,
      to_replay_scales_b, to_decode_scales_a, to_decode_scales_b, to_cut_a, to_cut_b;
  hls::stream<ArrayCall> to_array;
  hls::stream<ResultCall> to_add_terms, to_scale_integer, to_scale_onnx, to_scale_float,
      to_activate, to_find_scales, to_encode, to_narrow;
  hls::stream<WriteCall> to_write_c;
#pragma HLS STREAM variable = to_read_a depth = 8
#pragma HLS STREAM variable = to_read_b depth = 8
#pragma HLS STREAM variable = to_read_v depth = 8
#pragma HLS STREAM variable = to_replay_a depth = 8
#pragma HLS STREAM variable = to_replay_b depth = 8
#pragma HLS STREAM variable = to_split_a depth = 8
#pragma HLS STREAM variable = to_split_b depth = 8
#pragma HLS STREAM variable = to_replay_scales_a depth = 8
#pragma HLS STREAM variable = to_replay_scales_b depth = 8
#pragma HLS STREAM variable = to_decode_scales_a depth = 8
#pragma HLS STREAM variable = to_decode_scales_b depth = 8
#pragma HLS STREAM variable = to_cut_a depth = 8
#pragma HLS STREAM variable = to_cut_b depth = 8
#pragma HLS STREAM variable = to_array depth = 8
#pragma HLS STREAM variable = to_add_terms depth = 8
#pragma HLS STREAM variable = to_scale_integer depth = 8
#pragma HLS STREAM variable = to_scale_onnx depth = 8
#pragma HLS STREAM variable = to_scale_float depth = 8
#pragma HLS STREAM variable = to_activate depth = 8
#pragma HLS STREAM variable = to_find_scales depth = 8
#pragma HLS STREAM variable = to_encode depth = 8
#pragma HLS STREAM variable = to_narrow depth = 8
#pragma HLS STREAM variable = to_write_c depth = 8
  hls::stream<PanelBeat<kTallRows>> a_read, a_fetched, a_fetched_scales, a_elements, a_stored;
  hls::stream<PanelBeat<kCols>> b_read, b_fetched, b_fetched_scales, b_elements, b_stored;
  hls::stream<Zeros<kTallRows>> a_zeros;
  hls::stream<Zeros<kCols>> b_zeros;
  hls::stream<DecodedScales<kTallRows>> a_scales;
  hls::stream<DecodedScales<kCols>> b_scales;
  hls::stream<Codes<kTallRows>> a_codes;
  hls::stream<Codes<kCols>> b_codes;
  hls::stream<Beat> row_terms, column_records, sums;
  hls::stream<ScaledWord> raw, to_integer, to_onnx, to_float;
  hls::stream<Beat> scaled, activated, numbers, scale_beats;
  hls::stream<GroupScales> row_scales;
  hls::stream<Beat> from_integer, from_onnx, from_float, from_encode, results;
#pragma HLS STREAM variable = a_fetched depth = kFetchedDepth
#pragma HLS STREAM variable = b_fetched depth = kFetchedDepth
#pragma HLS STREAM variable = a_fetched_scales depth = 16
#pragma HLS STREAM variable = b_fetched_scales depth = 16
// One pass of a small tile ahead, so that the array never waits for a hiccup of one operand.
#pragma HLS STREAM variable = a_elements depth = 16
#pragma HLS STREAM variable = b_elements depth = 16
// By rows of tiles the row terms of a tile come before its column records, by columns all records
// of a tile before its row terms; the first ones of both are needed at once.
#pragma HLS STREAM variable = column_records depth = kRecordDepth
#pragma HLS STREAM variable = row_terms depth = kRowTermDepth
// Scales come in front of their block's elements and are wanted after them.
#pragma HLS STREAM variable = a_fetched_scales depth = 8
#pragma HLS STREAM variable = b_fetched_scales depth = 8
#pragma HLS STREAM variable = a_stored depth = 4
#pragma HLS STREAM variable = b_stored depth = 4
#pragma HLS STREAM variable = a_zeros depth = 4
#pragma HLS STREAM variable = b_zeros depth = 4
#pragma HLS STREAM variable = a_scales depth = 4
#pragma HLS STREAM variable = b_scales depth = 4
// The words of a group of MX blocks wait for the group's scales while the next group comes in.
#pragma HLS STREAM variable = numbers depth = 256

  read_queue(q, to_read_a, to_read_b, to_read_v, to_replay_a, to_replay_b, to_split_a, to_split_b,
             to_replay_scales_a, to_replay_scales_b, to_decode_scales_a, to_decode_scales_b,
             to_cut_a, to_cut_b, to_array, to_add_terms, to_scale_integer, to_scale_onnx,
             to_scale_float, to_activate, to_find_scales, to_encode, to_narrow, to_write_c, first,
             calls);
  read_a(to_read_a, a, a_read, calls);
  read_b(to_read_b, b, b_read, calls);
  read_v(to_read_v, v, row_terms, column_records, calls);
  split_a(to_split_a, a_read, a_fetched, a_fetched_scales, calls);
  split_b(to_split_b, b_read, b_fetched, b_fetched_scales, calls);
  replay_a(to_replay_a, a_fetched, a_elements, calls);
  replay_b(to_replay_b, b_fetched, b_elements, calls);
  replay_scales_a(to_replay_scales_a, a_fetched_scales, a_stored, calls);
  replay_scales_b(to_replay_scales_b, b_fetched_scales, b_stored, calls);
  decode_scales_a(to_decode_scales_a, a_stored, a_scales, a_zeros, calls);
  decode_scales_b(to_decode_scales_b, b_stored, b_scales, b_zeros, calls);
  cut_a(to_cut_a, a_elements, a_codes, calls);
  cut_b(to_cut_b, b_elements, b_codes, calls);
  mac_array(to_array, a_codes, b_codes, a_zeros, b_zeros, a_scales, b_scales, sums, calls);
  add_terms(to_add_terms, sums, row_terms, column_records, raw, to_integer, to_onnx, to_float,
            calls);
  scale_integer(to_scale_integer, to_integer, from_integer, calls);
  scale_onnx(to_scale_onnx, to_onnx, from_onnx, calls);
  scale_float(to_scale_float, to_float, scaled, from_float, calls);
  activate(to_activate, scaled, activated, calls);
  find_scales(to_find_scales, activated, numbers, row_scales, calls);
  encode(to_encode, numbers, row_scales, from_encode, scale_beats, calls);
  narrow(to_narrow, raw, from_integer, from_onnx, from_float, from_encode, results, calls);
  write_c(to_write_c, results, scale_beats, c, calls);
}
