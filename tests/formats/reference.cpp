// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace narrowgate::testing {
namespace {

using R = ReferenceElement;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr float kSmallestFp32 = 0x1p-149F;

/// What a block format is made of, by hand.
struct ReferenceFormat {
  Format format;
  const char* element;  // or null: an integer
  int int_max;
  bool asymmetric;
  int block;
  char scale;  // 'n'one, 'm' E8M0, 'u' UE4M3, 'f' FP32
  double unit;
};
const ReferenceFormat kFormats[] = {
    {Format::kInt8, nullptr, 127, false, 0, 'n', 1},
    {Format::kUint8, nullptr, 255, true, 0, 'n', 1},
    {Format::kInt4, nullptr, 7, false, 0, 'n', 1},
    {Format::kUint4, nullptr, 15, true, 0, 'n', 1},
    {Format::kE2m1, "e2m1", 0, false, 0, 'n', 1},
    {Format::kE2m3, "e2m3", 0, false, 0, 'n', 1},
    {Format::kE3m2, "e3m2", 0, false, 0, 'n', 1},
    {Format::kE4m3, "e4m3fn", 0, false, 0, 'n', 1},
    {Format::kE5m2, "e5m2", 0, false, 0, 'n', 1},
    {Format::kMxfp8E4m3, "e4m3fn", 0, false, 32, 'm', 1},
    {Format::kMxfp8E5m2, "e5m2", 0, false, 32, 'm', 1},
    {Format::kMxfp6E2m3, "e2m3", 0, false, 32, 'm', 1},
    {Format::kMxfp6E3m2, "e3m2", 0, false, 32, 'm', 1},
    {Format::kMxfp4, "e2m1", 0, false, 32, 'm', 1},
    {Format::kMxint8, nullptr, 127, false, 32, 'm', 1.0 / 64},
    {Format::kNvfp4, "e2m1", 0, false, 16, 'u', 1},
    {Format::kInt8Group, nullptr, 127, false, 0, 'f', 1},
    {Format::kInt4Group, nullptr, 7, false, 0, 'f', 1},
    {Format::kUint4Group, nullptr, 15, true, 0, 'f', 1},
    {Format::kE4m3Group, "e4m3fn", 0, false, 0, 'f', 1},
    {Format::kE5m2Group, "e5m2", 0, false, 0, 'f', 1},
};

const ReferenceFormat& row_of(Format format) {
  return *std::ranges::find_if(kFormats, [=](const auto& row) { return row.format == format; });
}

int floor_log2(double x) { return std::ilogb(x); }
int ceil_log2(double x) { return std::ilogb(x) + (std::exp2(std::ilogb(x)) < x ? 1 : 0); }

/// x rounded to `bits` bits after the leading one, ties to even.
double round_mantissa(double x, int bits) {
  const double step = std::exp2(floor_log2(x) - bits);
  return round_to_even(x / step) * step;
}

float to_fp16_scale(float scale) {
  // FP16 by hand: 11 bits of significand, smallest step 2^-24, largest 65504.
  if (scale == 0) return 0x1p-24F;
  const double step = std::exp2(std::max(floor_log2(scale) - 10, -24));
  const double rounded = round_to_even(scale / step) * step;
  return static_cast<float>(std::clamp(rounded, 0x1p-24, 65504.0));
}

struct Element {
  const ReferenceFormat& row;
  bool saturate;
  double max() const { return row.element ? reference_element(row.format)->max : row.int_max; }

