// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The reader of the vector buffer, alone.
#include "epilogue.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

void read_vectors(Memory& memory, hls::stream<Beat>& row_terms, hls::stream<Beat>& records,
                  Word first, Word m_tiles, Word n_tiles, Word order) {
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
#pragma HLS INTERFACE axis port = row_terms
#pragma HLS INTERFACE axis port = records
#pragma HLS INTERFACE s_axilite port = first
#pragma HLS INTERFACE s_axilite port = m_tiles
#pragma HLS INTERFACE s_axilite port = n_tiles
#pragma HLS INTERFACE s_axilite port = order
#pragma HLS INTERFACE s_axilite port = return
  VectorCall call = VectorCall();
  call.order = order;
  call.m_tiles = m_tiles;
  call.n_tiles = n_tiles;
  call.rows = first;
  call.records = Offset(first) + m_tiles * kWordsPerColumn;
  ReadVectors(memory, row_terms, records, call);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(read_vectors, memory, row_terms, records, first, m_tiles, n_tiles, order) {
  const int m_tiles = run.Pick(1, 5);
  const int n_tiles = run.Pick(1, 5);
  const int first = run.Pick({0, 1, 50});
  run.Scalar("first", first);
  run.Scalar("m_tiles", m_tiles);
  run.Scalar("n_tiles", n_tiles);
  run.Scalar("order", run.Pick(0, 1));
  run.Memory("memory", first + m_tiles * kWordsPerColumn + n_tiles * kRecordBeats);
}
#endif
