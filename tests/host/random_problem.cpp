// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "random_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "decode.hpp"

namespace narrowgate::testing {
namespace {

constexpr std::uint8_t kUntouched = 0xA5;

void store(OwnedMatrix& matrix, std::ptrdiff_t e, int value) {
  auto* bytes = static_cast<std::uint8_t*>(const_cast<void*>(matrix.view.data));
  if (matrix.view.storage == Storage::kBytes) {
    bytes[e] = static_cast<std::uint8_t>(value);
    return;
  }
  std::uint8_t& byte = bytes[e / 2];
  const int nibble = value & 15;
  byte = static_cast<std::uint8_t>(e % 2 != 0 ? (byte & 15) | nibble << 4 : (byte & 240) | nibble);
}

/// Whether a code is NaN or infinite.
bool is_special(const FormatInfo& format, int value) {
  return format.is_float &&
         !std::isfinite(decode_element(format.code & 0xFF, static_cast<std::uint32_t>(value)));
}

int random_value(Rng& rng, const FormatInfo& format) {
  switch (uniform(rng, 0, 9)) {
    case 0:
      return format.min;
    case 1:
      return format.max;
    default:
      return static_cast<int>(uniform(rng, format.min, format.max));
  }
}

/// A scale of the size that brings sums of this problem into the output's range, roughly.
double random_scale(Rng& rng, const Problem& p) {
  const double typical = std::sqrt(static_cast<double>(p.k)) * (info(p.a_format).max + 1.0) *
                         (info(p.b_format).max + 1.0);
  const double exponent = std::uniform_real_distribution<double>(-3.0, 3.0)(rng);
  return 100.0 / typical * std::exp2(exponent);
}

std::vector<std::int32_t> random_bias(Rng& rng, std::size_t n) {
  std::vector<std::int32_t> bias;
  if (uniform(rng, 0, 2) == 0) return bias;
  for (std::size_t i = 0; i < n; ++i) {
    bias.push_back(static_cast<std::int32_t>(uniform(rng, -1'000'000, 1'000'000)));
  }
  return bias;
}

RequantEpilogue random_requant(Rng& rng, Rounding rounding, const Problem& p) {
  RequantEpilogue e;
  e.rounding = rounding;
  e.output = uniform(rng, 0, 1) != 0 ? OutputFormat::kInt8 : OutputFormat::kUint8;
  const std::size_t count = uniform(rng, 0, 1) != 0 ? 1 : p.n;
  const bool fixed = rounding != Rounding::kOnnx && uniform(rng, 0, 1) != 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double scale = random_scale(rng, p);
    if (fixed) {
      e.fixed_point.push_back(to_fixed_point(scale, rounding));
    } else {
      e.scales.push_back(scale);
    }
  }
  e.bias = random_bias(rng, p.n);
  e.out_zero = static_cast<std::int32_t>(uniform(rng, info(e.output).min, info(e.output).max));
  e.relu = uniform(rng, 0, 2) == 0;
  if (uniform(rng, 0, 2) == 0) {
    e.clamp_lo = static_cast<std::int32_t>(uniform(rng, -200, info(e.output).min + 60));
    e.clamp_hi = std::max<std::int32_t>(
        e.out_zero, static_cast<std::int32_t>(uniform(rng, info(e.output).max - 60, 300)));
  }
  return e;
}

float random_float(Rng& rng) {
  switch (uniform(rng, 0, 12)) {
    case 0:
      return 0.0F;
    case 1:
      return -0.0F;
    case 2:
      return std::numeric_limits<float>::denorm_min();
    case 3:
      return std::numeric_limits<float>::max();
    case 4:
      return -std::numeric_limits<float>::infinity();
    case 5:
      return std::numeric_limits<float>::quiet_NaN();
    case 6:
      return std::bit_cast<float>(static_cast<std::uint32_t>(rng()));
    default:
      return static_cast<float>(std::normal_distribution<double>(0.0, 3.0)(rng));
  }
}

FloatEpilogue random_float32(Rng& rng, std::size_t n) {
  FloatEpilogue e;
  if (uniform(rng, 0, 3) != 0) e.scale = random_float(rng);
  for (std::size_t i = 0; i < n && n % 2 == 1; ++i) e.channel_scales.push_back(random_float(rng));
  for (std::size_t i = 0; i < n && n % 3 != 0; ++i) e.bias.push_back(random_float(rng));
  e.relu = uniform(rng, 0, 2) == 0;
  if (uniform(rng, 0, 1) != 0) {
    e.clamp_lo = -std::abs(static_cast<float>(uniform(rng, 0, 1000)) / 7.0F);
    e.clamp_hi = static_cast<float>(uniform(rng, 0, 100000)) / 3.0F;
  }
  return e;
}

/// Activations and every output of FP32 results, of numbers that mean something to them.
FloatEpilogue random_output(Rng& rng, std::size_t n) {
  FloatEpilogue e = random_float32(rng, n);
  if (uniform(rng, 0, 1) != 0) {
    e.scale = 0.01F;
    for (float& x : e.channel_scales) x = static_cast<float>(uniform(rng, -100, 100)) / 9.0F;
    for (float& x : e.bias) x = static_cast<float>(uniform(rng, -100, 100)) / 9.0F;
  }
  e.output = static_cast<OutputFormat>(
      uniform(rng, 1, static_cast<std::int64_t>(output_formats().size()) - 1));
  e.activation = static_cast<Activation>(uniform(rng, 0, 2));
  if (e.output == OutputFormat::kInt8 || e.output == OutputFormat::kUint8) {
    e.out_zero = static_cast<std::int32_t>(uniform(rng, info(e.output).min, info(e.output).max));
  }
  return e;
}

std::size_t random_size(Rng& rng, std::size_t largest) {
  static constexpr std::size_t kAwkward[] = {1, 2, 3, 31, 32, 33, 61, 63, 64, 65, 67};
  const std::size_t size = uniform(rng, 0, 1) != 0
                               ? kAwkward[static_cast<std::size_t>(uniform(rng, 0, 10))]
                               : static_cast<std::size_t>(uniform(rng, 1, 70));
  return std::min(size, largest);
}

}  // namespace

