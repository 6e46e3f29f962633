// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_offer.hpp"

#include <algorithm>
#include <string>

#include "core/pair.hpp"

namespace narrowgate::internal {
namespace {

std::string name_of(Format a, Format b) {
  return std::string(info(a).name) + " x " + std::string(info(b).name);
}

bool is_fp32(Format format) {
  return info(format).scale == ScaleKind::kFp32 || info(format).scale == ScaleKind::kFp32AndZero;
}

bool is_power_of_two(Format format) {
  return info(format).scale == ScaleKind::kNone || info(format).scale == ScaleKind::kE8m0;
}

void check_pairs(const CardImage& image, Format a, Format b) {
  if (image.pairs.empty()) return;
  if (std::ranges::find(image.pairs, std::pair{a, b}) != image.pairs.end()) return;
  std::string names;
  for (const auto& [x, y] : image.pairs) names += (names.empty() ? "" : ", ") + name_of(x, y);
  throw UnsupportedError("image '" + image.name + "' does not multiply " + name_of(a, b) +
                         ": it multiplies " + names);
}

/// The array's sums of floating-point elements: how many bits they have, and how many steps of a
/// block the model that stands in for it in simulation adds up exactly.
constexpr int kSumBits = 72;
constexpr std::size_t kMostFloatSteps = (std::size_t{1} << 17) - 1;

__extension__ using Wide = __int128;

void check_float_sums(const Problem& problem) {
  const Wide a = element_range(problem.a_format, problem.options.a_zero).lo;
  const Wide b = element_range(problem.b_format, problem.options.b_zero).lo;
  const Wide largest = (Wide{1} << (kSumBits - 1)) - 1;
  const Wide fits = largest / (a * b);  // lo is the larger magnitude of the two ends
  const std::size_t limit =
      fits < Wide{kMostFloatSteps} ? static_cast<std::size_t>(fits) : kMostFloatSteps;
  const std::size_t block = block_of(problem);
  if (block <= limit) return;
  throw AccumulatorRangeError("a block of K = " + std::to_string(block) +
                              " could overflow a card's exact sum: it may be up to " +
                              std::to_string(limit) + " for " +
                              name_of(problem.a_format, problem.b_format));
}

}  // namespace

void check_offer(const CardImage& image, const Problem& problem) {
  const Format a = problem.a_format;
  const Format b = problem.b_format;
  check_pairs(image, a, b);
  if (is_fp32(a) && is_fp32(b)) {
    throw UnsupportedError("a card does not multiply " + name_of(a, b) +
                           ": at most one operand may have FP32 scales");
  }
  const OutputFormatInfo& output = info(output_format(problem.options.epilogue));
  if (output.is_mx && !image.geometry.makes_mx()) {
    throw UnsupportedError("image '" + image.name + "' does not make " + std::string(output.name) +
                           " results: its panels of " + std::to_string(image.geometry.tile_rows) +
                           " rows do not fill the beats of its ports");
  }
  const bool is_float = pair_of(a, b).multiply_class == ng_formats::kFloat;
  if (is_float && !(is_power_of_two(a) && is_power_of_two(b))) {
    throw UnsupportedError("a card does not multiply " + name_of(a, b) +
                           ": products with fp6_e3m2, fp8_e4m3 or fp8_e5m2 elements take scales "
                           "that are powers of two");
  }
  if (is_float) check_float_sums(problem);
}

}  // namespace narrowgate::internal
