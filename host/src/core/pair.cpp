// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/pair.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace narrowgate::internal {
namespace {

using ng_formats::MultiplyClass;

// The array adds the scaled sum of a block of 4-bit elements in as many cycles as it takes to
// multiply this many elements.
constexpr std::size_t kShortestFastBlock = 32;

MultiplyClass class_of(const FormatInfo& format) {
  return ng_formats::ClassOf(static_cast<int>(format.element));
}

bool has_zeros(const FormatInfo& format) { return format.scale == ScaleKind::kFp32AndZero; }

/// The block that a format imposes on the sums, or 0.
std::size_t imposed_block(const char* name, Format format, std::size_t block, std::size_t k) {
  const FormatInfo& f = info(format);
  if (!f.has_scales()) return 0;
  if (f.is_group() && block == 0) {
    throw ShapeError(std::string(name) + " is " + std::string(f.name) +
                     " with groups of 0 elements: they must have at least 1");
  }
  return std::min(f.is_group() ? block : f.block, k);
}

}  // namespace

Pair pair_of(Format a, Format b) {
  const FormatInfo& fa = info(a);
  const FormatInfo& fb = info(b);
  Pair pair{};
  pair.multiply_class = std::max(class_of(fa), class_of(fb));
  if (pair.multiply_class == ng_formats::kNibble && (has_zeros(fa) || has_zeros(fb))) {
    pair.multiply_class = ng_formats::kByte;
  }
  pair.plain_integers = fa.is_plain_integer() && fb.is_plain_integer();
  pair.int32_sums =
      !fa.has_scales() && !fb.has_scales() && pair.multiply_class != ng_formats::kFloat;
  pair.sum_exponent = fa.lsb + fb.lsb + fa.element_exponent + fb.element_exponent;
  return pair;
}

ElementRange element_range(Format format, std::int32_t zero) {
  const FormatInfo& f = info(format);
  if (has_zeros(f)) return {f.min - f.max, f.max - f.min};
  if (!f.is_float) return {f.min - std::int64_t{zero}, f.max - std::int64_t{zero}};
  // {exponent, mantissa} of the largest code, as a multiple of the smallest step.
  const int mantissa = f.max_code & ((1 << f.mantissa_bits) - 1);
  const int exponent = f.max_code >> f.mantissa_bits;
  const std::int64_t largest = std::int64_t{(1 << f.mantissa_bits) + mantissa} << (exponent - 1);
  return {-largest, largest};
}

int scale_bits(Format format) {
  switch (info(format).scale) {
    case ScaleKind::kNone:
    case ScaleKind::kE8m0:
      return 1;
    case ScaleKind::kUe4m3:
      return 4;
    case ScaleKind::kFp32:
    case ScaleKind::kFp32AndZero:
      break;
  }
  return 24;
}

std::int32_t neutral_zero(Format format) {
  const FormatInfo& f = info(format);
  return f.is_plain_integer() ? f.offset : 0;
}

std::size_t block_of(const Problem& p) {
  const std::size_t a = imposed_block("A", p.a_format, p.a_block, p.k);
  const std::size_t b = imposed_block("B", p.b_format, p.b_block, p.k);
  if (a != 0 && b != 0 && a != b) {
    throw ShapeError("A's scales (" + std::string(info(p.a_format).name) + ") cover " +
                     std::to_string(a) + " elements along K and B's (" +
                     std::string(info(p.b_format).name) + ") " + std::to_string(b) +
                     ": both must have blocks of the same length");
  }
  return a != 0 ? a : b != 0 ? b : p.k;
}

float output_scale(const Problem& p, const FloatEpilogue& epilogue) {
  float scale = p.a_tensor_scale * p.b_tensor_scale;
  scale = scale * epilogue.scale;
  const Pair pair = pair_of(p.a_format, p.b_format);
  return pair.int32_sums ? std::ldexp(scale, pair.sum_exponent) : scale;
}

std::size_t max_float_block(Format a, Format b) {
  constexpr int kBits = 126;  // and a sign
  constexpr int kBitsOfK = 31;
  const auto bits = [](Format format) {
    return static_cast<int>(
        std::bit_width(static_cast<std::uint64_t>(-element_range(format, 0).lo)));
  };
  const int left = kBits - bits(a) - bits(b) - scale_bits(a) - scale_bits(b);
  return left >= kBitsOfK ? INT32_MAX : std::size_t{1} << left;
}

std::uint64_t peak_macs(Format a, Format b, std::size_t block, std::uint64_t cells) {
  switch (pair_of(a, b).multiply_class) {
    case ng_formats::kNibble:
      return block >= kShortestFastBlock ? 2 * cells : cells;
    case ng_formats::kByte:
      return cells;
    case ng_formats::kFloat:
      break;
  }
  return cells / 2;
}

}  // namespace narrowgate::internal
