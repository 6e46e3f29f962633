// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/pack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <span>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using internal::Geometry;
using internal::pack_panels;
using internal::PanelLayout;

/// Sections 1 and 11 of docs/seams.md, bit by bit: a panel is written from its beginning to its
/// end.
class ObviousPanels {
 public:
  ObviousPanels(const Geometry& g, Side side, const OwnedMatrix& matrix, std::size_t block)
      : port_bits_(g.port_bits), side_(side), matrix_(matrix), format_(info(matrix.view.format)) {
    const bool is_a = side == Side::kA;
    lanes_ = is_a ? g.tile_rows : g.tile_cols;
    used_ = is_a ? matrix.view.rows : matrix.view.cols;
    k_ = is_a ? matrix.view.cols : matrix.view.rows;
    block_ = block == 0 ? k_ : block;
    blocks_ = (k_ + block_ - 1) / block_;
    for (first_ = 0; first_ < used_; first_ += lanes_) {
      for (std::size_t b = 0; b < blocks_; ++b) write_block(b);
    }
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  void write(std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i, ++bit_) {
      if (bit_ / 8 == bytes_.size()) bytes_.push_back(0);
      bytes_[bit_ / 8] |= static_cast<std::uint8_t>((value >> i & 1) << bit_ % 8);
    }
  }
  bool inside(std::size_t lane) const { return first_ + lane < used_; }

  void write_block(std::size_t b) {
    write_scales(b);
    const std::size_t width = static_cast<std::size_t>(format_.bits);
    for (std::size_t k = b * block_; k < std::min((b + 1) * block_, k_); ++k) {
      for (std::size_t l = 0; l < lanes_; ++l) {
        int code = format_.pad_code;
        if (inside(l)) {
          code = side_ == Side::kA ? matrix_.at(first_ + l, k) : matrix_.at(k, first_ + l);
        }
        write(static_cast<std::uint32_t>(code), width);
      }
    }
    // What is left of a beat may hold a part of a 6-bit code, whose pad code is 0.
    while (bit_ % port_bits_ != 0) write(format_.pad_code, width == 6 ? 1 : width);
  }

  void write_scales(std::size_t b) {
    const BlockScales& s = matrix_.view.scales;
    const auto index = [&](std::size_t l, std::size_t block) {
      return static_cast<std::ptrdiff_t>(first_ + l) * s.lane_stride +
             static_cast<std::ptrdiff_t>(block) * s.block_stride;
    };
    if (format_.scale == ScaleKind::kE8m0 || format_.scale == ScaleKind::kUe4m3) {
      const std::size_t together = port_bits_ / (8 * lanes_);
      if (b % together != 0) return;
      for (std::size_t i = 0; i < together * lanes_; ++i) {
        const bool there = b + i / lanes_ < blocks_ && inside(i % lanes_);
        write(there ? static_cast<const std::uint8_t*>(s.data)[index(i % lanes_, b + i / lanes_)]
              : format_.scale == ScaleKind::kE8m0 ? 127
                                                  : 0,
              8);
      }
    } else if (format_.has_scales()) {
      for (std::size_t l = 0; l < lanes_; ++l) {
        const float scale = inside(l) ? static_cast<const float*>(s.data)[index(l, b)] : 1.0F;
        write(std::bit_cast<std::uint32_t>(scale), 32);
      }
      while (bit_ % port_bits_ != 0) write(0, 8);
      for (std::size_t l = 0; l < lanes_ && format_.scale == ScaleKind::kFp32AndZero; ++l) {
        write(inside(l) ? static_cast<std::uint32_t>(matrix_.zero(first_ + l, b) - 8) : 0, 8);
      }
      while (bit_ % port_bits_ != 0) write(0, 8);
    }
  }

  const std::size_t port_bits_;
  const Side side_;
  const OwnedMatrix& matrix_;
  const FormatInfo& format_;
  std::size_t lanes_, used_, k_, block_, blocks_, first_;
  std::size_t bit_ = 0;
  std::vector<std::uint8_t> bytes_;
};

std::vector<std::int32_t> obvious_sums(Side side, const OwnedMatrix& matrix) {
  const bool is_a = side == Side::kA;
  std::vector<std::int32_t> sums(is_a ? matrix.view.rows : matrix.view.cols, 0);
  if (!info(matrix.view.format).is_plain_integer()) return sums;
  for (std::size_t r = 0; r < matrix.view.rows; ++r) {
    for (std::size_t c = 0; c < matrix.view.cols; ++c) {
      sums[is_a ? r : c] += matrix.at(r, c) - info(matrix.view.format).offset;
    }
  }
  return sums;
}