  std::uint8_t encode(float y, int zero) const {
    if (row.element) return ReferenceEncoder(*reference_element(row.format)).encode(y, saturate);
    double q = std::isnan(y) ? 0 : std::isinf(y) ? std::copysign(1e6, y) : round_to_even(y);
    q = std::clamp(q + zero, row.asymmetric ? 0.0 : -row.int_max, static_cast<double>(row.int_max));
    return static_cast<std::uint8_t>(static_cast<int>(q));
  }
};

struct Affine {
  float scale;
  int zero;
};
Affine affine(double low, double high, int max, bool fp16) {
  if (low == high) return {1, 0};
  float scale = static_cast<float>((high - low) / max);
  if (fp16) scale = to_fp16_scale(scale);
  if (scale == 0) scale = kSmallestFp32;
  const float steps = static_cast<float>(-low) / scale;
  return {scale, static_cast<int>(round_to_even(std::min(steps, static_cast<float>(max))))};
}

int e8m0_of(double amax, const Element& element, ScaleRule rule) {
  const double max = element.max() * element.row.unit;
  const int emax = floor_log2(max);
  const int mantissa = element.row.element ? reference_element(element.row.format)->mantissa_bits
                                           : floor_log2(element.max());
  int exponent = 0;
  switch (rule) {
    case ScaleRule::kFloor:
      exponent = floor_log2(amax) - emax;
      break;
    case ScaleRule::kRceil:  // smallest power of two p with amax / p <= max
      exponent = floor_log2(amax) - emax - 2;
      while (amax > max * std::exp2(exponent)) ++exponent;
      break;
    case ScaleRule::kEven:
      exponent = floor_log2(round_mantissa(amax, mantissa)) - emax;
      break;
    case ScaleRule::kCeil:
      exponent = ceil_log2(amax) - emax;
      break;
  }
  return std::clamp(exponent + 127, 0, 254);
}

double amax_of(const std::vector<float>& x) {
  double amax = 0;
  for (const float v : x) amax = std::max(amax, std::fabs(static_cast<double>(v)));
  return amax;
}
double low_of(const std::vector<float>& x) {
  double low = 0;
  for (const float v : x) low = std::min(low, static_cast<double>(v));
  return low;
}
double high_of(const std::vector<float>& x) {
  double high = 0;
  for (const float v : x) high = std::max(high, static_cast<double>(v));
  return high;
}
std::vector<float> finite_of(const std::vector<float>& x) {
  std::vector<float> finite;
  std::ranges::copy_if(x, std::back_inserter(finite), [](float v) { return std::isfinite(v); });
  return finite;
}

float symmetric(double amax, double max, bool fp16) {
  if (amax == 0) return 1;
  const float scale = static_cast<float>(amax) / static_cast<float>(max);
  if (fp16) return to_fp16_scale(scale);
  return scale == 0 ? kSmallestFp32 : scale;
}

/// Quantises one block and appends what it becomes.
void quantize_block(const std::vector<float>& x, const Element& element,
                    const QuantizeOptions& options, QuantizedMatrix& out) {
  const bool finite = std::ranges::all_of(x, [](float v) { return std::isfinite(v); });
  const double amax = finite ? amax_of(x) : kNan;
  float divisor = 0;  // 0: the elements are 0
  int zero = 0;
  if (element.row.scale == 'm') {
    const int code = !finite ? 255 : amax == 0 ? 0 : e8m0_of(amax, element, options.scale_rule);
    out.scale_codes.push_back(static_cast<std::uint8_t>(code));
    if (finite && amax != 0) divisor = static_cast<float>(std::exp2(code - 127) * element.row.unit);
  } else if (element.row.scale == 'u') {
    const float wanted = static_cast<float>(amax) / (6.0F * out.tensor_scale);
    const R& e4m3 = *reference_element(Format::kE4m3);
    const int code = finite ? ReferenceEncoder(e4m3).encode(wanted, true) : 0x7F;
    out.scale_codes.push_back(static_cast<std::uint8_t>(code));
    if (finite) {
      const auto scale = static_cast<float>(e4m3.magnitudes()[static_cast<std::size_t>(code)]);
      divisor = scale * out.tensor_scale;
    }
  } else if (!finite) {
    out.scales.push_back(std::numeric_limits<float>::quiet_NaN());
    if (element.row.asymmetric) out.zeros.push_back(0);
  } else if (element.row.asymmetric) {
    const Affine a = affine(low_of(x), high_of(x), element.row.int_max, options.fp16_scales);
    out.scales.push_back(divisor = a.scale);
    out.zeros.push_back(static_cast<std::uint8_t>(zero = a.zero));
  } else {
    out.scales.push_back(divisor = symmetric(amax, element.max(), options.fp16_scales));
  }
  for (const float v : x) out.codes.push_back(divisor == 0 ? 0 : element.encode(v / divisor, zero));
}

void choose_tensor_scale(const std::vector<float>& values, const Element& element,
                         const QuantizeOptions& options, QuantizedMatrix& out) {
  const std::vector<float> finite = finite_of(values);
  const double amax = amax_of(finite);
  if (element.row.scale == 'u') {
    const float chosen =
        amax == 0 ? 1 : std::max(static_cast<float>(amax) / (6.0F * 448.0F), kSmallestFp32);
    out.tensor_scale = options.tensor_scale.value_or(chosen);
  } else if (element.row.scale == 'n' && options.span == ScaleSpan::kTensor) {
    if (element.row.asymmetric) {
      const Affine a = affine(low_of(finite), high_of(finite), element.row.int_max, false);
      out.tensor_scale = a.scale;
      out.zero = a.zero;
    } else {
      out.tensor_scale = options.tensor_scale.value_or(symmetric(amax, element.max(), false));
    }
  }
}

}  // namespace

