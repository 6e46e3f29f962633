// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Packed operands as the kernel reads them (docs/seams.md sections 1 and 11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace narrowgate::testing {

/// Byte `address` of a buffer; throws std::out_of_range beyond its end.
std::uint8_t checked(std::span<const std::uint8_t> memory, std::size_t address);
std::uint32_t word(std::span<const std::uint8_t> memory, std::size_t address);

/// One operand's panels, decoded. What the kernel must not read (gaps) is not touched.
class FakePanels {
 public:
  FakePanels(std::span<const std::uint8_t> memory, unsigned port_bits, unsigned lanes,
             std::uint32_t format, std::size_t panels, std::size_t k, std::size_t block);

  /// What the array sees, in steps of 2^lsb: UINT8 less 128, UINT4 less 8 (and its zero-point).
  double value(std::size_t panel, std::size_t k, std::size_t lane) const {
    return values_[(panel * k_ + k) * lanes_ + lane];
  }
  /// 1 without scales.
  double scale(std::size_t panel, std::size_t block, std::size_t lane) const {
    return scales_[(panel * blocks_ + block) * lanes_ + lane];
  }

 private:
  std::size_t read_scales(std::size_t bit, std::size_t first_block);
  std::size_t read_steps(std::size_t bit, std::size_t steps);
  std::uint32_t bits_at(std::size_t bit, unsigned width) const;

  std::span<const std::uint8_t> memory_;
  const std::size_t lanes_;      // with those that no lane of the array has
  const std::size_t port_bits_;  // or more, if a step of bytes has
  const std::uint32_t element_;
  const std::uint32_t kind_;
  const std::size_t k_;
  const std::size_t blocks_;
  std::vector<double> values_;
  std::vector<double> scales_;
  std::vector<int> zeros_;  // of the present block
};

}  // namespace narrowgate::testing
