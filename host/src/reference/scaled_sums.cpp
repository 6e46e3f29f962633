// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Block sums are taken in doubles, which is exact as long as all partial sums are integers below
// 2^53 in units of some power of two. Elements of E5M2 span 32 bits, too many for that: each of
// them is either at least 1 in magnitude, and then a multiple of 2^-2 below 2^16, or below 1, and
// then a multiple of 2^-16. So there is one sum for each combination of large and small elements;
// what they are together is an integer of at most 96 bits.
#include "reference/scaled_sums.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "core/pair.hpp"
#include "reference/exact.hpp"

namespace narrowgate::internal {
namespace {

constexpr int kExactBits = 53;  // of a double
// Products of one combination have at most 36 bits (E4M3 squared, less 1; all others below), and so
// many of them at most 53.
constexpr std::size_t kExactSteps = std::size_t{1} << 16;
constexpr std::size_t kParts = 2;  // large and small elements

int bits_of(double bound) { return std::ilogb(bound) + 1; }

std::size_t part_of(double value) { return std::abs(value) < 1.0 ? 1 : 0; }

}  // namespace

class ScaledSums::Impl {
 public:
  Impl(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem);
  void row(std::size_t m, std::span<float> sums);

 private:
  using Partial = std::array<std::array<std::vector<double>, kParts>, kParts>;

  /// The value of an element of A or B, with the matrix's zero-points.
  double value(const DenseMatrix& x, const ElementTable& table, std::int32_t zero, std::size_t lane,
               std::size_t k, std::uint8_t code) const {
    if (!x.zeros.empty()) zero = x.zeros[k / block_ * x.lanes + lane];
    return table.value[code] - zero;
  }
  void decode_b();
  void decode_row_of_a(std::size_t m);
  void accumulate(std::size_t first, std::size_t last);
  void add_to_wide();
  void round_quickly(std::size_t block, double a_scale);
  void round_exactly(std::size_t block, double a_scale);
  float round_special(std::size_t m, std::size_t n, std::size_t block, double a_scale) const;
  double scale(const DenseMatrix& x, std::size_t block, std::size_t lane) const {
    return x.scales.empty() ? 1.0 : x.scales[block * x.lanes + lane];
  }