std::int64_t uniform(Rng& rng, std::int64_t lo, std::int64_t hi) {
  return std::uniform_int_distribution<std::int64_t>(lo, hi)(rng);
}

int OwnedMatrix::at(std::size_t r, std::size_t c) const {
  const auto* bytes = static_cast<const std::uint8_t*>(view.data);
  const std::ptrdiff_t e = static_cast<std::ptrdiff_t>(r) * view.row_stride +
                           static_cast<std::ptrdiff_t>(c) * view.col_stride;
  int value = view.storage == Storage::kBytes ? bytes[e] : bytes[e / 2] >> (e % 2 * 4) & 15;
  const int width = view.storage == Storage::kBytes ? 8 : 4;
  if (info(view.format).is_signed && value >= 1 << (width - 1)) value -= 1 << width;
  return value;
}

OwnedMatrix random_matrix(Rng& rng, Format format, std::size_t rows, std::size_t cols,
                          Order order) {
  OwnedMatrix matrix;
  const auto pad = static_cast<std::size_t>(uniform(rng, 0, 5));
  std::size_t origin = static_cast<std::size_t>(uniform(rng, 0, 7));
  MatrixView& view = matrix.view;
  switch (order) {
    case Order::kRowMajor:
      view = MatrixView::row_major(nullptr, format, rows, cols, cols + pad);
      break;
    case Order::kColMajor:
      view = MatrixView::col_major(nullptr, format, rows, cols, rows + pad);
      break;
    case Order::kStrided:
    case Order::kNibbles: {
      const auto step = static_cast<std::ptrdiff_t>(order == Order::kStrided ? 3 : 1 + pad % 2);
      view = {nullptr, format, rows, cols, static_cast<std::ptrdiff_t>(cols + pad) * step, step};
      if (order == Order::kNibbles) view.storage = Storage::kNibbles;
      break;
    }
    case Order::kNegative:
      view = {nullptr, format, rows, cols, -static_cast<std::ptrdiff_t>(cols + pad), -1};
      origin += rows * (cols + pad);
      break;
  }
  const std::size_t span = rows * static_cast<std::size_t>(std::abs(view.row_stride)) +
                           cols * static_cast<std::size_t>(std::abs(view.col_stride)) + 16;
  matrix.memory.resize(span + origin + 16);
  for (std::uint8_t& byte : matrix.memory) byte = static_cast<std::uint8_t>(rng());
  view.data = matrix.memory.data() + (view.storage == Storage::kNibbles ? 0 : origin);
  // NaN and infinities in few matrices, and few of them, so that not all results are NaN.
  const bool specials = uniform(rng, 0, 3) == 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      int value = random_value(rng, info(format));
      while (is_special(info(format), value) && !(specials && uniform(rng, 0, 30) == 0)) {
        value = static_cast<int>(uniform(rng, 0, info(format).max));
      }
      store(matrix,
            static_cast<std::ptrdiff_t>(r) * view.row_stride +
                static_cast<std::ptrdiff_t>(c) * view.col_stride,
            value);
    }
  }
  return matrix;
}

