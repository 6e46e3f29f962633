// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From floating-point matrices to every format and back (docs/formats.md has the rules).
//
//     value = element · 2^element_exponent · scale of the block · tensor scale
//
// Blocks run along K: along the rows of an A (M×K), down the columns of a B (K×N). A *lane* is a
// row of A or a column of B.
// The result depends on the numbers and the options alone: not on the number of threads, on how the
// matrix lies in memory, or on the processor. All conversions round once, to nearest even, before
// they test for overflow; the calling thread is expected to be in the default rounding mode.
// Thread safety: all functions may be called at once. Errors: ShapeError for views that make no
// sense, InvalidArgumentError for options that the format does not take, and those of error.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "narrowgate/format.hpp"
#include "narrowgate/gemm.hpp"
#include "narrowgate/matrix.hpp"

namespace narrowgate {

enum class FloatType : std::uint8_t { kFloat32, kFloat16, kBfloat16 };
std::size_t bytes_of(FloatType type) noexcept;
std::string_view to_string(FloatType type) noexcept;  ///< "float32", "float16", "bfloat16"

/// A read-only rows × cols matrix of floating-point numbers in the caller's memory; strides as in
/// MatrixView. `data` must be aligned for its type.
struct FloatView {
  const void* data = nullptr;
  FloatType type = FloatType::kFloat32;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::ptrdiff_t row_stride = 0;
  std::ptrdiff_t col_stride = 1;

  static FloatView row_major(const float* data, std::size_t rows, std::size_t cols,
                             std::size_t ld = 0) {
    return row_major(data, FloatType::kFloat32, rows, cols, ld);
  }
  static FloatView row_major(const void* data, FloatType type, std::size_t rows, std::size_t cols,
                             std::size_t ld = 0) {
    return {data, type, rows, cols, static_cast<std::ptrdiff_t>(ld ? ld : cols), 1};
  }
  static FloatView col_major(const void* data, FloatType type, std::size_t rows, std::size_t cols,
                             std::size_t ld = 0) {
    return {data, type, rows, cols, 1, static_cast<std::ptrdiff_t>(ld ? ld : rows)};
  }
  FloatView transposed() const { return {data, type, cols, rows, col_stride, row_stride}; }
};

/// How an MX block's scale follows from its largest magnitude, amax. `emax` and `max` are the
/// element format's largest exponent and number.
enum class ScaleRule : std::uint8_t {
  kFloor,  ///< 2^(floor(log2 amax) − emax): OCP MX v1.0, 6.3; elements beyond max saturate
  kRceil,  ///< amax / max, rounded up to a power of two: nothing saturates
  kEven,   ///< floor, of amax rounded to the element's mantissa
  kCeil,   ///< 2^(ceil(log2 amax) − emax)
};
std::string_view to_string(ScaleRule rule) noexcept;  ///< "floor", "rceil", "even", "ceil"
ScaleRule parse_scale_rule(std::string_view name);    ///< throws InvalidArgumentError

/// What shares an FP32 scale in a format without block scales.
enum class ScaleSpan : std::uint8_t { kNone, kTensor, kLane };

struct QuantizeOptions {
  /// MX formats only.
  ScaleRule scale_rule = ScaleRule::kFloor;
  /// Elements beyond the largest number become it. Otherwise they become infinity (E5M2) or NaN
  /// (E4M3); the other elements have neither, and saturate always.
  bool saturate = true;
  /// Rounds elements up or down at random instead of to the nearest: an element's bits depend on
  /// the seed and on its row and column. Scales are never rounded at random.
  std::optional<std::uint64_t> stochastic_seed = std::nullopt;
  /// Formats without block scales: scale = amax / max, or as `tensor_scale` says.
  ScaleSpan span = ScaleSpan::kTensor;
  /// NVFP4, and formats without block scales under ScaleSpan::kTensor: the tensor's scale, instead
  /// of the one that follows from its largest magnitude. Finite and greater than 0.
  std::optional<float> tensor_scale = std::nullopt;
  /// Integer groups: scales are rounded to FP16, as most files hold them, before they are used.
  bool fp16_scales = false;
  /// 0: as many as the machine has processors.
  unsigned threads = 0;
};

/// An owning matrix of codes with their scales.
struct QuantizedMatrix {
  Format format = Format::kInt8;
  Side side = Side::kA;
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::size_t block = 0;  ///< elements that share a block scale; 0 without block scales
  /// One byte an element, lane after lane, k ascending: row-major of an A, column-major of a B.
  std::vector<std::uint8_t> codes;
  /// One entry for each block, lane after lane. E8M0 and UE4M3 have codes, integer groups numbers.
  std::vector<std::uint8_t> scale_codes;
  std::vector<float> scales;
  std::vector<std::uint8_t> zeros;  ///< kUint4Group
  float tensor_scale = 1.0F;        ///< NVFP4, and formats without block scales
  std::vector<float> lane_scales;   ///< ScaleSpan::kLane: for FloatEpilogue::channel_scales of B
  int zero = 0;                     ///< kUint8, kUint4 without block scales: zero-point of the call

