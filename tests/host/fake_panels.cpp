// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fake_panels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "decode.hpp"

namespace narrowgate::testing {

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

std::uint32_t FakePanels::bits_at(std::size_t bit, unsigned width) const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < width; ++i, ++bit) {
    value |= static_cast<std::uint32_t>(checked(memory_, bit / 8) >> bit % 8 & 1) << i;
  }
  return value;
}

/// Reads what stands before block `first_block`, if anything; returns where the block begins.
std::size_t FakePanels::read_scales(std::size_t bit, std::size_t first_block) {
  const auto next_beat = [&](std::size_t b) {
    return (b + port_bits_ - 1) / port_bits_ * port_bits_;
  };
  if (kind_ == 0) {
    scales_.insert(scales_.end(), lanes_, 1.0);
    return bit;
  }
  if (kind_ <= 2) {
    const std::size_t together = port_bits_ / (8 * lanes_);
    if (first_block % together != 0) return bit;
    for (std::size_t i = 0; i < std::min(together, blocks_ - first_block) * lanes_; ++i) {
      const auto code = static_cast<std::uint8_t>(bits_at(bit + 8 * i, 8));
      scales_.push_back(kind_ == 1 ? decode_e8m0(code) : decode_ue4m3(code));
    }
    return bit + port_bits_;
  }
  for (std::size_t l = 0; l < lanes_; ++l) {
    scales_.push_back(std::bit_cast<float>(bits_at(bit + 32 * l, 32)));
  }
  bit = next_beat(bit + 32 * lanes_);
  if (kind_ == 3) return bit;
  for (std::size_t l = 0; l < lanes_; ++l) {
    zeros_[l] = static_cast<std::int8_t>(bits_at(bit + 8 * l, 8));
  }
  return next_beat(bit + 8 * lanes_);
}

std::size_t FakePanels::read_steps(std::size_t bit, std::size_t steps) {
  const unsigned width = element_bits(element_);
  const double offset = element_ == 1 ? 128 : element_ == 3 ? 8 : 0;
  const double unit = std::pow(2.0, element_lsb(element_));
  for (std::size_t i = 0; i < steps * lanes_; ++i, bit += width) {
    const double value = decode_element(element_, bits_at(bit, width)) / unit;
    values_.push_back(value - offset - zeros_[i % lanes_]);
  }
  return (bit + port_bits_ - 1) / port_bits_ * port_bits_;
}

FakePanels::FakePanels(std::span<const std::uint8_t> memory, unsigned port_bits, unsigned lanes,
                       std::uint32_t format, std::size_t panels, std::size_t k, std::size_t block)
    : memory_(memory),
      lanes_(std::bit_ceil(lanes)),
      port_bits_(std::max<std::size_t>(port_bits, 8 * lanes_)),
      element_(format & 0xFF),
      kind_(format >> 8),
      k_(k),
      blocks_((k + block - 1) / block),
      zeros_(lanes, 0) {
  std::size_t bit = 0;
  for (std::size_t panel = 0; panel < panels; ++panel) {
    for (std::size_t b = 0; b < blocks_; ++b) {
      bit = read_scales(bit, b);
      bit = read_steps(bit, std::min(block, k - b * block));
    }
  }
}

}  // namespace narrowgate::testing
