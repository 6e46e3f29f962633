// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From card memory to the array's edge: burst readers and double buffers.
//
// An operand is `blocks` blocks of `block_beats` beats, each block wanted `replays` times in a row:
// A is m_tiles panels, each used against every column panel; B is one block of all its panels,
// used once for every row panel of A. A block that fits the buffer is read from memory once.
#pragma once

#include "config.hpp"

namespace gemm_config {

// A written buffer word is not read before this many iterations have passed, which is more than
// the latency of any block RAM that a compiler may choose. Shorter blocks are streamed.
constexpr int kMinBufferedBeats = 8;
// Requests issued ahead of the data, so that the memory's latency is paid once. The read master
// queues this many.
constexpr int kRequestsAhead = 4;

inline bool IsBuffered(Word block_beats, Word replays) {
  return replays >= 2 && block_beats >= kMinBufferedBeats && block_beats <= kBufferBeats;
}

// Reads an operand in the order in which Replay wants it: once when it is buffered, `replays`
// times otherwise. One request covers one block, or the whole operand when it is buffered. The
// operand begins at beat `first` of the memory.
inline void ReadOperand(Memory& memory, hls::stream<Beat>& beats, ap_uint<64> first, Word blocks,
                        Word block_beats, Word replays) {
  const bool buffered = IsBuffered(block_beats, replays);
  const Word request_beats = buffered ? Word(blocks * block_beats) : block_beats;
  const Word repeats = buffered ? Word(1) : replays;
  const Word requests = buffered ? Word(1) : Word(blocks * replays);
  const Count total = Count(requests) * request_beats;

  ap_uint<64> offset = first;  // of the next request
  Cycle repeat(repeats);
  Word unasked = requests;
request_ahead:
  for (int r = 0; r < kRequestsAhead; ++r) {
    if (unasked != 0) {
      memory.read_request(offset, request_beats);
      if (repeat.Last()) offset += request_beats;
      repeat.Next();
      --unasked;
    }
  }

  Cycle beat(request_beats);
  bool first_beat = true;
read_beats:
  for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
    if (first_beat && unasked != 0) {
      memory.read_request(offset, request_beats);
      if (repeat.Last()) offset += request_beats;
      repeat.Next();
      --unasked;
    }
    beats.write(memory.read());
    first_beat = beat.Last();
    beat.Next();
  }
}

// The operand's double buffer. A buffered block is kept while it is replayed; the next block is
// fetched during the second pass over this one. Nothing is waited for but the first block's beats,
// which go through as they arrive.
inline void Replay(hls::stream<Beat>& in, hls::stream<Beat>& out, Word blocks, Word block_beats,
                   Word replays) {
  const Count total = Count(blocks * replays) * block_beats;
  if (!IsBuffered(block_beats, replays)) {
  pass_through:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      out.write(in.read());
    }
  } else {
    Beat buffer[2 * kBufferBeats];
#pragma HLS BIND_STORAGE variable = buffer type = ram_2p
// A word is read at least block_beats >= kMinBufferedBeats iterations after it was written.
#pragma HLS DEPENDENCE variable = buffer inter false
    ap_uint<1> half = 0;
    ap_uint<16> index = 0;     // of the beat in its block
    bool opening = true;       // the first pass of the first block
    bool first_pass = true;    // of any block
    bool second_pass = false;  // of any block
    Cycle beat(block_beats);
    Cycle pass(replays);
    Cycle block(blocks);
  replay:
    for (Count t = 0; t < total; ++t) {
#pragma HLS PIPELINE II = 1
      const bool prefetch = second_pass && !block.Last();
      const ap_uint<1> fill_half = opening ? half : ap_uint<1>(~half);
      Beat fetched = 0;
      if (opening || prefetch) {
        fetched = in.read();
        buffer[int(fill_half) * kBufferBeats + int(index)] = fetched;
      }
      const Beat kept = buffer[int(half) * kBufferBeats + int(index)];
      out.write(opening ? fetched : kept);

      index = beat.Last() ? ap_uint<16>(0) : ap_uint<16>(index + 1);
      if (beat.Last()) {
        opening = false;
        second_pass = first_pass;
        first_pass = pass.Last();
        if (pass.Last()) {
          half = ~half;
          block.Next();
        }
        pass.Next();
      }
      beat.Next();
    }
  }
}

}  // namespace gemm_config