  std::size_t lanes() const { return side == Side::kA ? rows : cols; }
  std::size_t depth() const { return side == Side::kA ? cols : rows; }  ///< K
  std::size_t blocks() const { return block == 0 ? 0 : (depth() + block - 1) / block; }
  /// What gemm() and pack() take. Points into this object.
  MatrixView view() const;
};

/// Quantises. An all-zero block has elements 0 and the scale 2^-127 (E8M0), 0 (UE4M3) or 1 (FP32).
/// A block with a NaN or an infinity has a NaN scale and stands for NaNs only. In formats without
/// block scales each element is converted for itself; integers have no NaN and take 0 for it.
///
/// Integers are symmetric, −max … max (−127 … 127), but for the unsigned ones: those map
/// min(x, 0) … max(x, 0) of a group or tensor to all codes, with an integer zero-point.
/// Cost: one pass over the matrix, two for a tensor scale.
QuantizedMatrix quantize(const FloatView& matrix, Side side, BlockedFormat format,
                         const QuantizeOptions& options = {});
/// The same into a matrix that is there already, whose memory it uses again where it is enough:
/// for numbers that come again and again, as a layer's inputs do. `matrix` must not point into
/// `out`, whose content is unspecified after an error.
void quantize_into(QuantizedMatrix& out, const FloatView& matrix, Side side, BlockedFormat format,
                   const QuantizeOptions& options = {});

/// The numbers that a matrix stands for, rows × cols in row-major order, in FP32: one rounding for
/// each multiplication of "element · scale · tensor scale", in this order, NaN as 0x7FC00000.
std::vector<float> dequantize(const QuantizedMatrix& matrix, unsigned threads = 0);
/// The same for a view; `side` says along what its blocks run. The zero-point of a format without
/// block scales is 0.
std::vector<float> dequantize(const MatrixView& matrix, Side side, unsigned threads = 0);

/// How far a quantised matrix is from the original, over the elements that are finite in both.
struct ErrorStatistics {
  std::size_t elements = 0;    ///< compared
  std::size_t not_finite = 0;  ///< left out
  double max_abs = 0;          ///< largest |x − q|
  double rms = 0;              ///< root of the mean of (x − q)²
  double sqnr_db = 0;          ///< 10·log10(Σx² / Σ(x − q)²); infinity when equal
};
ErrorStatistics compare(const FloatView& original, const QuantizedMatrix& quantized);

/// The value of one code of a format's element, before any scale: an integer, or the number that a
/// floating-point code stands for. Bits above the element's width are ignored.
float decode(Format format, std::uint8_t code) noexcept;
/// The code of a number in a format's element, without any scale. Integers clamp to −max … max or
/// 0 … max, and NaN gives 0; floating point as QuantizeOptions::saturate says, and NaN gives −0 in
/// formats without NaN.
std::uint8_t encode(Format format, float value, bool saturate = true) noexcept;
/// The same, rounded up with a probability equal to the part cut off; `random` is uniform.
std::uint8_t encode_stochastic(Format format, float value, std::uint32_t random,
                               bool saturate = true) noexcept;

/// The value of a block scale's code, and the nearest code of a value: ScaleKind::kE8m0 (ties to
/// the even code; 0 gives 2^-127, values beyond 2^127 that, negative and infinite ones NaN) or
/// kUe4m3 (saturates; negative values give 0). Other kinds have no codes: NaN and 0.
float decode_scale(ScaleKind kind, std::uint8_t code) noexcept;
std::uint8_t encode_scale(ScaleKind kind, float value) noexcept;

/// FP16 and BF16, as IEEE 754 converts: overflow gives infinity.
float fp16_to_float(std::uint16_t code) noexcept;
float bf16_to_float(std::uint16_t code) noexcept;
std::uint16_t float_to_fp16(float value) noexcept;
std::uint16_t float_to_bf16(float value) noexcept;

}  // namespace narrowgate
