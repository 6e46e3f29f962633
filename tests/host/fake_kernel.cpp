// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fake_kernel.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "fake_panels.hpp"

namespace narrowgate::testing {
namespace {

using Wide = __int128;
using Quad = __float128;

/// An element of the result: a tile's, and where in the tile.
struct Cell {
  std::size_t i;
  std::size_t j;
  std::size_t row;
  std::size_t col;
};

std::int64_t saturate(Wide value) {
  return static_cast<std::int64_t>(value < INT32_MIN   ? INT32_MIN
                                   : value > INT32_MAX ? INT32_MAX
                                                       : value);
}

Wide floor_shift(Wide value, int shift) { return value >> shift; }

/// Seam 4, modes 1 to 3: the sum as an integer of the output's scale.
std::int64_t requantised(std::uint32_t mode, std::int32_t x, std::uint32_t multiplier,
                         std::int32_t shift) {
  if (mode == 1) {
    volatile float f = static_cast<float>(x);
    f = f * std::bit_cast<float>(multiplier);
    // Ties to even by comparing with the halves, instead of by nearbyint.
    const double value = f;
    double down = std::floor(value);
    const double rest = value - down;
    if (rest > 0.5 || (rest == 0.5 && std::fmod(down, 2.0) != 0)) down += 1;
    return down >= 2147483647.0    ? INT32_MAX
           : down <= -2147483648.0 ? INT32_MIN
                                   : static_cast<std::int64_t>(down);
  }
  const Wide m = static_cast<std::int32_t>(multiplier);
  if (mode == 3) return saturate(floor_shift(Wide{x} * m + (Wide{1} << (shift - 1)), shift));
  const Wide y = saturate(shift > 0 ? Wide{x} * (Wide{1} << shift) : Wide{x});
  Wide high = y * m + (y * m >= 0 ? Wide{1} << 30 : 1 - (Wide{1} << 30));
  high = high / (Wide{1} << 31);
  if (shift >= 0) return static_cast<std::int64_t>(high);
  // Half away from zero: on the magnitude.
  const Wide magnitude = high < 0 ? -high : high;
  const Wide rounded = floor_shift(magnitude + (Wide{1} << (-shift - 1)), -shift);
  return static_cast<std::int64_t>(high < 0 ? -rounded : rounded);
}

/// x·scale rounded once, through round-to-odd in double instead of a wider type.
float product_once(std::int32_t x, float scale) {
  volatile double rounded = static_cast<double>(x) * scale;
  const double high = rounded;
  if (!std::isfinite(high) || high == 0) return static_cast<float>(high);
  const double error = std::fma(static_cast<double>(x), static_cast<double>(scale), -high);
  auto bits = std::bit_cast<std::uint64_t>(high);
  if (error != 0 && (bits & 1) == 0) bits += (error > 0) == (high > 0) ? 1 : -1;
  return static_cast<float>(std::bit_cast<double>(bits));
}

/// What modes 4 and 5 do after the first multiplication.
std::uint32_t scaled(const internal::KernelCall& call, float product, std::uint32_t channel,
                     std::uint32_t bias) {
  volatile float f = product;
  f = f * std::bit_cast<float>(channel);
  f = f + std::bit_cast<float>(bias);
  const float lo = std::bit_cast<float>(call.clamp_lo);
  const float hi = std::bit_cast<float>(call.clamp_hi);
  const float value = f;
  if (value != value) return 0x7FC00000;
  return std::bit_cast<std::uint32_t>(value < lo ? lo : value > hi ? hi : value);
}

std::uint32_t epilogue(const internal::KernelCall& call, std::uint32_t sum,
                       std::span<const std::uint8_t> v, std::size_t column_entry) {
  const auto x = static_cast<std::int32_t>(sum + word(v, column_entry));
  const std::uint32_t multiplier = word(v, column_entry + 4);
  const std::uint32_t shift = word(v, column_entry + 8);
  if (call.mode == 0) return static_cast<std::uint32_t>(x);
  if (call.mode == 4) {
    const float product = product_once(x, std::bit_cast<float>(call.scale));
    return scaled(call, product, shift, word(v, column_entry + 12));
  }
  const std::int64_t r = requantised(call.mode, x, multiplier, static_cast<std::int32_t>(shift));
  const std::int64_t q = r + static_cast<std::int32_t>(call.out_zero);
  const std::int64_t lo = static_cast<std::int32_t>(call.clamp_lo);
  const std::int64_t hi = static_cast<std::int32_t>(call.clamp_hi);
  return static_cast<std::uint32_t>(q < lo ? lo : q > hi ? hi : q);
}

/// Sections 1 to 4: one int32 sum.
std::uint32_t integer_result(const internal::KernelCall& call, const FakePanels& a,
                             const FakePanels& b, std::span<const std::uint8_t> v, const Cell& cell,
                             std::size_t row_entry, std::size_t column_entry) {
  std::uint32_t sum = word(v, row_entry);
  for (std::size_t k = 0; k < call.k; ++k) {
    sum += static_cast<std::uint32_t>(static_cast<std::int32_t>(a.value(cell.i, k, cell.row)) *
                                      static_cast<std::int32_t>(b.value(cell.j, k, cell.col)));
  }
  return epilogue(call, sum, v, column_entry);
}

/// Section 11: blocks exactly, in quadruple precision.
std::uint32_t scaled_result(const internal::KernelCall& call, const FakePanels& a,
                            const FakePanels& b, std::span<const std::uint8_t> v, const Cell& cell,
                            std::size_t column_entry) {
  volatile float accumulator = 0;
  for (std::size_t block = 0; block < call.blocks; ++block) {
    Quad sum = 0;
    const std::size_t first = block * call.block;
    for (std::size_t k = first; k < std::min<std::size_t>(first + call.block, call.k); ++k) {
      sum += static_cast<Quad>(a.value(cell.i, k, cell.row)) *
             static_cast<Quad>(b.value(cell.j, k, cell.col));
    }
    sum *= static_cast<Quad>(std::ldexp(1.0, static_cast<std::int32_t>(call.sum_exponent)));
    sum *= static_cast<Quad>(a.scale(cell.i, block, cell.row));
    sum *= static_cast<Quad>(b.scale(cell.j, block, cell.col));
    accumulator = accumulator + static_cast<float>(sum);
  }
  accumulator = accumulator * std::bit_cast<float>(call.scale);
  return scaled(call, accumulator, word(v, column_entry + 8), word(v, column_entry + 12));
}

}  // namespace

internal::KernelCall read_descriptor(std::span<const std::uint8_t> bytes,
                                     const internal::CardPlaces& arguments,
                                     std::size_t beat_bytes) {
  const auto place = [&](std::size_t at, std::uint64_t argument) {
    const std::uint64_t beats = std::uint64_t{word(bytes, at + 4)} << 32 | word(bytes, at);
    return argument + beats * beat_bytes;
  };
  internal::KernelCall call;
  call.places = {place(0, arguments.a), place(8, arguments.b), place(16, arguments.v),
                 place(24, arguments.c)};
  call.records = place(96, arguments.v);
  std::size_t at = 32;
  for (std::uint32_t* field :
       {&call.m_tiles, &call.n_tiles, &call.k, &call.a_format, &call.b_format, &call.block,
        &call.blocks, &call.sum_exponent, &call.mode, &call.scale, &call.out_zero, &call.clamp_lo,
        &call.clamp_hi, &call.out_format, &call.activation, &call.n}) {
    *field = word(bytes, at);
    at += 4;
  }
  call.order = word(bytes, 104);
  return call;
}

void run_fake_kernel(const internal::Geometry& image, const internal::KernelCall& call,
                     std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                     std::span<const std::uint8_t> v, std::span<std::uint8_t> c) {
  // Elements of 4 bits are codes 2 to 4 (hls/formats/formats.hpp).
  const auto has_four_bits = [](std::uint32_t format) {
    return (format & 0xFF) >= 2 && (format & 0xFF) <= 4;
  };
  internal::Geometry g = image;
  if (has_four_bits(call.a_format) && has_four_bits(call.b_format)) g.tile_rows += g.lut_rows;
  const FakePanels a_panels(a, g.port_bits, g.tile_rows, call.a_format, call.m_tiles, call.k,
                            call.block);
  const FakePanels b_panels(b, g.port_bits, g.tile_cols, call.b_format, call.n_tiles, call.k,
                            call.block);
  const std::size_t out_bytes = call.out_format >= 16 ? 4 : 1;  // its outputs are plain
  const std::size_t columns = call.records - call.places.v;
  for (std::size_t i = 0; i < call.m_tiles; ++i) {
    for (std::size_t j = 0; j < call.n_tiles; ++j) {
      for (std::size_t col = 0; col < g.tile_cols; ++col) {
        for (std::size_t row = 0; row < g.tile_rows; ++row) {
          const Cell cell{i, j, row, col};
          const std::size_t column_entry = columns + (j * g.tile_cols + col) * 16;
          const std::uint32_t q =
              call.mode == 5 ? scaled_result(call, a_panels, b_panels, v, cell, column_entry)
                             : integer_result(call, a_panels, b_panels, v, cell,
                                              (i * g.tile_rows + row) * 4, column_entry);
          const std::size_t tile = call.order == 0 ? i * call.n_tiles + j : j * call.m_tiles + i;
          const std::size_t element = (tile * g.tile_cols + col) * g.tile_rows + row;
          if ((element + 1) * out_bytes > c.size()) {
            throw std::out_of_range("the kernel writes beyond a buffer");
          }
          std::memcpy(&c[element * out_bytes], &q, out_bytes);
        }
      }
    }
  }
}

}  // namespace narrowgate::testing
