// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The double buffer of elements or scales, alone.
#include "panels.hpp"

using namespace gemm_config;  // NOLINT(google-build-using-namespace)

constexpr int kHalf = 64;

void replay(hls::stream<Beat>& in, hls::stream<Beat>& out, Word groups, Word group_beats,
            Word replays, Word kept, Word spread) {
#pragma HLS INTERFACE axis port = in
#pragma HLS INTERFACE axis port = out
#pragma HLS INTERFACE s_axilite port = groups
#pragma HLS INTERFACE s_axilite port = group_beats
#pragma HLS INTERFACE s_axilite port = replays
#pragma HLS INTERFACE s_axilite port = kept
#pragma HLS INTERFACE s_axilite port = spread
#pragma HLS INTERFACE s_axilite port = return
  Replay<kHalf>(in, out, groups, group_beats, replays, kept == 1, spread == 1);
}

#ifndef __HLSC__
#include "kernel.hpp"

COSIM_KERNEL(replay, in, out, groups, group_beats, replays, kept, spread) {
  const int groups = run.Pick(1, 5);
  const int group_beats = run.Pick({0, 1, 3, 7, 8, 9, 31, kHalf, kHalf + 1, 2 * kHalf});
  const bool fits = group_beats <= (groups == 1 ? 2 * kHalf : kHalf);
  const int replays = run.Pick(1, 6);
  const int kept = replays >= 2 && fits ? run.Pick(0, 1) : 0;
  const int passes = groups * replays;
  run.Scalar("groups", groups);
  run.Scalar("group_beats", group_beats);
  run.Scalar("replays", replays);
  run.Scalar("kept", kept);
  run.Scalar("spread", run.Pick(0, 1));
  run.Stream("in", group_beats * (kept ? groups : passes));
  run.MaxCycles(passes * (kept && group_beats < kMinPass ? kMinPass : group_beats) + 24);
}
#endif
