// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/unpack.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

/// Copies one tile (column by column, `tile_rows` apart) to `rows` × `cols` elements at `out`.
template <typename Word>
void unpack_tile(const std::uint8_t* tile, std::size_t tile_rows, std::size_t rows,
                 std::size_t cols, Word* out, std::ptrdiff_t row_stride,
                 std::ptrdiff_t col_stride) {
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
void unpack_words(const Geometry& g, const ResultLayout& layout, const std::uint8_t* result,
                  const OutputView& c) {
  auto* out = static_cast<Word*>(c.data);
  const std::size_t tile_bytes = layout.tile_elements * sizeof(Word);
  for (std::size_t i = 0; i < layout.m_tiles; ++i) {
    for (std::size_t j = 0; j < layout.n_tiles; ++j) {
      const std::size_t row = i * g.tile_rows;
      const std::size_t col = j * g.tile_cols;
      unpack_tile<Word>(result + (i * layout.n_tiles + j) * tile_bytes, g.tile_rows,
                        std::min<std::size_t>(g.tile_rows, c.rows - row),
                        std::min<std::size_t>(g.tile_cols, c.cols - col),
                        out + static_cast<std::ptrdiff_t>(row) * c.row_stride +
                            static_cast<std::ptrdiff_t>(col) * c.col_stride,
                        c.row_stride, c.col_stride);
    }
  }
}

}  // namespace

void unpack_result(const Geometry& geometry, std::span<const std::uint8_t> result,
                   const OutputView& c) {
  const ResultLayout layout = ResultLayout::of(geometry, c.rows, c.cols, c.format);
  if (result.size() < layout.bytes()) {
    throw InvalidArgumentError("the result is " + std::to_string(result.size()) +
                               " bytes long: it must be " + std::to_string(layout.bytes()));
  }
  switch (c.format) {
    case OutputFormat::kInt32:
      unpack_words<std::int32_t>(geometry, layout, result.data(), c);
      break;
    case OutputFormat::kFloat32:
      unpack_words<float>(geometry, layout, result.data(), c);
      break;
    case OutputFormat::kInt8:
      unpack_words<std::int8_t>(geometry, layout, result.data(), c);
      break;
    case OutputFormat::kUint8:
      unpack_words<std::uint8_t>(geometry, layout, result.data(), c);
      break;
  }
}

}  // namespace narrowgate::internal