std::vector<double> ReferenceElement::magnitudes() const {
  std::vector<double> all;
  for (int code = 0;; ++code) {
    const int exponent = code >> mantissa_bits;
    const double mantissa = (code & ((1 << mantissa_bits) - 1)) * std::exp2(-mantissa_bits);
    const double value = exponent == 0 ? mantissa * std::exp2(1 - bias)
                                       : (1 + mantissa) * std::exp2(exponent - bias);
    if (value > max) return all;
    all.push_back(value);
  }
}

const std::vector<ReferenceElement>& reference_elements() {
  static const std::vector<ReferenceElement> kAll = {
      {"e2m1", 2, 1, 1, 6, R::kNone},          {"e2m3", 2, 3, 1, 7.5, R::kNone},
      {"e3m2", 3, 2, 3, 28, R::kNone},         {"e4m3fn", 4, 3, 7, 448, R::kNan},
      {"e5m2", 5, 2, 15, 57344, R::kInfinity},
  };
  return kAll;
}

const ReferenceElement* reference_element(Format format) {
  const char* name = row_of(format).element;
  if (name == nullptr) return nullptr;
  return &*std::ranges::find_if(reference_elements(),
                                [=](const R& e) { return std::string(e.name) == name; });
}

ReferenceEncoder::ReferenceEncoder(const ReferenceElement& element)
    : element_(element), magnitudes_(element.magnitudes()) {
  const std::size_t last = magnitudes_.size() - 1;
  // E4M3's codes end amid a binade, E5M2's and the others' at the end of one.
  const double step = magnitudes_[last] - magnitudes_[last - 1];
  magnitudes_.push_back(magnitudes_[last] + step);
}

std::uint8_t ReferenceEncoder::encode(float value, bool saturate) const {
  const auto sign = static_cast<std::uint8_t>(std::signbit(value) ? 1 << (element_.bits() - 1) : 0);
  const auto with_sign = [=](std::size_t code) { return static_cast<std::uint8_t>(code | sign); };
  const std::size_t beyond = magnitudes_.size() - 1;
  if (std::isnan(value)) {
    if (element_.specials == R::kNone) return static_cast<std::uint8_t>(1 << (element_.bits() - 1));
    return with_sign(element_.specials == R::kNan ? beyond : beyond + 2);  // E5M2: quiet
  }
  const double x = std::fabs(static_cast<double>(value));
  const auto above =
      static_cast<std::size_t>(std::ranges::lower_bound(magnitudes_, x) - magnitudes_.begin());
  std::size_t code = above;  // the first that is not smaller
  if (above > beyond) {
    code = beyond;
  } else if (above > 0) {
    const double up = magnitudes_[above] - x;
    const double down = x - magnitudes_[above - 1];
    if (down < up || (down == up && above % 2 == 1)) code = above - 1;
  }
  const bool overflow = code == beyond;
  return with_sign(overflow && (saturate || element_.specials == R::kNone) ? beyond - 1 : code);
}

