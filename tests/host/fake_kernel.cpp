// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fake_kernel.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace narrowgate::testing {
namespace {

using Wide = __int128;

std::uint8_t checked(std::span<const std::uint8_t> memory, std::size_t address) {
  if (address >= memory.size()) throw std::out_of_range("the kernel reads beyond a buffer");
  return memory[address];
}

std::uint32_t word(std::span<const std::uint8_t> memory, std::size_t address) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value |= static_cast<std::uint32_t>(checked(memory, address + i)) << 8 * i;
  }
  return value;
}

/// Seam 1: the signed value of lane `lane` at step `k` of panel `panel`.
int packed_value(std::span<const std::uint8_t> memory, unsigned port_bits, unsigned lanes,
                 std::uint32_t format, std::size_t panel, std::size_t k, std::size_t k_steps,
                 std::size_t lane) {
  const std::size_t width = format < 2 ? 8 : 4;
  const std::size_t steps_per_beat = port_bits / (lanes * width);
  const std::size_t beats = (k_steps + steps_per_beat - 1) / steps_per_beat;
  const std::size_t beat = panel * beats + k / steps_per_beat;
  const std::size_t bit = beat * port_bits + k % steps_per_beat * lanes * width + lane * width;
  const int byte = checked(memory, bit / 8);
  switch (format) {
    case 0:
      return static_cast<std::int8_t>(byte);
    case 1:
      return byte - 128;
    case 2: {
      const int nibble = byte >> bit % 8 & 15;
      return nibble < 8 ? nibble : nibble - 16;
    }
    default:
      return (byte >> bit % 8 & 15) - 8;
  }
}

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

std::uint32_t scaled(const internal::KernelCall& call, std::int32_t x, std::uint32_t channel,
                     std::uint32_t bias) {
  volatile float f = product_once(x, std::bit_cast<float>(call.scale));
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
  if (call.mode == 4) return scaled(call, x, shift, word(v, column_entry + 12));
  const std::int64_t r = requantised(call.mode, x, multiplier, static_cast<std::int32_t>(shift));
  const std::int64_t q = r + static_cast<std::int32_t>(call.out_zero);
  const std::int64_t lo = static_cast<std::int32_t>(call.clamp_lo);
  const std::int64_t hi = static_cast<std::int32_t>(call.clamp_hi);
  return static_cast<std::uint32_t>(q < lo ? lo : q > hi ? hi : q);
}

}  // namespace

void run_fake_kernel(const internal::Geometry& g, const internal::KernelCall& call,
                     std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                     std::span<const std::uint8_t> v, std::span<std::uint8_t> c) {
  const std::size_t columns = std::size_t{call.m_tiles} * g.tile_rows * 4;
  for (std::size_t i = 0; i < call.m_tiles; ++i) {
    for (std::size_t j = 0; j < call.n_tiles; ++j) {
      for (std::size_t col = 0; col < g.tile_cols; ++col) {
        for (std::size_t row = 0; row < g.tile_rows; ++row) {
          std::uint32_t sum = word(v, (i * g.tile_rows + row) * 4);
          for (std::size_t k = 0; k < call.k; ++k) {
            sum += static_cast<std::uint32_t>(
                packed_value(a, g.port_bits, g.tile_rows, call.a_format, i, k, call.k, row) *
                packed_value(b, g.port_bits, g.tile_cols, call.b_format, j, k, call.k, col));
          }
          const std::uint32_t q = epilogue(call, sum, v, columns + (j * g.tile_cols + col) * 16);
          const std::size_t element =
              (i * call.n_tiles + j) * g.tile_rows * g.tile_cols + col * g.tile_rows + row;
          if ((element + 1) * call.out_bytes > c.size()) {
            throw std::out_of_range("the kernel writes beyond a buffer");
          }
          std::memcpy(&c[element * call.out_bytes], &q, call.out_bytes);
        }
      }
    }
  }
}

}  // namespace narrowgate::testing
