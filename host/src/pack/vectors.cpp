// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/vectors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "core/check.hpp"
#include "core/pair.hpp"

namespace narrowgate::internal {
namespace {

static_assert(std::endian::native == std::endian::little, "cards read little-endian words");

std::uint32_t bits(std::int32_t value) { return static_cast<std::uint32_t>(value); }
std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

/// One column's entry, as the kernel reads it.
struct ColumnEntry {
  std::uint32_t col_term = 0;
  std::uint32_t multiplier = 0;
  std::uint32_t shift_or_channel_scale = 0;
  std::uint32_t float_bias = 0;
};
static_assert(sizeof(ColumnEntry) == kColumnEntryBytes);

Mode mode_of(Rounding rounding) {
  switch (rounding) {
    case Rounding::kOnnx:
      return Mode::kOnnx;
    case Rounding::kGemmlowp:
      return Mode::kGemmlowp;
    case Rounding::kTflite:
      return Mode::kTflite;
  }
  return Mode::kInt32;
}

std::int32_t bias_of(const std::vector<std::int32_t>& bias, std::size_t n) {
  return bias.empty() ? 0 : bias[n];
}

/// What the epilogue adds to column n: its bias (returned) and the other words of the entry.
std::int32_t fill_entry(const Int32Epilogue& e, const Problem&, std::size_t n, ColumnEntry&) {
  return bias_of(e.bias, n);
}

std::int32_t fill_entry(const RequantEpilogue& e, const Problem&, std::size_t n,
                        ColumnEntry& entry) {
  if (e.rounding == Rounding::kOnnx) {
    entry.multiplier = bits(static_cast<float>(e.scales[e.scales.size() == 1 ? 0 : n]));
  } else {
    const FixedPoint fixed = channel_fixed_point(e, n);
    entry.multiplier = bits(fixed.multiplier);
    entry.shift_or_channel_scale = bits(fixed.shift);
  }
  return bias_of(e.bias, n);
}

std::int32_t fill_entry(const FloatEpilogue& e, const Problem& problem, std::size_t n,
                        ColumnEntry& entry) {
  const float scale = output_scale(problem, e);
  const float channel_scale = e.channel_scales.empty() ? 1.0F : e.channel_scales[n];
  entry.shift_or_channel_scale = bits(std::isfinite(scale) ? channel_scale : scale * channel_scale);
  entry.float_bias = bits(e.bias.empty() ? -0.0F : e.bias[n]);
  return 0;
}

}  // namespace

EpilogueArguments epilogue_arguments(const Problem& problem) {
  const Epilogue& epilogue = problem.options.epilogue;
  EpilogueArguments arguments;
  arguments.out_format = info(output_format(epilogue)).code;
  if (const auto* e = std::get_if<RequantEpilogue>(&epilogue)) {
    const Bounds bounds = output_bounds(*e);
    arguments.mode = mode_of(e->rounding);
    arguments.out_zero = bits(e->out_zero);
    arguments.clamp_lo = bits(bounds.lo);
    arguments.clamp_hi = bits(bounds.hi);
  } else if (const auto* f = std::get_if<FloatEpilogue>(&epilogue)) {
    const bool int32_sums = pair_of(problem.a_format, problem.b_format).int32_sums;
    const float scale = output_scale(problem, *f);
    arguments.mode = int32_sums ? Mode::kFloat32 : Mode::kScaledFloat32;
    // The kernel multiplies the sum by a finite scale. One that is not goes into the channels'
    // scales, which gives the same: 0 becomes NaN, anything else an infinity of the product's sign.
    arguments.scale = bits(std::isfinite(scale) ? scale : 1.0F);
    arguments.clamp_lo = bits(f->relu ? std::max(f->clamp_lo, 0.0F) : f->clamp_lo);
    arguments.clamp_hi = bits(f->clamp_hi);
    arguments.out_zero = bits(f->out_zero);
    arguments.activation = static_cast<std::uint32_t>(f->activation);
  }
  return arguments;
}

void pack_vectors(const Geometry& geometry, const Problem& problem,
                  std::span<const std::int32_t> row_sums, std::span<const std::int32_t> column_sums,
                  std::span<std::uint8_t> out) {
  const VectorLayout layout = VectorLayout::of(geometry, problem.m, problem.n);
  if (out.size() < layout.bytes() || row_sums.size() != problem.m ||
      column_sums.size() != problem.n) {
    throw InvalidArgumentError("the vector buffer needs " + std::to_string(layout.bytes()) +
                               " bytes: there are " + std::to_string(out.size()));
  }
  // Everything modulo 2^32, in unsigned arithmetic: the final sum fits (seams.md section 1).
  // Other products than those of plain integers have za' = zb' = 0, see check_problem().
  const std::uint32_t za = bits(problem.options.a_zero - neutral_zero(problem.a_format));
  const std::uint32_t zb = bits(problem.options.b_zero - neutral_zero(problem.b_format));
  std::uint8_t* rows = out.data();
  for (std::size_t m = 0; m < problem.m; ++m) {
    const std::uint32_t row_term = 0U - zb * bits(row_sums[m]);
    std::memcpy(rows + m * sizeof(row_term), &row_term, sizeof(row_term));
  }
  const std::size_t rows_used = problem.m * sizeof(std::uint32_t);
  std::memset(rows + rows_used, 0, layout.columns_offset() - rows_used);

  std::uint8_t* columns = out.data() + layout.columns_offset();
  const std::size_t all_columns = layout.n_tiles * geometry.tile_cols;
  for (std::size_t n = 0; n < all_columns; ++n) {
    // Columns outside the matrix repeat the last one, so that their scales are valid too.
    const std::size_t column = std::min(n, problem.n - 1);
    ColumnEntry entry;
    const std::int32_t bias = std::visit(
        [&](const auto& epilogue) { return fill_entry(epilogue, problem, column, entry); },
        problem.options.epilogue);
    entry.col_term = bits(bias) - za * bits(column_sums[column]) +
                     static_cast<std::uint32_t>(problem.k) * za * zb;
    std::memcpy(columns + n * kColumnEntryBytes, &entry, sizeof(entry));
  }
}

}  // namespace narrowgate::internal
