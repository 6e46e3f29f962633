// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The reader of a factor, alone: panels of 80 lanes, whose beats are two of the port.
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

constexpr int kLanesRead = kPortBits / 8 + kPortBits / 32;

void read_factor(Memory& memory, hls::stream<PanelBeat<kLanesRead>>& beats, Word first, Word groups,
                 Word panels, Word replays, Word k, Word format, Word block, Word blocks) {
#pragma HLS INTERFACE m_axi port = memory bundle = gmem offset = slave
#pragma HLS INTERFACE axis port = beats
#pragma HLS INTERFACE s_axilite port = first
#pragma HLS INTERFACE s_axilite port = groups
#pragma HLS INTERFACE s_axilite port = panels
#pragma HLS INTERFACE s_axilite port = replays
#pragma HLS INTERFACE s_axilite port = k
#pragma HLS INTERFACE s_axilite port = format
#pragma HLS INTERFACE s_axilite port = block
#pragma HLS INTERFACE s_axilite port = blocks
#pragma HLS INTERFACE s_axilite port = return
  FactorCall call;
  call.groups = groups;
  call.panels = panels;
  call.replays = replays;
  call.k = k;
  call.format = format;
  call.other_format = 0;
  call.block = block;
  call.blocks = blocks;
  ReadFactor<kLanesRead, kBBufferBeats>(memory, beats, first, call);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(read_factor, memory, beats, first, groups, panels, replays, k, format, block, blocks) {
  const int groups = run.Pick(1, 4), panels = groups == 1 ? run.Pick(1, 4) : 1;
  const int replays = run.Pick(1, 4), first = run.Pick({0, 1, 50});
  const int k = run.Pick({1, 2, 9, 33, 200});
  const int scale = run.Pick(0, 4), block = scale == ng_formats::kNoScale ? k : 32;
  const int blocks = (k + block - 1) / block;
  const int format = run.Pick(0, 8) | scale << 8;
  run.Scalar("first", first);
  run.Scalar("groups", groups);
  run.Scalar("panels", panels);
  run.Scalar("replays", replays);
  run.Scalar("k", k);
  run.Scalar("format", format);
  run.Scalar("block", block);
  run.Scalar("blocks", blocks);
  const Operand operand(format, k, block, blocks);
  run.Memory("memory", first + groups * panels * Panel<kLanesRead>::kPortBeats *
                                   static_cast<int>(PanelBeats<kLanesRead>(operand).to_uint()));
}
#endif
