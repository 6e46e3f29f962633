// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference/outputs.hpp"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>

#include "formats/codec.hpp"
#include "gemm/sigmoid.hpp"
#include "narrowgate/quantize.hpp"

namespace narrowgate::internal {
namespace {

namespace fixed = gemm_config;

constexpr std::uint64_t mask(int bits) { return (std::uint64_t{1} << bits) - 1; }

/// sigma(u) with kSigmoidBits after the point, for u < 16 with kSigmoidArgumentBits.
std::uint64_t sigmoid(std::uint64_t u) {
  const std::uint64_t segment = fixed::kSigmoid.words[u >> fixed::kSegmentRestBits];
  const std::uint64_t rest = u & mask(fixed::kSegmentRestBits);
  const std::uint64_t c0 = segment & mask(fixed::kC0Bits);
  const std::uint64_t c1 = segment >> fixed::kC0Bits & mask(fixed::kC1Bits);
  const std::uint64_t c2 = segment >> (fixed::kC0Bits + fixed::kC1Bits);
  const std::uint64_t slope =
      c1 - (c2 * rest >> (fixed::kC2Point + fixed::kSegmentRestBits - fixed::kC1Point));
  const std::uint64_t rise =
      slope * rest >> (fixed::kC1Point + fixed::kSegmentRestBits - fixed::kC0Point);
  return (std::uint64_t{1} << (fixed::kSigmoidBits - 1)) + c0 + rise;
}

/// GELU's u = x·(linear + cubic·x²), each product cut off.
std::uint64_t gelu_argument(std::uint64_t x) {
  const std::uint64_t square = x * x >> (2 * fixed::kSigmoidArgumentBits - fixed::kGeluSquareBits);
  const std::uint64_t factor =
      static_cast<std::uint64_t>(fixed::kGeluLinear) +
      (square * static_cast<std::uint64_t>(fixed::kGeluCubic) >>
       (fixed::kGeluSquareBits + fixed::kGeluCubicBits - fixed::kGeluLinearBits));
  return x * factor >> fixed::kGeluLinearBits;
}

float canonical(float x) {
  return std::isnan(x) ? std::bit_cast<float>(std::uint32_t{0x7FC00000}) : x;
}

template <typename T>
T* at(const OutputView& c, std::size_t m, std::size_t n) {
  return static_cast<T*>(c.data) + static_cast<std::ptrdiff_t>(m) * c.row_stride +
         static_cast<std::ptrdiff_t>(n) * c.col_stride;
}

/// RNE(x) + zero, saturated; 0 for NaN.
template <typename T>
T nearest_integer(float x, std::int32_t zero) {
  constexpr float kBeyond = 1024.0F;
  const float bounded = std::isnan(x) ? 0.0F : std::clamp(x, -kBeyond, kBeyond);
  const auto steps = static_cast<std::int32_t>(std::nearbyint(bounded)) + zero;
  return static_cast<T>(std::clamp<std::int32_t>(steps, std::numeric_limits<T>::min(),
                                                 std::numeric_limits<T>::max()));
}

template <typename T, typename Encode>
void store_each(std::size_t m, const std::vector<float>& row, const OutputView& c,
                const Encode& encode) {
  for (std::size_t n = 0; n < row.size(); ++n) *at<T>(c, m, n) = static_cast<T>(encode(row[n]));
}

void store_blocks(std::size_t m, const std::vector<float>& row, const OutputView& c) {
  QuantizeOptions options;
  options.threads = 1;
  const Format format = info(c.format).operand;
  const QuantizedMatrix q = quantize(FloatView::row_major(row.data(), 1, row.size()), Side::kA,
                                     {format, info(format).block}, options);
  for (std::size_t n = 0; n < row.size(); ++n) *at<std::uint8_t>(c, m, n) = q.codes[n];
  for (std::size_t j = 0; j < q.scale_codes.size(); ++j) {
    c.scales[static_cast<std::ptrdiff_t>(m) * c.scale_row_stride +
             static_cast<std::ptrdiff_t>(j) * c.scale_block_stride] = q.scale_codes[j];
  }
}

}  // namespace

float activate(Activation activation, float x) {
  if (activation == Activation::kNone || std::isnan(x)) return canonical(x);
  const bool is_gelu = activation == Activation::kGelu;
  const double magnitude = std::abs(static_cast<double>(x));
  std::uint64_t sigma = std::uint64_t{1} << fixed::kSigmoidBits;
  if (magnitude < std::ldexp(1.0, is_gelu ? fixed::kGeluRange : fixed::kSigmoidRange)) {
    const auto steps = static_cast<std::uint64_t>(
        std::floor(std::ldexp(magnitude, fixed::kSigmoidArgumentBits) + 0.5));
    const std::uint64_t u = is_gelu ? gelu_argument(steps) : steps;
    if (u >> (fixed::kSigmoidRange + fixed::kSigmoidArgumentBits) == 0) sigma = sigmoid(u);
  }
  if (std::signbit(x)) sigma = (std::uint64_t{1} << fixed::kSigmoidBits) - sigma;
  if (std::isinf(x)) return std::signbit(x) ? -0.0F : x;
  // 24 bits times 27 bits fit long double's 64-bit significand: the conversion is the one rounding.
  static_assert(LDBL_MANT_DIG >= 64, "x·sigma must be rounded once");
  return static_cast<float>(static_cast<long double>(x) *
                            std::ldexp(static_cast<long double>(sigma), -fixed::kSigmoidBits));
}

void store_floats(const FloatEpilogue& epilogue, std::size_t m, std::vector<float>& row,
                  const OutputView& c) {
  const float lo = epilogue.relu ? std::max(epilogue.clamp_lo, 0.0F) : epilogue.clamp_lo;
  for (float& x : row) {
    x = activate(epilogue.activation, x);
    if (!std::isnan(x)) x = x < lo ? lo : x > epilogue.clamp_hi ? epilogue.clamp_hi : x;
  }
  const std::int32_t zero = epilogue.out_zero;
  switch (c.format) {
    case OutputFormat::kFloat32:
      return store_each<float>(m, row, c, [](float x) { return x; });
    case OutputFormat::kBf16:
      return store_each<std::uint16_t>(m, row, c, encode<fields_of(ng_formats::kBf16), false>);
    case OutputFormat::kE4m3:
      return store_each<std::uint8_t>(m, row, c, encode<fields_of(ng_formats::kE4m3), true>);
    case OutputFormat::kE5m2:
      return store_each<std::uint8_t>(m, row, c, encode<fields_of(ng_formats::kE5m2), true>);
    case OutputFormat::kInt8:
      return store_each<std::int8_t>(
          m, row, c, [&](float x) { return nearest_integer<std::int8_t>(x, zero); });
    case OutputFormat::kUint8:
      return store_each<std::uint8_t>(
          m, row, c, [&](float x) { return nearest_integer<std::uint8_t>(x, zero); });
    default:
      return store_blocks(m, row, c);
  }
}

}  // namespace narrowgate::internal
