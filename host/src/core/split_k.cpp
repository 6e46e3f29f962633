// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/split_k.hpp"

#include <algorithm>

#include "pack/source.hpp"

namespace narrowgate::internal {
namespace {

// Shorter slices would not repay the copies.
constexpr std::size_t kShortestSlice = 256;

bool is_plain(const Factor& factor) {
  return !factor.resident && info(factor.view.format).is_plain_integer();
}

}  // namespace

std::size_t slices_of_k(const Geometry& geometry, std::size_t m, std::size_t n, std::size_t k) {
  return std::max<std::size_t>(
      1, std::min({geometry.tile_rows / m, geometry.tile_cols / n, k / kShortestSlice}));
}

std::optional<SplitProduct> SplitProduct::of(const Geometry& geometry, const Request& request) {
  const Problem& p = request.problem;
  const bool int32_result = std::holds_alternative<Int32Epilogue>(p.options.epilogue);
  if (!int32_result || !is_plain(request.a) || !is_plain(request.b)) return std::nullopt;
  const std::size_t count = slices_of_k(geometry, p.m, p.n, p.k);
  if (count < 2) return std::nullopt;
  std::optional<SplitProduct> split(SplitProduct(request, count));
  if (!split->fill(Side::kA) || !split->fill(Side::kB)) return std::nullopt;
  return split;
}

SplitProduct::SplitProduct(const Request& request, std::size_t slices)
    : slices_(slices), whole_(request), split_(request) {
  Problem& p = split_.problem;
  p.m *= slices;
  p.n *= slices;
  p.k = ceil_div(p.k, slices);
  p.options.epilogue = Int32Epilogue{};
  a_.resize(p.m * p.k);
  b_.resize(p.n * p.k);
  c_.resize(p.m * p.n);
  split_.a.view = MatrixView::row_major(a_.data(), p.a_format, p.m, p.k);
  split_.b.view = MatrixView::col_major(b_.data(), p.b_format, p.k, p.n);
  split_.c = OutputView::row_major(c_.data(), p.m, p.n);
}

/// Steps that the last slice does not have hold the zero-point, which adds nothing.
bool SplitProduct::fill(Side side) {
  const bool is_a = side == Side::kA;
  const Source source(side, is_a ? whole_.a.view : whole_.b.view);
  const GemmOptions& options = whole_.problem.options;
  const auto zero = static_cast<std::uint8_t>(is_a ? options.a_zero : options.b_zero);
  const std::size_t steps = split_.problem.k;
  std::vector<std::uint8_t>& out = is_a ? a_ : b_;
  std::size_t at = 0;
  for (std::size_t slice = 0; slice < slices_; ++slice) {
    const std::size_t first = slice * steps;
    const std::size_t there = std::min(steps, source.steps - std::min(source.steps, first));
    for (std::size_t lane = 0; lane < source.lanes; ++lane) {
      for (std::size_t step = 0; step < there; ++step) {
        const std::uint8_t byte = source.byte(lane, first + step);
        const int value = source.format.is_signed ? static_cast<std::int8_t>(byte) : byte;
        if (value < source.format.min || value > source.format.max) return false;
        out[at++] = byte;
      }
      for (std::size_t step = there; step < steps; ++step) out[at++] = zero;
    }
  }
  return true;
}

void SplitProduct::combine() const {
  const Problem& p = whole_.problem;
  const auto& bias = std::get<Int32Epilogue>(p.options.epilogue).bias;
  auto* out = static_cast<std::int32_t*>(whole_.c.data);
  const std::size_t row = split_.problem.n;
  for (std::size_t m = 0; m < p.m; ++m) {
    for (std::size_t n = 0; n < p.n; ++n) {
      auto sum = static_cast<std::uint32_t>(bias.empty() ? 0 : bias[n]);  // modulo 2^32
      for (std::size_t s = 0; s < slices_; ++s) {
        sum += static_cast<std::uint32_t>(c_[(s * p.m + m) * row + s * p.n + n]);
      }
      out[static_cast<std::ptrdiff_t>(m) * whole_.c.row_stride +
          static_cast<std::ptrdiff_t>(n) * whole_.c.col_stride] = static_cast<std::int32_t>(sum);
    }
  }
}

}  // namespace narrowgate::internal
