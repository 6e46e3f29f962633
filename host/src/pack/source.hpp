// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// An operand as packing sees it, whatever its side, order and storage.
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrowgate/format.hpp"
#include "narrowgate/gemm.hpp"
#include "narrowgate/matrix.hpp"

namespace narrowgate::internal {

// Steps are packed in chunks: two cache lines of every source row at a time, so that each line of a
// row-major A is fetched once, and the processor reads ahead in many rows at once.
inline constexpr std::size_t kChunkSteps = 128;
inline constexpr unsigned kMaxLanes = 512;  // a beat of 4096 bits holds no wider step

/// An operand seen from the array: lanes (rows of A, columns of B) by steps (k).
struct Source {
  const std::uint8_t* data;
  std::ptrdiff_t lane_stride;
  std::ptrdiff_t step_stride;
  std::size_t lanes;
  std::size_t steps;
  bool nibbles;
  const FormatInfo& format;

  Source(Side side, const MatrixView& m)
      : data(static_cast<const std::uint8_t*>(m.data)),
        lane_stride(side == Side::kA ? m.row_stride : m.col_stride),
        step_stride(side == Side::kA ? m.col_stride : m.row_stride),
        lanes(side == Side::kA ? m.rows : m.cols),
        steps(side == Side::kA ? m.cols : m.rows),
        nibbles(m.storage == Storage::kNibbles),
        format(info(m.format)) {}

  std::ptrdiff_t element(std::size_t lane, std::size_t step) const {
    return static_cast<std::ptrdiff_t>(lane) * lane_stride +
           static_cast<std::ptrdiff_t>(step) * step_stride;
  }

  /// The byte that holds the value: as stored, or a nibble extended.
  std::uint8_t byte(std::size_t lane, std::size_t step) const {
    const std::ptrdiff_t e = element(lane, step);
    if (!nibbles) return data[e];
    const int nibble = (e & 1) != 0 ? data[e >> 1] >> 4 : data[e >> 1] & 15;
    return static_cast<std::uint8_t>(format.is_signed && nibble >= 8 ? nibble - 16 : nibble);
  }
};

/// Part of a panel: `used` of its lanes lie in the matrix, from `lane` on; steps from `step` on.
struct Chunk {
  std::size_t lane;
  std::size_t used;
  std::size_t step;
  std::size_t steps;
};

/// Fills tile[s·lanes + l] for all lanes of the chunk, one byte an element, those outside the
/// matrix with the pad code. At most kMaxLanes lanes and kChunkSteps steps.
void fill_tile(const Source& source, const Chunk& chunk, unsigned lanes, std::uint8_t* tile);

}  // namespace narrowgate::internal