/// Bytes 0xC3 whose address is a multiple of `alignment` and of nothing greater.
class AlignedBytes {
 public:
  AlignedBytes(std::size_t size, std::size_t alignment) : bytes_(size + 3 * kMost, 0xC3) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    const std::size_t to_most = (kMost - address % kMost) % kMost;
    span_ = std::span(bytes_).subspan(to_most + alignment, size);
  }
  std::span<std::uint8_t> span() const { return span_; }

 private:
  static constexpr std::size_t kMost = 8192;
  std::vector<std::uint8_t> bytes_;
  std::span<std::uint8_t> span_;
};

void check_packing(const Geometry& g, std::uint64_t seed, Format format, Side side, Order order,
                   std::size_t rows, std::size_t cols, std::size_t alignment = 0) {
  Rng rng(seed);
  OwnedMatrix matrix = random_matrix(rng, format, rows, cols, order);
  constexpr std::size_t kBlocks[] = {1, 5, 16, 20, 32, 64, 96, 128, 0};
  // Of a format without scales it is the block of the other operand, or none.
  std::size_t block = kBlocks[uniform(rng, 0, info(format).has_scales() ? 7 : 8)];
  if (info(format).block != 0) block = info(format).block;
  add_random_scales(rng, matrix, side, block);
  const std::vector<std::uint8_t> expected = ObviousPanels(g, side, matrix, block).bytes();
  // Cards' buffers begin a page, others anywhere.
  constexpr std::size_t kAlignments[] = {4096, 64, 16, 1};
  const std::size_t any = kAlignments[uniform(rng, 0, 3)];
  AlignedBytes memory(expected.size() + 64, alignment == 0 ? any : alignment);
  const std::span<std::uint8_t> packed = memory.span();
  const std::vector<std::int32_t> sums = pack_panels(g, side, matrix.view, packed, block);
  const std::string line =
      "seed " + std::to_string(seed) + " " + std::string(info(format).name) +
      (side == Side::kA ? " A " : " B ") + std::to_string(rows) + " x " + std::to_string(cols) +
      " order " + std::to_string(static_cast<int>(order)) + " block " + std::to_string(block);
  ASSERT_TRUE(std::equal(expected.begin(), expected.end(), packed.begin())) << line;
  for (std::size_t i = expected.size(); i < packed.size(); ++i) ASSERT_EQ(packed[i], 0xC3) << line;
  ASSERT_EQ(sums, obvious_sums(side, matrix)) << line;
}

class Pack : public ::testing::TestWithParam<Format> {};

TEST_P(Pack, LaysPanelsDownAsTheSeamsSay) {
  std::uint64_t seed = 0;
  for (const Side side : {Side::kA, Side::kB}) {
    for (int order = 0; order < (narrowgate::info(GetParam()).bits == 4 ? 5 : 4); ++order) {
      for (const auto& [rows, cols] : {std::pair<std::size_t, std::size_t>{1, 1},
                                       {1, 33},
                                       {33, 1},
                                       {32, 64},
                                       {31, 63},
                                       {65, 130},
                                       {130, 65},
                                       {100, 257},
                                       {600, 70},
                                       {70, 600},
                                       {16, 16},
                                       {48, 129}}) {
        check_packing({}, ++seed, GetParam(), side, static_cast<Order>(order), rows, cols);
      }
    }
  }
}

TEST_P(Pack, FollowsOtherGeometries) {
  std::uint64_t seed = 1000;
  for (const Geometry g :
       {Geometry{16, 16, 256}, Geometry{8, 64, 512}, Geometry{2, 4, 64}, Geometry{128, 32, 1024}}) {
    if (std::min(g.tile_rows, g.tile_cols) * narrowgate::info(GetParam()).bits % 8 != 0) continue;
    for (const Side side : {Side::kA, Side::kB}) {
      for (const Order order : {Order::kRowMajor, Order::kColMajor, Order::kStrided}) {
        check_packing(g, ++seed, GetParam(), side, order, 37, 41);
        check_packing(g, ++seed, GetParam(), side, order, 150, 70);
      }
    }
  }
}

// From 1 MiB on, elements of 8 bits go past the caches where the memory allows it.
class PackBytes : public Pack {};