double OwnedMatrix::scale(std::size_t lane, std::size_t block) const {
  const std::ptrdiff_t i = static_cast<std::ptrdiff_t>(lane) * view.scales.lane_stride +
                           static_cast<std::ptrdiff_t>(block) * view.scales.block_stride;
  switch (info(view.format).scale) {
    case ScaleKind::kNone:
      return 1;
    case ScaleKind::kE8m0:
      return decode_e8m0(static_cast<const std::uint8_t*>(view.scales.data)[i]);
    case ScaleKind::kUe4m3:
      return decode_ue4m3(static_cast<const std::uint8_t*>(view.scales.data)[i]);
    default:
      return static_cast<const float*>(view.scales.data)[i];
  }
}

int OwnedMatrix::zero(std::size_t lane, std::size_t block) const {
  if (info(view.format).scale != ScaleKind::kFp32AndZero) return 0;
  if (view.scales.zeros == nullptr) return 8;
  return view.scales.zeros[static_cast<std::ptrdiff_t>(lane) * view.scales.lane_stride +
                           static_cast<std::ptrdiff_t>(block) * view.scales.block_stride];
}

namespace {

/// `how`: 0 near 1, 1 extreme, 2 any.
std::uint8_t random_e8m0(Rng& rng, std::int64_t how) {
  if (how == 0) return static_cast<std::uint8_t>(uniform(rng, 118, 136));
  if (how == 2) return static_cast<std::uint8_t>(uniform(rng, 0, 254));
  constexpr std::uint8_t kExtremes[] = {0, 1, 127, 253, 254, 255};
  return kExtremes[uniform(rng, 0, uniform(rng, 0, 9) == 0 ? 5 : 4)];
}

std::uint8_t random_ue4m3(Rng& rng, std::int64_t how) {
  if (how == 0) return static_cast<std::uint8_t>(uniform(rng, 0x30, 0x40));
  if (how == 2) return static_cast<std::uint8_t>(uniform(rng, 0, 0x7E));
  constexpr std::uint8_t kExtremes[] = {0, 1, 0x38, 0x7D, 0x7E, 0x7F};
  return kExtremes[uniform(rng, 0, uniform(rng, 0, 9) == 0 ? 5 : 4)];
}

float random_number(Rng& rng, std::int64_t how) {
  if (how == 0) return static_cast<float>(std::normal_distribution<double>(0.0, 0.1)(rng));
  const float any = std::bit_cast<float>(static_cast<std::uint32_t>(rng()));
  if (how == 2) return std::isfinite(any) ? any : 0.75F;
  const float extremes[] = {0.0F,
                            -0.0F,
                            std::numeric_limits<float>::denorm_min(),
                            -std::numeric_limits<float>::min(),
                            std::numeric_limits<float>::max(),
                            1.0F,
                            std::numeric_limits<float>::quiet_NaN()};
  return extremes[uniform(rng, 0, uniform(rng, 0, 9) == 0 ? 6 : 5)];
}

/// The length of blocks that a format has, or `group` for integer groups; 0 without scales.
std::size_t block_of(Format format, std::size_t group) {
  const FormatInfo& f = info(format);
  return f.is_group() ? group : f.block;
}

}  // namespace

