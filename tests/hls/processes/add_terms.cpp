// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Adding the terms and routing by mode, alone.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void add_terms(hls::stream<Beat>& sums, hls::stream<Beat>& row_terms, hls::stream<Beat>& records,
               hls::stream<ScaledWord>& raw, hls::stream<ScaledWord>& integer,
               hls::stream<ScaledWord>& onnx, hls::stream<ScaledWord>& floating, Word m_tiles,
               Word n_tiles, Word mode, Word order) {
#pragma HLS INTERFACE axis port = sums
#pragma HLS INTERFACE axis port = row_terms
#pragma HLS INTERFACE axis port = records
#pragma HLS INTERFACE axis port = raw
#pragma HLS INTERFACE axis port = integer
#pragma HLS INTERFACE axis port = onnx
#pragma HLS INTERFACE axis port = floating
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = mode
#pragma HLS INTERFACE s_axilite port = order
#pragma HLS INTERFACE s_axilite port = return
  ResultCall call = ResultCall();
  call.order = order;
  call.m_tiles = m_tiles;
  call.n_tiles = n_tiles;
  call.mode = mode;
  AddTerms(sums, row_terms, records, raw, integer, onnx, floating, call);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(add_terms, sums, row_terms, records, raw, integer, onnx, floating, m_tiles, n_tiles,
             mode, order) {
  const int m_tiles = run.Pick(1, 3);
  const int n_tiles = run.Pick(1, 3);
  const int words = m_tiles * n_tiles * kCols * kWordsPerColumn;
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("mode", run.Pick(0, 4));
  const int order = run.Pick(0, 1);
  run.Scalar("order", order);
  run.Stream("sums", words);
  run.Stream("row_terms", (order ? m_tiles * n_tiles : m_tiles) * kWordsPerColumn);
  run.Stream("records", (order ? n_tiles : m_tiles * n_tiles) * kRecordBeats);
  run.MaxCycles(words + 24);
}
#endif
