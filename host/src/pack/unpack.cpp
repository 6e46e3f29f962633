// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/unpack.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "narrowgate/error.hpp"
#include "pack/panel_layout.hpp"

namespace narrowgate::internal {
namespace {

/// Blocks of kSide x kSide words at `tile` (columns `tile_rows` apart) go to rows of `out`, through
/// registers: the compiler turns the four rounds of interleaving into the machine's own.
template <typename Word>
void transpose_block(const std::uint8_t* tile, std::size_t tile_rows, Word* out,
                     std::ptrdiff_t row_stride) {
  constexpr std::size_t kSide = 4;
  typedef Word Words __attribute__((vector_size(kSide * sizeof(Word))));  // a using cannot say it
  Words c[kSide];
  for (std::size_t i = 0; i < kSide; ++i) {
    std::memcpy(&c[i], tile + i * tile_rows * sizeof(Word), sizeof(Words));
  }
  const Words ab0 = __builtin_shufflevector(c[0], c[1], 0, 4, 1, 5);
  const Words ab1 = __builtin_shufflevector(c[0], c[1], 2, 6, 3, 7);
  const Words cd0 = __builtin_shufflevector(c[2], c[3], 0, 4, 1, 5);
  const Words cd1 = __builtin_shufflevector(c[2], c[3], 2, 6, 3, 7);
  const Words rows[kSide] = {
      __builtin_shufflevector(ab0, cd0, 0, 1, 4, 5), __builtin_shufflevector(ab0, cd0, 2, 3, 6, 7),
      __builtin_shufflevector(ab1, cd1, 0, 1, 4, 5), __builtin_shufflevector(ab1, cd1, 2, 3, 6, 7)};
  for (std::size_t i = 0; i < kSide; ++i) {
    std::memcpy(out + static_cast<std::ptrdiff_t>(i) * row_stride, &rows[i], sizeof(Words));
  }
}

/// The same for a whole tile into a row-major matrix; its rows and columns are multiples of 4.
template <typename Word>
void unpack_whole_tile(const std::uint8_t* tile, std::size_t tile_rows, std::size_t cols, Word* out,
                       std::ptrdiff_t row_stride) {
  for (std::size_t r = 0; r < tile_rows; r += 4) {
    for (std::size_t c = 0; c < cols; c += 4) {
      transpose_block<Word>(tile + (c * tile_rows + r) * sizeof(Word), tile_rows,
                            out + static_cast<std::ptrdiff_t>(r) * row_stride + c, row_stride);
    }
  }
}

/// Copies one tile (column by column, `tile_rows` apart) to `rows` × `cols` elements at `out`.
template <typename Word>
void unpack_tile(const std::uint8_t* tile, std::size_t tile_rows, std::size_t rows,
                 std::size_t cols, Word* out, std::ptrdiff_t row_stride,
                 std::ptrdiff_t col_stride) {
  if (col_stride == 1 && rows == tile_rows && rows % 4 == 0 && cols % 4 == 0) {
    return unpack_whole_tile<Word>(tile, tile_rows, cols, out, row_stride);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    Word* row = out + static_cast<std::ptrdiff_t>(r) * row_stride;
    for (std::size_t c = 0; c < cols; ++c) {
      Word value;
      std::memcpy(&value, tile + (c * tile_rows + r) * sizeof(Word), sizeof(Word));
      row[static_cast<std::ptrdiff_t>(c) * col_stride] = value;
    }
  }
}

template <typename Word>
void unpack_words(const Geometry& g, const TilePlan& plan, const std::uint8_t* result,
                  const OutputView& c) {
  auto* out = static_cast<Word*>(c.data);
  const std::size_t tile_bytes = std::size_t{g.tile_rows} * g.tile_cols * sizeof(Word);
  for (const TileRange& range : plan) {
    for (std::size_t i = 0; i < range.rows; ++i) {
      for (std::size_t j = 0; j < range.cols; ++j) {
        const std::size_t row = (range.first_row + i) * g.tile_rows;
        const std::size_t col = (range.first_col + j) * g.tile_cols;
        unpack_tile<Word>(result + range.index(i, j) * tile_bytes, g.tile_rows,
                          std::min<std::size_t>(g.tile_rows, c.rows - row),
                          std::min<std::size_t>(g.tile_cols, c.cols - col),
                          out + static_cast<std::ptrdiff_t>(row) * c.row_stride +
                              static_cast<std::ptrdiff_t>(col) * c.col_stride,
                          c.row_stride, c.col_stride);
      }
    }
    result += range.tiles() * tile_bytes;
  }
}

/// Bits at..at + width of a run of little-endian bytes; width ≤ 8.
std::uint8_t bits_at(const std::uint8_t* bytes, std::size_t at, unsigned width) {
  const std::size_t first = at / 8;
  const unsigned shift = at % 8;
  unsigned word = bytes[first];
  if (shift + width > 8) word |= static_cast<unsigned>(bytes[first + 1]) << 8;
  return static_cast<std::uint8_t>(word >> shift & ((1U << width) - 1));
}

/// Panels of an operand A with N as its K.
void unpack_blocks(const Geometry& g, const std::uint8_t* result, const OutputView& c) {
  const FormatInfo& format = info(info(c.format).operand);
  const auto width = static_cast<unsigned>(format.bits);
  const PanelLayout layout =
      PanelLayout::of(g, Side::kA, format.format, c.rows, c.cols, format.block);
  auto* codes = static_cast<std::uint8_t*>(c.data);
  for (std::size_t r = 0; r < c.rows; ++r) {
    const std::uint8_t* panel = result + r / g.tile_rows * layout.panel_bytes;
    const std::size_t lane = r % g.tile_rows;
    std::uint8_t* row = codes + static_cast<std::ptrdiff_t>(r) * c.row_stride;
    for (std::size_t n = 0; n < c.cols; ++n) {
      row[static_cast<std::ptrdiff_t>(n) * c.col_stride] =
          bits_at(panel + layout.step_offset(n), lane * width, width);
    }
    std::uint8_t* scales = c.scales + static_cast<std::ptrdiff_t>(r) * c.scale_row_stride;
    for (std::size_t b = 0; b < layout.blocks; ++b) {
      scales[static_cast<std::ptrdiff_t>(b) * c.scale_block_stride] =
          panel[layout.scales_offset(b) + b % layout.blocks_per_scales * g.tile_rows + lane];
    }
  }
}

}  // namespace

void unpack_result(const Geometry& geometry, const TilePlan& plan,
                   std::span<const std::uint8_t> result, const OutputView& c) {
  const ResultLayout layout = ResultLayout::of(geometry, c.rows, c.cols, c.format);
  if (result.size() < layout.bytes()) {
    throw InvalidArgumentError("the result is " + std::to_string(result.size()) +
                               " bytes long: it must be " + std::to_string(layout.bytes()));
  }
  if (info(c.format).is_mx) return unpack_blocks(geometry, result.data(), c);
  switch (info(c.format).bytes) {
    case 4:
      unpack_words<std::uint32_t>(geometry, plan, result.data(), c);
      break;
    case 2:
      unpack_words<std::uint16_t>(geometry, plan, result.data(), c);
      break;
    default:
      unpack_words<std::uint8_t>(geometry, plan, result.data(), c);
      break;
  }
}

}  // namespace narrowgate::internal