void add_random_scales(Rng& rng, OwnedMatrix& matrix, Side side, std::size_t block) {
  const FormatInfo& format = info(matrix.view.format);
  if (!format.has_scales()) return;
  const bool is_a = side == Side::kA;
  const std::size_t lanes = is_a ? matrix.view.rows : matrix.view.cols;
  const std::size_t blocks = ((is_a ? matrix.view.cols : matrix.view.rows) + block - 1) / block;
  const bool by_lanes = uniform(rng, 0, 1) != 0;
  const auto gap = static_cast<std::size_t>(uniform(rng, 0, 2));
  BlockScales& scales = matrix.view.scales;
  scales.block = block;
  scales.lane_stride = static_cast<std::ptrdiff_t>(by_lanes ? blocks + gap : 1);
  scales.block_stride = static_cast<std::ptrdiff_t>(by_lanes ? 1 : lanes + gap);
  const std::size_t entries = (lanes + gap) * (blocks + gap);
  const std::int64_t how = uniform(rng, 0, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    matrix.scale_codes.push_back(format.scale == ScaleKind::kE8m0 ? random_e8m0(rng, how)
                                                                  : random_ue4m3(rng, how));
    matrix.scale_numbers.push_back(random_number(rng, how));
    matrix.zeros.push_back(static_cast<std::uint8_t>(uniform(rng, 0, 15)));
  }
  const bool codes = format.scale == ScaleKind::kE8m0 || format.scale == ScaleKind::kUe4m3;
  scales.data =
      codes ? static_cast<const void*>(matrix.scale_codes.data()) : matrix.scale_numbers.data();
  if (format.scale == ScaleKind::kFp32AndZero && uniform(rng, 0, 3) != 0) {
    scales.zeros = matrix.zeros.data();
  }
}

bool can_share_blocks(Format a, Format b) {
  const std::size_t x = info(a).block;
  const std::size_t y = info(b).block;
  return x == 0 || y == 0 || x == y;
}

Order random_order(Rng& rng, Format format) {
  return static_cast<Order>(uniform(rng, 0, info(format).bits == 4 ? 4 : 3));
}

Epilogue random_epilogue(Rng& rng, int kind, const Problem& problem) {
  switch (kind) {
    case 0:
      return Int32Epilogue{random_bias(rng, problem.n)};
    case 1:
      return random_requant(rng, Rounding::kOnnx, problem);
    case 2:
      return random_requant(rng, Rounding::kGemmlowp, problem);
    case 3:
      return random_requant(rng, Rounding::kTflite, problem);
    case kOutputsKind:
      return random_output(rng, problem.n);
    default:
      return random_float32(rng, problem.n);
  }
}

