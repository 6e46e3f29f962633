// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/card_engine.hpp"
#include "core/descriptor.hpp"
#include "core/split_k.hpp"
#include "pack/tile_plan.hpp"

namespace narrowgate::internal {

/// A group of calls, which the card runs one after the other without the host: one transfer of
/// everything that it needs, one of everything that it gives. Pooled buffers go back when the task
/// ends, well or badly.
class CardTask : public Task {
 public:
  CardTask(CardEngine& engine, std::vector<Request> requests)
      : engine_(engine),
        requests_(std::move(requests)),
        split_(requests_.size()),
        calls_(requests_.size()) {}
  ~CardTask() override;

  void upload() override;
  void run() override;
  void download() override;

 private:
  /// Calls' parts of one buffer, each on beats of its own.
  struct Staging {
    std::unique_ptr<CardBuffer> buffer;  ///< none when there are no parts
    std::size_t bytes = 0;
  };
  /// A factor on the card.
  struct Placed {
    CardBuffer* buffer = nullptr;
    std::size_t offset = 0;
    std::span<const std::int32_t> sums;     ///< of the resident operand, or
    std::vector<std::int32_t> packed_sums;  ///< of the one packed here
    std::uint64_t address() const { return buffer->address() + offset; }
  };
  struct Call {
    PanelLayout a_layout;
    PanelLayout b_layout;
    TilePlan plan;  ///< what the kernel does in its calls for this one
    Placed a;
    Placed b;
    std::size_t first_descriptor = 0;
    std::size_t vectors_offset = 0;  ///< in v
    CardBuffer* result = nullptr;
    std::size_t result_offset = 0;
    std::size_t result_bytes = 0;  ///< to be fetched
  };

  void count_macs();
  void split();
  /// The array as call `index` finds it.
  Geometry geometry_of(std::size_t index) const;
  void plan();
  void place_factors(Side side);
  void place_vectors();
  void place_results();
  std::vector<KernelCall> describe(std::size_t index) const;
  std::size_t independent_calls(std::size_t first) const;
  void take(Staging& staging, const char* argument);
  void send(Staging& staging);
  /// Counts the processor time of `work` as the runtime's for transfers, or for waiting.
  template <typename Work>
  void spend(double& cpu_s, Work&& work);

  CardEngine& engine_;
  std::vector<Request> requests_;
  std::vector<std::optional<SplitProduct>> split_;  ///< those whose K is split
  std::vector<Call> calls_;
  Staging a_, b_, v_, c_;
};

}  // namespace narrowgate::internal
