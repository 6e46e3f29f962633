// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the library needs of a card, whichever runtime drives it: memory, one kernel, registers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/card_image.hpp"

namespace narrowgate::internal {

/// Memory on the card with its mirror on the host. One thread at a time.
class CardBuffer {
 public:
  virtual ~CardBuffer() = default;
  /// The mirror: at least as long as was asked for, a multiple of 4096 bytes.
  virtual std::span<std::uint8_t> host() = 0;
  /// Copies `bytes` of the mirror from `offset` on to the card, and back.
  virtual void upload(std::size_t offset, std::size_t bytes) = 0;
  virtual void download(std::size_t offset, std::size_t bytes) = 0;
};

/// The arguments of one run (docs/seams.md sections 5, 11 and 12).
struct KernelCall {
  CardBuffer* a = nullptr;
  CardBuffer* b = nullptr;
  CardBuffer* v = nullptr;
  CardBuffer* c = nullptr;
  std::uint32_t m_tiles = 0;
  std::uint32_t n_tiles = 0;
  std::uint32_t k = 0;
  std::uint32_t a_format = 0;
  std::uint32_t b_format = 0;
  std::uint32_t mode = 0;
  std::uint32_t scale = 0;
  std::uint32_t out_zero = 0;
  std::uint32_t clamp_lo = 0;
  std::uint32_t clamp_hi = 0;
  std::uint32_t out_format = 0;
  std::uint32_t block = 0;
  std::uint32_t blocks = 0;
  std::uint32_t sum_exponent = 0;
  std::uint32_t activation = 0;
  std::uint32_t n = 0;
};

/// Calls visit(name, buffer) for each pointer argument and visit(name, value) for each scalar.
template <typename Visitor>
void for_each_argument(const KernelCall& call, Visitor&& visit) {
  visit("a", *call.a);
  visit("b", *call.b);
  visit("v", *call.v);
  visit("c", *call.c);
  visit("m_tiles", call.m_tiles);
  visit("n_tiles", call.n_tiles);
  visit("k", call.k);
  visit("a_format", call.a_format);
  visit("b_format", call.b_format);
  visit("mode", call.mode);
  visit("scale", call.scale);
  visit("out_zero", call.out_zero);
  visit("clamp_lo", call.clamp_lo);
  visit("clamp_hi", call.clamp_hi);
  visit("out_format", call.out_format);
  visit("block", call.block);
  visit("blocks", call.blocks);
  visit("sum_exponent", call.sum_exponent);
  visit("activation", call.activation);
  visit("n", call.n);
}

/// A card with an image on it. Errors are the library's own types (DeviceError where nothing more
/// is known). Any thread may call; start() and finished() are used by one at a time.
class Card {
 public:
  virtual ~Card() = default;
  virtual const CardImage& image() const = 0;
  virtual const DeviceInfo& info() const = 0;

  /// Memory that the kernel reaches through pointer argument `argument`.
  virtual std::unique_ptr<CardBuffer> allocate(std::string_view argument, std::size_t bytes) = 0;

  /// Starts the kernel.
  virtual void start(const KernelCall& call) = 0;
  /// Waits at most `patience` for the run that was started; false when it is still going on.
  virtual bool finished(std::chrono::milliseconds patience) = 0;

  /// Whether registers can be read; when not, there are no counters and no checks by them.
  virtual bool has_registers() const = 0;
  virtual std::uint32_t read_register(std::uint32_t offset) = 0;

  /// Why the card is known to have died, or empty.
  virtual std::string death() const = 0;
  /// Makes calls that are blocked in the runtime come back, if that can be done at all: the card
  /// is lost.
  virtual void terminate() noexcept = 0;
  /// Releases the card; nothing else is called afterwards but info() and image(). All buffers are
  /// gone by then.
  virtual void close() noexcept = 0;
};

/// The read-only block of the control registers (docs/seams.md section 8).
namespace registers {
inline constexpr std::uint32_t kMagic = 0x800;
inline constexpr std::uint32_t kHashLow = 0x808;
inline constexpr std::uint32_t kHashHigh = 0x80C;
inline constexpr std::uint32_t kMagicValue = 0x4E474154;  // "NGAT"
}  // namespace registers

/// "0x" and hexadecimal digits.
std::string hex(std::uint32_t value);

}  // namespace narrowgate::internal