RandomCall random_call(std::uint64_t seed, Format a, Format b, int epilogue_kind, std::size_t m,
                       std::size_t n, std::size_t k) {
  Rng rng(seed);
  RandomCall call;
  Problem& p = call.problem;
  p = {m, n, k, a, b, {}};
  if (info(a).is_plain_integer() && info(b).is_plain_integer()) {
    p.options.a_zero = static_cast<std::int32_t>(uniform(rng, info(a).min, info(a).max));
    p.options.b_zero = static_cast<std::int32_t>(uniform(rng, info(b).min, info(b).max));
  } else {
    p.options.a_zero = a == Format::kUint8 ? 128 : a == Format::kUint4 ? 8 : 0;
    p.options.b_zero = b == Format::kUint8 ? 128 : b == Format::kUint4 ? 8 : 0;
    if (epilogue_kind != kOutputsKind) epilogue_kind = kEpilogueKinds - 1;
  }
  p.options.epilogue = random_epilogue(rng, epilogue_kind, p);
  const Order a_order = random_order(rng, a);
  const Order b_order = random_order(rng, b);
  call.a = random_matrix(rng, a, m, k, a_order);
  call.b = random_matrix(rng, b, k, n, b_order);
  constexpr std::size_t kGroups[] = {1, 3, 16, 20, 32, 48, 64, 128};
  std::size_t group = kGroups[uniform(rng, 0, 7)];
  if (info(a).block + info(b).block != 0) group = std::max(info(a).block, info(b).block);
  p.a_block = block_of(a, group);
  p.b_block = block_of(b, group);
  add_random_scales(rng, call.a, Side::kA, p.a_block);
  add_random_scales(rng, call.b, Side::kB, p.b_block);
  if (epilogue_kind >= kEpilogueKinds - 1 && uniform(rng, 0, 1) != 0) {
    p.a_tensor_scale = call.a.view.scales.tensor_scale = random_float(rng);
    p.b_tensor_scale = call.b.view.scales.tensor_scale = random_float(rng);
  }
  call.line = "random_call(" + std::to_string(seed) + ", " + std::string(info(a).name) + ", " +
              std::string(info(b).name) + ", kind " + std::to_string(epilogue_kind) + ", m " +
              std::to_string(m) + ", n " + std::to_string(n) + ", k " + std::to_string(k) +
              "), orders " + std::to_string(static_cast<int>(a_order)) + " " +
              std::to_string(static_cast<int>(b_order)) + ", groups " + std::to_string(group);
  return call;
}

RandomCall random_call(std::uint64_t seed, Format a, Format b, int epilogue_kind,
                       std::size_t largest) {
  Rng rng(seed ^ 0x5EED);
  const std::size_t m = random_size(rng, largest);
  const std::size_t n = random_size(rng, largest);
  const std::size_t k = random_size(rng, largest);
  return random_call(seed, a, b, epilogue_kind, m, n, k);
}

GuardedOutput::GuardedOutput(Rng& rng, OutputFormat format, std::size_t rows, std::size_t cols,
                             Order order) {
  const std::size_t bytes = info(format).bytes;
  const auto pad = static_cast<std::size_t>(uniform(rng, 0, 3));
  const std::size_t elements = (rows + pad) * (cols + pad) * 2 + 8;
  memory_.assign(elements * bytes, kUntouched);
  inside_.assign(memory_.size(), false);
  scales_.assign(info(format).is_mx ? (rows + 1) * (mx_blocks(cols) + pad) : 0, kUntouched);
  view_ = order == Order::kColMajor
              ? OutputView::col_major(memory_.data(), format, rows, cols, rows + pad)
              : OutputView::row_major(memory_.data(), format, rows, cols, cols + pad);
  if (order == Order::kStrided) {
    view_.row_stride *= 2;
    view_.col_stride *= 2;
  }
  if (info(format).is_mx) {
    view_.scales = scales_.data();
    view_.scale_row_stride = static_cast<std::ptrdiff_t>(mx_blocks(cols) + pad);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const auto e = static_cast<std::ptrdiff_t>(r) * view_.row_stride +
                     static_cast<std::ptrdiff_t>(c) * view_.col_stride;
      for (std::size_t i = 0; i < bytes; ++i)
        inside_[static_cast<std::size_t>(e) * bytes + i] = true;
    }
  }
}

