// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A card in C++: a functional model of the kernel as docs/seams.md sections 1 to 5 describe it from
// the card's side, behind the library's Card interface. It shares no code with packing, unpacking
// or the reference, so that the host's half of the seams is checked without any simulator. It can
// also be told to hang, to die, or to be another kernel than its image says.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "core/card.hpp"
#include "fake_kernel.hpp"
#include "narrowgate/device.hpp"

namespace narrowgate::testing {

/// The card's memory: the buffers that are alive.
class FakeMemory {
 public:
  void add(std::uint64_t address, std::span<std::uint8_t> bytes);
  void remove(std::uint64_t address);
  /// From an address to the end of its buffer; throws DeviceError where there is none.
  std::span<std::uint8_t> from(std::uint64_t address) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::span<std::uint8_t>> buffers_;
};

/// What can be changed from outside while calls are going on.
struct FakeState {
  std::atomic<bool> hang{false};           ///< a run does not end and moves no beats
  std::atomic<bool> stuck{false};          ///< calls into the runtime do not come back
  std::atomic<bool> crawl{false};          ///< a run does not end, but beats still move
  std::atomic<bool> short_run{false};      ///< counters have nothing in their upper words
  std::atomic<int> upper_words_read{0};    ///< of counters
  std::atomic<bool> dead_magic{false};     ///< the register block reads as a dead card's
  std::atomic<bool> says_dead{false};      ///< death() gives a reason
  std::atomic<bool> fail_transfer{false};  ///< transfers throw
  std::atomic<std::uint64_t> hash{0x0123456789ABCDEFULL};
  std::atomic<int> runs{0};
  std::atomic<int> buffers{0};  ///< alive now
  std::atomic<int> allocations{0};
  std::atomic<bool> terminated{false};
  std::atomic<bool> closed{false};
  std::atomic<std::uint64_t> bus_errors{0};  ///< what the bus error counter of gmem_c reads
  std::atomic<int> run_ms{0};                ///< how long a run takes
  FakeKernel kernel = run_fake_kernel;       ///< what a call of a run does
  FakeMemory memory;
};

/// The metadata of an image for it.
nlohmann::json fake_metadata(unsigned tile_rows = 32, unsigned tile_cols = 32,
                             unsigned port_bits = 512);

std::unique_ptr<internal::Card> make_fake_card(std::shared_ptr<FakeState> state,
                                               const nlohmann::json& metadata = fake_metadata());

/// A Device on a fake card.
Device open_fake(std::shared_ptr<FakeState> state,
                 std::chrono::milliseconds timeout = std::chrono::seconds(10),
                 const nlohmann::json& metadata = fake_metadata());

}  // namespace narrowgate::testing
