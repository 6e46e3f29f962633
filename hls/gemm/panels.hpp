// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From card memory to the array's edge: burst readers and double buffers.
//
// A factor is groups of panels, each group wanted `replays` times in a row. By rows of tiles, A is
// a group for every panel, each used against every panel of B, and B one group of all its panels,
// used once for every panel of A; by columns of tiles it is the other way round. Where the groups
// fit the buffers, elements and scales each, the factor is read from memory once.
#pragma once

#include "call.hpp"

namespace gemm_config {

// A written buffer word is not read before this many iterations have passed, which is more than
// the latency of any block RAM that a compiler may choose: passes are no shorter.
constexpr int kMinPass = 8;
// Requests issued ahead of the data, so that the memory's latency is paid once. The read master
// queues this many.
constexpr int kRequestsAhead = 4;

// Whether a group stays in a buffer with halves of kHalfBeats. A single one has both.
template <int kHalfBeats>
inline bool Fits(Word groups, Word group_beats) {
  return group_beats <= (groups == 1 ? Word(2 * kHalfBeats) : Word(kHalfBeats));
}

template <int kPanelLanes, int kHalfBeats>
inline bool IsKept(const FactorCall& call) {
  const Operand operand = call.Own();
  const Word element_beats = call.panels * PanelElementBeats<kPanelLanes>(operand);
  const Word scale_beats = call.panels * PanelScaleBeats<kPanelLanes>(operand);
  return call.replays >= 2 && Fits<kHalfBeats>(call.groups, element_beats) &&
         Fits<ScaleBeats(kHalfBeats)>(call.groups, scale_beats);
}

// Panels that come from memory.
template <int kPanelLanes, int kHalfBeats>
inline Word PanelsRead(const FactorCall& call) {
  const Word once = call.groups * call.panels;
  return IsKept<kPanelLanes, kHalfBeats>(call) ? once : Word(once * call.replays);
}

// Reads a factor in the order in which the buffers want it: once when it is kept, each group
// `replays` times otherwise. One request covers one group, or the whole factor when it is kept.
template <int kPanelLanes, int kHalfBeats>
inline void ReadFactor(Memory& memory, hls::stream<PanelBeat<kPanelLanes>>& beats, Offset first,
                       const FactorCall& call) {
  const int kParts = Panel<kPanelLanes>::kPortBeats;
  const bool kept = IsKept<kPanelLanes, kHalfBeats>(call);
  const Word group_beats = call.panels * PanelBeats<kPanelLanes>(call.Own()) * Word(kParts);
  const Word request_beats = kept ? Word(call.groups * group_beats) : group_beats;
  const Word repeats = kept ? Word(1) : call.replays;
  const Word requests = kept ? Word(1) : Word(call.groups * call.replays);
  const Count total = Count(requests) * request_beats;

  Offset offset = first;  // of the next request
  EagerCycle repeat(repeats);
  Countdown unasked(requests);
request_ahead:
  for (int r = 0; r < kRequestsAhead; ++r) {
    if (unasked.some) {
      memory.read_request(offset, request_beats);
      if (repeat.last) offset += request_beats;
      repeat.Next();
      unasked.Next();
    }
  }

  EagerCycle beat(request_beats);
  bool first_beat = true;
  PanelBeat<kPanelLanes> whole = 0;  // the parts that have come, the first one lowest in the end
  ap_uint<8> part = 0;
read_beats:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (first_beat & unasked.some) {
      memory.read_request(offset, request_beats);
      if (repeat.last) offset += request_beats;
      repeat.Next();
      unasked.Next();
    }
    const Beat fresh = memory.read();
    whole = Append<PanelBeat<kPanelLanes>>(whole, fresh);
    const bool complete = part == kParts - 1;
    if (complete) beats.write(whole);
    part = complete ? ap_uint<8>(0) : ap_uint<8>(part + 1);
    first_beat = beat.last;
    beat.Next();
  }
}

// Whether the fetching of a kept factor's next group may be spread over the passes of the one
// before. Elements and scales come in one stream, so each must be taken when the array is as far in
// its own group's share: else one stands in the way of the other, which the array waits for. Beats
// of scales that span different numbers of elements (the last one of a panel fewer) are out of step
// by less than one span, and the elements' FIFO has room for it.
constexpr int kSpanBeats = 32;
constexpr int kFetchedDepth = 2 * kSpanBeats;
template <int kPanelLanes>
inline bool IsSpread(const Operand& operand) {
  const Word span =
      ElementBeats<kPanelLanes>(operand, operand.block) * Word(Panel<kPanelLanes>::kBlocksPerBeat);
  return !operand.HasScales() || (operand.HasByteScales() && span <= kSpanBeats);
}

