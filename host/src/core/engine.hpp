// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What stands behind a Device: the reference, or a card.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/pipeline.hpp"
#include "narrowgate/gemm.hpp"

namespace narrowgate::internal {

/// A packed matrix of some engine. Engines add what they keep of it.
class OperandImpl {
 public:
  OperandImpl(std::uint64_t owner, Side side, const MatrixView& matrix)
      : owner(owner),
        side(side),
        format(matrix.format),
        rows(matrix.rows),
        cols(matrix.cols),
        block(matrix.block()),
        tensor_scale(matrix.scales.tensor_scale) {}
  virtual ~OperandImpl() = default;
  virtual std::size_t device_bytes() const = 0;

  const std::uint64_t owner;  ///< id() of the engine that made it
  const Side side;
  const Format format;
  const std::size_t rows;
  const std::size_t cols;
  const std::size_t block;  ///< elements along K, 0 for all of them
  const float tensor_scale;
};

using OperandPtr = std::shared_ptr<const OperandImpl>;

/// A factor of a product: resident, or still a view of the caller's.
struct Factor {
  OperandPtr resident;
  MatrixView view{};
};

/// A call that has passed every check.
struct Request {
  Problem problem;
  Factor a;
  Factor b;
  OutputView c;     ///< where the result goes
  OperandPtr kept;  ///< or the operand that it becomes
};

class Engine {
 public:
  Engine() : id_(next_id()) {}
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  virtual const DeviceInfo& describe() const = 0;
  /// Throws UnsupportedError when the device does not offer the format.
  virtual void check_format(Format format) const = 0;
  /// Throws UnsupportedError or AccumulatorRangeError for what this device does not do, if others
  /// might. The problem has passed check_problem().
  virtual void check_offer(const Problem& problem) const = 0;
  /// Throws ShapeError when a resident operand does not lie as the problem needs it.
  virtual void check_resident(const OperandImpl& operand, const Problem& problem) const = 0;
  virtual OperandPtr pack(Side side, const MatrixView& matrix) = 0;
  /// An A that a call will write; `shape` has no data.
  virtual OperandPtr allocate_result(const MatrixView& shape) = 0;
  /// Runs a group of calls, at least one, in their order.
  virtual std::shared_ptr<JobState> submit(std::vector<Request> calls) = 0;
  virtual void close() noexcept = 0;
  virtual bool is_open() const noexcept = 0;

  std::uint64_t id() const { return id_; }

 private:
  static std::uint64_t next_id() {
    static std::atomic<std::uint64_t> counter{1};
    return counter++;
  }
  const std::uint64_t id_;
};

std::shared_ptr<Engine> make_reference_engine();

}  // namespace narrowgate::internal