std::vector<std::uint32_t> GuardedOutput::bits() const {
  const std::size_t bytes = info(view_.format).bytes;
  std::vector<std::uint32_t> all;
  for (std::size_t r = 0; r < view_.rows; ++r) {
    for (std::size_t c = 0; c < view_.cols; ++c) {
      const auto e = static_cast<std::ptrdiff_t>(r) * view_.row_stride +
                     static_cast<std::ptrdiff_t>(c) * view_.col_stride;
      std::uint32_t word = 0;
      std::memcpy(&word, &memory_[static_cast<std::size_t>(e) * bytes], bytes);
      all.push_back(word);
    }
  }
  for (std::size_t r = 0; view_.scales != nullptr && r < view_.rows; ++r) {
    for (std::size_t b = 0; b < mx_blocks(view_.cols); ++b) {
      all.push_back(view_.scales[static_cast<std::ptrdiff_t>(r) * view_.scale_row_stride +
                                 static_cast<std::ptrdiff_t>(b)]);
    }
  }
  return all;
}

bool GuardedOutput::surroundings_untouched() const {
  for (std::size_t i = 0; i < memory_.size(); ++i) {
    if (!inside_[i] && memory_[i] != kUntouched) return false;
  }
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    const auto pitch = static_cast<std::size_t>(view_.scale_row_stride);
    const bool inside = i / pitch < view_.rows && i % pitch < mx_blocks(view_.cols);
    if (!inside && scales_[i] != kUntouched) return false;
  }
  return true;
}

std::vector<std::uint32_t> result_bits(const Device& device, const RandomCall& call,
                                       std::uint64_t seed) {
  Rng rng(seed);
  const auto order = static_cast<Order>(uniform(rng, 0, 2));
  GuardedOutput out(rng, output_format(call.problem.options.epilogue), call.problem.m,
                    call.problem.n, order);
  gemm(device, call.a.view, call.b.view, call.problem.options, out.view());
  EXPECT_TRUE(out.surroundings_untouched()) << call.line;
  return out.bits();
}

TwoLayers two_layers(const Device& device, OutputFormat between, std::uint64_t seed) {
  constexpr std::size_t kM = 41, kN = 99, kNext = 37;
  Rng rng(seed);
  const RandomCall first =
      random_call(seed, Format::kMxfp8E4m3, Format::kMxfp4, kOutputsKind, kM, kN, 70);
  GemmOptions options;
  FloatEpilogue epilogue;
  epilogue.output = between;
  epilogue.activation = Activation::kSilu;
  epilogue.bias.assign(kN, 0.25F);
  options.epilogue = epilogue;
  const Format format = info(between).operand;
  const RandomCall second =
      random_call(seed + 1, format, format, kEpilogueKinds - 1, kM, kNext, kN);

  const Operand kept = allocate_result(device, kM, kN, between);
  GuardedOutput from_kept(rng, OutputFormat::kFloat32, kM, kNext, Order::kRowMajor);
  const Job job = submit(device, first.a.view, first.b.view, options, kept);
  gemm(device, kept, pack(device, Side::kB, second.b.view), second.problem.options,
       from_kept.view());
  job.wait();

  std::vector<std::uint8_t> codes(kM * kN), scales(kM * mx_blocks(kN));
  gemm(device, first.a.view, first.b.view, options,
       OutputView::mx(codes.data(), scales.data(), between, kM, kN));
  MatrixView fetched = MatrixView::row_major(codes.data(), format, kM, kN);
  fetched.scales.data = scales.data();
  fetched.scales.lane_stride = static_cast<std::ptrdiff_t>(mx_blocks(kN));
  GuardedOutput from_fetched(rng, OutputFormat::kFloat32, kM, kNext, Order::kRowMajor);
  gemm(device, fetched, second.b.view, second.problem.options, from_fetched.view());
  return {from_kept.bits(), from_fetched.bits()};
}

}  // namespace narrowgate::testing
