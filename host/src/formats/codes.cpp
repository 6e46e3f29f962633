// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Single codes of a format known at run time only, and the names of the header's enumerators.
#include <array>
#include <bit>
#include <string>

#include "formats/elements.hpp"
#include "formats/kernels.hpp"
#include "narrowgate/error.hpp"
#include "narrowgate/quantize.hpp"

namespace narrowgate {
namespace {

using internal::Fields;
using internal::FloatElement;
using internal::IntegerElement;

/// Calls use.operator()<element>() for the element of a format.
template <typename Use>
auto with_element(Format format, const Use& use) {
  switch (info(format).element) {
    case Format::kUint8:
      return use.template operator()<ng_formats::kUint8>();
    case Format::kInt4:
      return use.template operator()<ng_formats::kInt4>();
    case Format::kUint4:
      return use.template operator()<ng_formats::kUint4>();
    case Format::kE2m1:
      return use.template operator()<ng_formats::kE2m1>();
    case Format::kE2m3:
      return use.template operator()<ng_formats::kE2m3>();
    case Format::kE3m2:
      return use.template operator()<ng_formats::kE3m2>();
    case Format::kE4m3:
      return use.template operator()<ng_formats::kE4m3>();
    case Format::kE5m2:
      return use.template operator()<ng_formats::kE5m2>();
    default:  // an element is a plain format
      return use.template operator()<ng_formats::kInt8>();
  }
}

template <int kElement>
constexpr std::array<float, 256> values_of() {
  std::array<float, 256> values{};
  constexpr const ng_formats::Element& kRow = ng_formats::kElements[kElement];
  for (std::uint32_t code = 0; code < values.size(); ++code) {
    if constexpr (kRow.exponent_bits != 0) {
      values[code] = internal::decode<internal::fields_of(kElement)>(code);
    } else {
      const auto low = static_cast<int>(code & ((1U << kRow.bits) - 1));
      const bool negative = kRow.is_signed && (low >> (kRow.bits - 1)) != 0;
      values[code] = static_cast<float>(negative ? low - (1 << kRow.bits) : low);
    }
  }
  return values;
}

}  // namespace

const std::array<float, 256>& internal::element_values(Format format) {
  return *with_element(format, []<int kElement>() {
    static constexpr std::array<float, 256> kValues = values_of<kElement>();
    return &kValues;
  });
}

float internal::largest_element(Format format) {
  return with_element(format, []<int kElement>() {
    constexpr const ng_formats::Element& kRow = ng_formats::kElements[kElement];
    if constexpr (kRow.exponent_bits == 0) {
      return static_cast<float>(kRow.max_code);
    } else {
      return internal::decode<internal::fields_of(kElement)>(
          static_cast<std::uint32_t>(kRow.max_code));
    }
  });
}

float decode(Format format, std::uint8_t code) noexcept {
  return internal::element_values(format)[code];
}

std::uint8_t encode(Format format, float value, bool saturate) noexcept {
  return with_element(format, [=]<int kElement>() {
    if constexpr (ng_formats::kElements[kElement].exponent_bits == 0) {
      return IntegerElement<kElement>::code(value, 0);
    } else {
      return saturate ? FloatElement<kElement, true>::code(value, 0)
                      : FloatElement<kElement, false>::code(value, 0);
    }
  });
}

std::uint8_t encode_stochastic(Format format, float value, std::uint32_t random,
                               bool saturate) noexcept {
  return with_element(format, [=]<int kElement>() {
    if constexpr (ng_formats::kElements[kElement].exponent_bits == 0) {
      return IntegerElement<kElement>::code_at_random(value, 0, random);
    } else {
      return saturate ? FloatElement<kElement, true>::code_at_random(value, 0, random)
                      : FloatElement<kElement, false>::code_at_random(value, 0, random);
    }
  });
}

float decode_scale(ScaleKind kind, std::uint8_t code) noexcept {
  if (kind == ScaleKind::kE8m0) return internal::decode_e8m0(code);
  if (kind == ScaleKind::kUe4m3) return internal::decode_ue4m3(code);
  return std::bit_cast<float>(internal::kFp32Nan);
}

std::uint8_t encode_scale(ScaleKind kind, float value) noexcept {
  if (kind == ScaleKind::kE8m0) return internal::encode_e8m0(value);
  return kind == ScaleKind::kUe4m3 ? internal::encode_ue4m3(value) : 0;
}

float fp16_to_float(std::uint16_t code) noexcept {
  return internal::decode<internal::kFp16Fields>(code);
}
float bf16_to_float(std::uint16_t code) noexcept {
  return internal::decode<internal::kBf16Fields>(code);
}
std::uint16_t float_to_fp16(float value) noexcept {
  return static_cast<std::uint16_t>(internal::encode<internal::kFp16Fields, false>(value));
}
std::uint16_t float_to_bf16(float value) noexcept {
  return static_cast<std::uint16_t>(internal::encode<internal::kBf16Fields, false>(value));
}

std::size_t bytes_of(FloatType type) noexcept { return type == FloatType::kFloat32 ? 4 : 2; }

std::string_view to_string(FloatType type) noexcept {
  switch (type) {
    case FloatType::kFloat32:
      return "float32";
    case FloatType::kFloat16:
      return "float16";
    case FloatType::kBfloat16:
      return "bfloat16";
  }
  return "?";
}

std::string_view to_string(ScaleRule rule) noexcept {
  switch (rule) {
    case ScaleRule::kFloor:
      return "floor";
    case ScaleRule::kRceil:
      return "rceil";
    case ScaleRule::kEven:
      return "even";
    case ScaleRule::kCeil:
      return "ceil";
  }
  return "?";
}

ScaleRule parse_scale_rule(std::string_view name) {
  for (const ScaleRule rule :
       {ScaleRule::kFloor, ScaleRule::kRceil, ScaleRule::kEven, ScaleRule::kCeil}) {
    if (name == to_string(rule)) return rule;
  }
  throw InvalidArgumentError("unknown scale rule '" + std::string(name) +
                             "': it must be one of floor, rceil, even, ceil");
}

}  // namespace narrowgate
