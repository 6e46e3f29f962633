// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A card as a device: packs, uploads, runs, checks, unpacks. Works on any Card.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "core/buffer_pool.hpp"
#include "core/card.hpp"
#include "core/engine.hpp"
#include "core/watchdog.hpp"

namespace narrowgate::internal {

/// A packed matrix in the card's memory.
class CardOperand : public OperandImpl {
 public:
  CardOperand(std::uint64_t owner, Side side, const MatrixView& matrix)
      : OperandImpl(owner, side, matrix) {}
  std::size_t device_bytes() const override { return bytes; }

  std::size_t bytes = 0;
  std::vector<std::int32_t> sums;  // sum over k of code - offset, by row of A or column of B
  std::unique_ptr<CardBuffer> buffer;
};

class CardEngine : public Engine {
 public:
  /// Checks that the registers of the card are those that its image declares; throws
  /// InterfaceMismatchError or DeviceLostError.
  CardEngine(std::unique_ptr<Card> card, std::chrono::milliseconds timeout);
  ~CardEngine() override;

  const DeviceInfo& describe() const override { return card_->info(); }
  void check_format(Format format) const override;
  void check_offer(const Problem& problem) const override;
  void check_resident(const OperandImpl& operand, const Problem& problem) const override;
  OperandPtr pack(Side side, const MatrixView& matrix) override;
  OperandPtr allocate_result(const MatrixView& shape) override;
  std::shared_ptr<JobState> submit(std::vector<Request> calls) override;
  void close() noexcept override;
  bool is_open() const noexcept override { return open_; }
  bool has_failed() const { return failed_; }

 private:
  friend class CardTask;

  /// Runs a call into the runtime under the watchdog. Once the device has been found hung or dead,
  /// every call throws that error.
  template <typename Call>
  auto guarded(Call&& call) {
    if (failed_) rethrow_failure();
    try {
      return watchdog_->watch(call);
    } catch (...) {
      if (failed_) rethrow_failure();  // the watchdog made the call come back
      check_alive();
      throw;
    }
  }

  /// In blocks of `block` steps, or of the matrix's own when that is 0.
  std::shared_ptr<CardOperand> pack_operand(Side side, const MatrixView& matrix,
                                            std::size_t block = 0);
  /// An operand with a buffer, nothing in it yet.
  std::shared_ptr<CardOperand> make_operand(Side side, const MatrixView& matrix, std::size_t block);
  OperandPtr remember(std::shared_ptr<CardOperand> operand);
  void upload(CardBuffer& buffer, std::size_t bytes);
  void download(CardBuffer& buffer, std::size_t bytes);
  void start(const KernelRun& run);
  void finish();  // waits for it
  void release_buffers();
  void wait_for_end();
  void give_up_run() noexcept;
  /// Adds what the last run's counters say; throws DeviceError for bus errors.
  void add_counters(Report& report);
  std::uint64_t progress();
  std::uint64_t read_counter(const Counter& counter);
  std::uint32_t read_low(const Counter& counter);

  void check_interface();
  void check_alive();
  void fail(ErrorCode code, const std::string& message) noexcept;
  [[noreturn]] void rethrow_failure();

  std::unique_ptr<Card> card_;
  const Geometry geometry_;
  const std::chrono::milliseconds timeout_;
  BufferPool pool_;

  std::shared_mutex in_use_;  // shared by calls outside the pipeline, exclusive in close()
  std::mutex mutex_;          // guards the next three
  std::vector<std::weak_ptr<CardOperand>> operands_;
  ErrorCode failure_code_ = ErrorCode::kDevice;
  std::string failure_;

  std::atomic<bool> running_{false};  // a run has been started and not been seen to end
  std::atomic<bool> failed_{false};
  std::atomic<bool> open_{true};
  std::once_flag closed_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace narrowgate::internal
