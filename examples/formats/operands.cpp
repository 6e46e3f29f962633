// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/operands.hpp"

#include <bit>
#include <utility>

namespace examples {
namespace ng = narrowgate;
namespace {

ng::FloatView view_of(const Matrix& matrix) {
  return ng::FloatView::row_major(matrix.data(), static_cast<std::size_t>(matrix.rows()),
                                  static_cast<std::size_t>(matrix.cols()));
}

std::uint64_t fingerprint(std::uint64_t hash, const Matrix& matrix) {
  constexpr std::uint64_t kPrime = 0x100000001B3;
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    hash = (hash ^ std::bit_cast<std::uint32_t>(matrix.data()[i])) * kPrime;
  }
  return hash;
}

}  // namespace

std::string Operands::name() const {
  return a == b ? to_string(b) : to_string(a) + " × " + to_string(b);
}

std::vector<Operands> all_operands() {
  constexpr std::size_t kGroup = 32;
  std::vector<Operands> all;
  for (const ng::FormatInfo& row : ng::formats()) {
    if (row.is_group() && row.is_float) continue;  // no card multiplies them
    if (row.is_group()) {
      all.push_back({{ng::Format::kInt8, 0}, {row.format, kGroup}});
    } else if (row.format == ng::Format::kE5m2) {
      all.push_back({{ng::Format::kE4m3, 0}, {row.format, 0}});
    } else {
      const ng::BlockedFormat format{row.format, row.block};
      all.push_back({format, format});
    }
  }
  for (const auto& [a, b] : {std::pair{"mxfp8_e4m3", "mxfp4"}, std::pair{"mxint8", "mxfp4"}}) {
    all.push_back({ng::parse_blocked_format(a), ng::parse_blocked_format(b)});
  }
  return all;
}

double bits_per_element(ng::BlockedFormat format) {
  const ng::FormatInfo& row = ng::info(format.format);
  double scale = 0;
  switch (row.scale) {
    case ng::ScaleKind::kNone:
      return row.bits;
    case ng::ScaleKind::kE8m0:
    case ng::ScaleKind::kUe4m3:
      scale = 8;
      break;
    case ng::ScaleKind::kFp32:
      scale = 32;
      break;
    case ng::ScaleKind::kFp32AndZero:
      scale = 32 + row.bits;
      break;
  }
  return row.bits + scale / static_cast<double>(row.block != 0 ? row.block : format.block);
}

Matrix multiply(const ng::Device& device, const Operands& operands, const Matrix& a,
                const Matrix& b, const ng::FloatEpilogue& epilogue, Account& account) {
  const ng::QuantizedMatrix left = ng::quantize(view_of(a), ng::Side::kA, operands.a);
  const ng::QuantizedMatrix right = ng::quantize(view_of(b), ng::Side::kB, operands.b);
  ng::GemmOptions options;
  options.a_zero = left.zero;
  options.b_zero = right.zero;
  options.epilogue = epilogue;
  ng::MatrixView left_view = left.view();
  // Integers that meet groups are cut into the groups' blocks.
  if (left.block == 0) left_view.scales.block = right.block;
  Matrix c(a.rows(), b.cols());
  const ng::Report report =
      ng::gemm(device, left_view, right.view(), options,
               ng::OutputView::row_major(c.data(), static_cast<std::size_t>(c.rows()),
                                         static_cast<std::size_t>(c.cols())));
  account.cycles += report.cycles;
  account.macs += report.macs;
  account.fingerprint = fingerprint(account.fingerprint, c);
  return c;
}

}  // namespace examples
