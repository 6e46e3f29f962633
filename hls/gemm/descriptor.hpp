// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A call as it stands in card memory (docs/seams.md, section 5): 32 little-endian words, of which
// these are used and the others are 0. C++14, constants only, so that HLS and the host read the
// same file.
#pragma once

namespace ng_descriptor {

// Pointers are 64 bits, low word first: where the data begin, in beats from the kernel's argument
// of the same name, modulo 2^64.
enum Word {
  kA = 0,
  kB = 2,
  kV = 4,
  kC = 6,
  kMTiles = 8,
  kNTiles = 9,
  kK = 10,
  kAFormat = 11,
  kBFormat = 12,
  kBlock = 13,
  kBlocks = 14,
  kSumExponent = 15,
  kMode = 16,
  kScale = 17,
  kOutZero = 18,
  kClampLo = 19,
  kClampHi = 20,
  kOutFormat = 21,
  kActivation = 22,
  kN = 23,
  kRecords = 24,  // a pointer: the column records, in the memory of kV
  kOrder = 26,
  kNumWords = 32
};

// Which tile comes after (i, j): the next one of its row of tiles, or of its column.
enum Order { kByRows = 0, kByColumns = 1 };

}  // namespace ng_descriptor