  const DenseMatrix& a_;
  const DenseMatrix& b_;
  const ElementTable a_table_;
  const ElementTable b_table_;
  const std::int32_t a_zero_;
  const std::int32_t b_zero_;
  const std::size_t n_;
  const std::size_t k_;
  const std::size_t block_;
  const int lsb_;               // of the block sums of element values
  const int element_exponent_;  // both operands'
  const std::size_t a_parts_;
  const std::size_t b_parts_;
  bool quick_ = false;                               // a block's sum times its scales fits a double
  std::array<std::vector<float>, kParts> b_values_;  // K×N; 0 for specials and the other part
  std::vector<std::uint8_t> b_special_;              // by block and column: has NaN or infinity
  std::vector<double> a_row_;
  std::vector<std::uint8_t> a_special_;  // by block
  Partial partial_;                      // of a block, by parts of A and B
  std::vector<Wide> wide_;               // their sum, in units of 2^lsb_
  std::vector<float> rounded_;           // what the block adds to the sums
};

ScaledSums::Impl::Impl(const DenseMatrix& a, const DenseMatrix& b, const Problem& p)
    : a_(a),
      b_(b),
      a_table_(a.format),
      b_table_(b.format),
      a_zero_(p.options.a_zero),
      b_zero_(p.options.b_zero),
      n_(p.n),
      k_(p.k),
      block_(block_of(p)),
      lsb_(info(a.format).lsb + info(b.format).lsb),
      element_exponent_(info(a.format).element_exponent + info(b.format).element_exponent),
      a_parts_(info(a.format).element == Format::kE5m2 ? 2 : 1),
      b_parts_(info(b.format).element == Format::kE5m2 ? 2 : 1) {
  const ElementRange ra = element_range(a.format, a_zero_);
  const ElementRange rb = element_range(b.format, b_zero_);
  const double bound = static_cast<double>(block_) * static_cast<double>(std::max(-ra.lo, ra.hi)) *
                       static_cast<double>(std::max(-rb.lo, rb.hi));
  quick_ = a_parts_ * b_parts_ == 1 && block_ <= kExactSteps &&
           bits_of(bound) + scale_bits(a.format) + scale_bits(b.format) <= kExactBits;
  decode_b();
  a_row_.resize(k_);
  wide_.resize(n_);
  rounded_.resize(n_);
  for (std::size_t i = 0; i < a_parts_; ++i) {
    for (std::size_t j = 0; j < b_parts_; ++j) partial_[i][j].resize(n_);
  }
}

void ScaledSums::Impl::decode_b() {
  b_special_.assign((k_ + block_ - 1) / block_ * n_, 0);
  for (std::size_t j = 0; j < b_parts_; ++j) b_values_[j].assign(k_ * n_, 0.0F);
  for (std::size_t k = 0; k < k_; ++k) {
    for (std::size_t n = 0; n < n_; ++n) {
      const std::uint8_t code = b_.codes[k * n_ + n];
      if (b_table_.is_special[code]) {
        b_special_[k / block_ * n_ + n] = 1;
        continue;
      }
      const double x = value(b_, b_table_, b_zero_, n, k, code);
      b_values_[b_parts_ == 1 ? 0 : part_of(x)][k * n_ + n] = static_cast<float>(x);
    }
  }
}

void ScaledSums::Impl::decode_row_of_a(std::size_t m) {
  a_special_.assign((k_ + block_ - 1) / block_, 0);
  for (std::size_t k = 0; k < k_; ++k) {
    const std::uint8_t code = a_.codes[m * k_ + k];
    const bool special = a_table_.is_special[code];
    a_row_[k] = special ? 0.0 : value(a_, a_table_, a_zero_, m, k, code);
    if (special) a_special_[k / block_] = 1;
  }
}

/// Partial sums over steps first…last−1, at most kExactSteps of them.
void ScaledSums::Impl::accumulate(std::size_t first, std::size_t last) {
  for (auto& parts : partial_) {
    for (auto& sums : parts) std::fill(sums.begin(), sums.end(), 0.0);
  }
  for (std::size_t k = first; k < last; ++k) {
    const double x = a_row_[k];
    if (x == 0) continue;
    for (std::size_t j = 0; j < b_parts_; ++j) {
      double* sums = partial_[a_parts_ == 1 ? 0 : part_of(x)][j].data();
      const float* b_row = &b_values_[j][k * n_];
      for (std::size_t n = 0; n < n_; ++n) sums[n] += x * static_cast<double>(b_row[n]);
    }
  }
}

void ScaledSums::Impl::add_to_wide() {
  const double units = std::ldexp(1.0, -lsb_);
  for (std::size_t i = 0; i < a_parts_; ++i) {
    for (std::size_t j = 0; j < b_parts_; ++j) {
      const double* sums = partial_[i][j].data();
      for (std::size_t n = 0; n < n_; ++n) wide_[n] += static_cast<Wide>(sums[n] * units);
    }
  }
}

/// Sum and scales fit a double together: its conversion is the one rounding.
void ScaledSums::Impl::round_quickly(std::size_t block, double a_scale) {
  const double* sums = partial_[0][0].data();
  const double factor = std::ldexp(a_scale, element_exponent_);
  if (b_.scales.empty()) {
    for (std::size_t n = 0; n < n_; ++n) rounded_[n] = static_cast<float>(sums[n] * factor);
    return;
  }
  const double* b_scales = &b_.scales[block * n_];
  for (std::size_t n = 0; n < n_; ++n) {
    rounded_[n] = static_cast<float>(sums[n] * (factor * b_scales[n]));
  }
}

void ScaledSums::Impl::round_exactly(std::size_t block, double a_scale) {
  for (std::size_t n = 0; n < n_; ++n) {
    rounded_[n] =
        scale_and_round(wide_[n], lsb_ + element_exponent_, a_scale * scale(b_, block, n));
  }
}

/// The same for a block with a NaN or an infinity, by IEEE arithmetic: what its finite products add
/// up to does not matter beside one.
float ScaledSums::Impl::round_special(std::size_t m, std::size_t n, std::size_t block,
                                      double a_scale) const {
  double sum = 0;
  const std::size_t first = block * block_;
  for (std::size_t k = first; k < std::min(first + block_, k_); ++k) {
    sum += value(a_, a_table_, a_zero_, m, k, a_.codes[m * k_ + k]) *
           value(b_, b_table_, b_zero_, n, k, b_.codes[k * n_ + n]);
  }
  return static_cast<float>(sum * (a_scale * scale(b_, block, n)));
}

void ScaledSums::Impl::row(std::size_t m, std::span<float> sums) {
  std::fill(sums.begin(), sums.end(), 0.0F);
  decode_row_of_a(m);
  for (std::size_t first = 0, block = 0; first < k_; first += block_, ++block) {
    const std::size_t last = std::min(first + block_, k_);
    const double a_scale = scale(a_, block, m);
    if (quick_) {
      accumulate(first, last);
      round_quickly(block, a_scale);
    } else {
      std::fill(wide_.begin(), wide_.end(), Wide{0});
      for (std::size_t k = first; k < last; k += kExactSteps) {
        accumulate(k, std::min(k + kExactSteps, last));
        add_to_wide();
      }
      round_exactly(block, a_scale);
    }
    const std::uint8_t* special = &b_special_[block * n_];
    for (std::size_t n = 0; n < n_; ++n) {
      if ((a_special_[block] | special[n]) != 0) rounded_[n] = round_special(m, n, block, a_scale);
    }
    for (std::size_t n = 0; n < n_; ++n) sums[n] += rounded_[n];
  }
}

ScaledSums::ScaledSums(const DenseMatrix& a, const DenseMatrix& b, const Problem& problem)
    : impl_(std::make_unique<Impl>(a, b, problem)) {}
ScaledSums::~ScaledSums() = default;
void ScaledSums::row(std::size_t m, std::span<float> sums) { impl_->row(m, sums); }

}  // namespace narrowgate::internal