double round_to_even(double value) {
  const double down = std::floor(value);
  const double part = value - down;
  if (part < 0.5) return down;
  if (part > 0.5) return down + 1;
  return std::fmod(down, 2) == 0 ? down : down + 1;
}

QuantizedMatrix reference_quantize(const std::vector<float>& values, std::size_t rows,
                                   std::size_t cols, Side side, BlockedFormat format,
                                   const QuantizeOptions& options) {
  const ReferenceFormat& row = row_of(format.format);
  const Element element{row, options.saturate};
  QuantizedMatrix out;
  out.format = format.format;
  out.side = side;
  out.rows = rows;
  out.cols = cols;
  if (row.scale != 'n')
    out.block = row.block != 0 ? static_cast<std::size_t>(row.block) : format.block;
  choose_tensor_scale(values, element, options, out);
  for (std::size_t lane = 0; lane < out.lanes(); ++lane) {
    std::vector<float> x;
    for (std::size_t k = 0; k < out.depth(); ++k) {
      x.push_back(side == Side::kA ? values[lane * cols + k] : values[k * cols + lane]);
    }
    if (row.scale != 'n') {
      for (std::size_t at = 0; at < x.size(); at += out.block) {
        const std::size_t end = std::min(at + out.block, x.size());
        quantize_block({x.begin() + static_cast<std::ptrdiff_t>(at),
                        x.begin() + static_cast<std::ptrdiff_t>(end)},
                       element, options, out);
      }
      continue;
    }
    float divisor = out.tensor_scale;
    if (options.span == ScaleSpan::kLane) {
      divisor = symmetric(amax_of(finite_of(x)), element.max(), false);
      out.lane_scales.push_back(divisor);
    }
    for (const float v : x) out.codes.push_back(element.encode(v / divisor, out.zero));
  }
  return out;
}

std::vector<float> reference_dequantize(const QuantizedMatrix& m) {
  const ReferenceFormat& row = row_of(m.format);
  std::vector<float> out(m.rows * m.cols);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t lane = m.side == Side::kA ? i / m.cols : i % m.cols;
    const std::size_t k = m.side == Side::kA ? i % m.cols : i / m.cols;
    const std::size_t block = m.block == 0 ? 0 : lane * m.blocks() + k / m.block;
    const std::uint8_t code = m.codes[lane * m.depth() + k];
    double value = 0;
    if (const R* e = reference_element(m.format)) {
      const std::size_t magnitude = code & ((1U << (e->bits() - 1)) - 1);
      const std::vector<double> all = e->magnitudes();
      const bool negative = (code >> (e->bits() - 1)) != 0;
      value = magnitude < all.size()                                   ? all[magnitude]
              : e->specials == R::kInfinity && magnitude == all.size() ? HUGE_VAL
                                                                       : kNan;
      value = negative ? -value : value;
    } else {
      value = row.asymmetric ? code : static_cast<std::int8_t>(code);
      value -= row.scale == 'n' ? m.zero : m.zeros.empty() ? 0 : m.zeros[block];
    }
    value *= row.unit;
    if (row.scale == 'm') {
      value *= m.scale_codes[block] == 255 ? kNan : std::exp2(m.scale_codes[block] - 127);
    } else if (row.scale == 'u') {
      const std::vector<double> all = reference_element(Format::kE4m3)->magnitudes();
      value *= m.scale_codes[block] < all.size() ? all[m.scale_codes[block]] : kNan;
    } else if (row.scale == 'f') {
      value *= static_cast<double>(m.scales[block]);
    }
    float result = static_cast<float>(value);
    if (m.tensor_scale != 1) result *= m.tensor_scale;
    if (!m.lane_scales.empty()) result *= m.lane_scales[lane];
    out[i] = result;
  }
  return out;
}

}  // namespace narrowgate::testing
