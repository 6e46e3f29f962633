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
  /// Where it begins in the card's memory.
  virtual std::uint64_t address() = 0;
  /// Copies `bytes` of the mirror from `offset` on to the card, and back.
  virtual void upload(std::size_t offset, std::size_t bytes) = 0;
  virtual void download(std::size_t offset, std::size_t bytes) = 0;
};

/// One start of the kernel: `calls` descriptors from number `first` on of those with which `v`
/// begins. Of a, b and c the descriptors count (write_descriptor()).
struct KernelRun {
  CardBuffer* a = nullptr;
  CardBuffer* b = nullptr;
  CardBuffer* v = nullptr;
  CardBuffer* c = nullptr;
  std::uint32_t first = 0;
  std::uint32_t calls = 0;
};

/// Calls visit(name, buffer) for each pointer argument and visit(name, value) for each scalar.
template <typename Visitor>
void for_each_argument(const KernelRun& run, Visitor&& visit) {
  visit("a", *run.a);
  visit("b", *run.b);
  visit("v", *run.v);
  visit("c", *run.c);
  visit("q", *run.v);
  visit("first", run.first);
  visit("calls", run.calls);
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
  virtual void start(const KernelRun& run) = 0;
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