TEST_P(PackBytes, LaysLargeMatricesDownAlike) {
  std::uint64_t seed = 2000;
  for (const unsigned lanes : {16U, 32U, 64U, 128U}) {
    const Geometry g{lanes, lanes, lanes > 64 ? 1024U : 512U};
    check_packing(g, ++seed, GetParam(), Side::kA, Order::kRowMajor, 1029, 1043, 64);
    check_packing(g, ++seed, GetParam(), Side::kB, Order::kRowMajor, 1043, 1029, 64);
  }
}

std::vector<Format> all_formats() {
  std::vector<Format> all;
  for (const FormatInfo& format : formats()) all.push_back(format.format);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Formats, Pack, ::testing::ValuesIn(all_formats()), [](const auto& test) {
  return std::string(narrowgate::info(test.param).name);
});

std::vector<Format> formats_of_bytes() {
  std::vector<Format> bytes;
  for (const Format format : all_formats()) {
    if (narrowgate::info(format).bits == 8) bytes.push_back(format);
  }
  return bytes;
}

INSTANTIATE_TEST_SUITE_P(Formats, PackBytes, ::testing::ValuesIn(formats_of_bytes()),
                         [](const auto& test) {
                           return std::string(narrowgate::info(test.param).name);
                         });

TEST(PackErrors, RefusesElementsOutsideAFourBitFormat) {
  std::vector<std::int8_t> values(70 * 40, 3);
  values[66 * 40 + 11] = 8;
  std::vector<std::uint8_t> out(1 << 16);
  try {
    pack_panels({}, Side::kA, MatrixView::row_major(values.data(), Format::kInt4, 70, 40), out);
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(), "matrix A has 8 at (66, 11): the range of int4 is -8 to 7");
  }
  values[66 * 40 + 11] = -9;
  EXPECT_THROW(
      pack_panels({}, Side::kB, MatrixView::row_major(values.data(), Format::kInt4, 70, 40), out),
      ValueRangeError);
  values[66 * 40 + 11] = 16;
  try {
    pack_panels({}, Side::kB, MatrixView::col_major(values.data(), Format::kUint4, 40, 70), out);
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(), "matrix B has 16 at (11, 66): the range of uint4 is 0 to 15");
  }
}

TEST(PackErrors, RefusesCodesThatAreTooWide) {
  std::vector<std::uint8_t> codes(40 * 64, 0x3F);
  const std::vector<std::uint8_t> scales(80, 127);
  std::vector<std::uint8_t> out(1 << 14);
  const MatrixView a = MatrixView::row_major(codes.data(), Format::kMxfp6E2m3, 40, 64)
                           .with({.data = scales.data(), .lane_stride = 2});
  EXPECT_NO_THROW(pack_panels({}, Side::kA, a, out));
  codes[39 * 64 + 63] = 0x40;
  try {
    pack_panels({}, Side::kA, a, out);
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(),
                 "matrix A has code 64 at (39, 63): the range of fp6_e2m3's codes is 0 to 63");
  }
  codes[39 * 64 + 63] = 0x10;
  EXPECT_THROW(
      pack_panels({}, Side::kB, MatrixView::row_major(codes.data(), Format::kE2m1, 40, 64), out),
      ValueRangeError);
}

TEST(PanelLayout, KnowsWhenBlocksLeaveNoTrace) {
  using internal::same_panels;
  EXPECT_TRUE(same_panels({}, Side::kA, Format::kInt8, 512, 0, 32));
  EXPECT_TRUE(same_panels({}, Side::kA, Format::kInt8, 512, 0, 2));
  EXPECT_FALSE(same_panels({}, Side::kA, Format::kInt8, 512, 0, 3));
  EXPECT_TRUE(same_panels({}, Side::kA, Format::kInt8, 512, 3, 3));
  EXPECT_TRUE(same_panels({}, Side::kA, Format::kE2m3, 512, 0, 32));
  EXPECT_FALSE(same_panels({}, Side::kA, Format::kE2m3, 512, 0, 20));
  EXPECT_FALSE(same_panels({}, Side::kA, Format::kInt4Group, 512, 32, 64));
  EXPECT_TRUE(same_panels({}, Side::kA, Format::kInt4Group, 512, 1000, 512));
}

TEST(PackErrors, RefusesABufferThatIsTooShort) {
  std::vector<std::int8_t> values(40);
  std::vector<std::uint8_t> out(63);
  EXPECT_THROW(
      pack_panels({}, Side::kA, MatrixView::row_major(values.data(), Format::kInt8, 20, 2), out),
      InvalidArgumentError);
}

}  // namespace
}  // namespace narrowgate::testing