// The double buffer of a factor's elements, or of its scales. A kept group is replayed from it, and
// the next one is fetched meanwhile: a spread factor's beats evenly over all passes but the first,
// another's during the second one. Nothing is waited for but the first group's beats, which go
// through as they arrive, and beats that the memory has not given in time. A pass of few beats is
// made up to kMinPass iterations.
template <int kHalfBeats, typename AnyBeat>
inline void Replay(hls::stream<AnyBeat>& in, hls::stream<AnyBeat>& out, Word groups,
                   Word group_beats, Word replays, bool kept, bool spread) {
  if (!kept) {
    const Count total = Count(groups * replays) * group_beats;
  pass_through:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      out.write(in.read());
    }
  } else {
    const Word pass_beats = group_beats < kMinPass ? Word(kMinPass) : group_beats;
    const Count passes = Count(groups * replays) * pass_beats;
    const Count total = group_beats == 0 ? Count(0) : passes;
    AnyBeat buffer[2 * kHalfBeats];
#pragma HLS BIND_STORAGE variable = buffer type = ram_2p
// A word is read at least kMinPass iterations after it was written.
#pragma HLS DEPENDENCE variable = buffer inter false
    ap_uint<1> half = 0;
    ap_uint<20> index = 0;   // of the beat in its group
    ap_uint<20> fill = 0;    // of the beat that is fetched next
    bool inside = true;      // there is such a beat
    bool opening = true;     // the first pass of the first group
    bool first_pass = true;  // of any group
    bool fetching = false;   // one of the passes that fetch
    EagerCycle beat(pass_beats);
    EagerCycle pass(replays);
    EagerCycle group(groups);
    EagerCycle turn(spread ? Word(replays - 1) : Word(1));  // its last iteration fetches
  replay:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      const bool fetch = inside & (opening | (fetching & turn.last & !group.last));
      const ap_uint<1> fill_half = opening ? half : ap_uint<1>(~half);
      AnyBeat fetched = 0;
      if (fetch) {
        fetched = in.read();
        buffer[int(fill_half) * kHalfBeats + int(fill)] = fetched;
      }
      const AnyBeat kept_beat = buffer[int(half) * kHalfBeats + int(index)];
      if (inside) out.write(opening ? fetched : kept_beat);

      if (beat.last & (opening | pass.last)) {
        fill = 0;
      } else if (fetch) {
        ++fill;
      }
      if (inside & fetching) turn.Next();
      inside = beat.last | (inside & (index + 1 != group_beats));
      index = beat.last ? ap_uint<20>(0) : ap_uint<20>(index + 1);
      if (beat.last) {
        opening = false;
        fetching = first_pass | (spread & fetching & !pass.last);
        first_pass = pass.last;
        if (pass.last) {
          half = ~half;
          group.Next();
        }
        pass.Next();
      }
      beat.Next();
    }
  }
}

template <int kPanelLanes, int kHalfBeats>
inline void ReplayElements(hls::stream<PanelBeat<kPanelLanes>>& in,
                           hls::stream<PanelBeat<kPanelLanes>>& out, const FactorCall& call) {
  Replay<kHalfBeats>(in, out, call.groups, call.panels * PanelElementBeats<kPanelLanes>(call.Own()),
                     call.replays, IsKept<kPanelLanes, kHalfBeats>(call),
                     IsSpread<kPanelLanes>(call.Own()));
}
template <int kPanelLanes, int kHalfBeats>
inline void ReplayScales(hls::stream<PanelBeat<kPanelLanes>>& in,
                         hls::stream<PanelBeat<kPanelLanes>>& out, const FactorCall& call) {
  Replay<ScaleBeats(kHalfBeats)>(
      in, out, call.groups, call.panels * PanelScaleBeats<kPanelLanes>(call.Own()), call.replays,
      IsKept<kPanelLanes, kHalfBeats>(call), IsSpread<kPanelLanes>(call.Own()));
}

}  // namespace gemm_config
