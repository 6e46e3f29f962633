// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
//     C[M×N] = epilogue( Σₖ (A[m,k] − a_zero)·(B[k,n] − b_zero) )        A is M×K, B is K×N
//
// exact to the bit on every device: sums are exact in int32 (a call in which K could overflow is
// refused before any hardware is touched), and the epilogue is defined in epilogue.hpp. The answer
// does not depend on tiling, device, back end or the order of calls.
//
// Any two formats make a product. Where one of them has scales or is E3M2, E4M3 or E5M2, each
// block's sum S is exact, fl(S·s_A·s_B) is one rounding to FP32, and an FP32 accumulator adds them
// up in ascending k; without scales K is one block. A NaN element or scale makes a NaN of the
// results that it touches and of no others. Both operands' blocks must be of the same length.
// Such products, and those of E2M1 and E2M3, take the FloatEpilogue only, and have no zero-points
// but those in BlockScales: a plain UINT8 or UINT4 operand of one must have the zero-point 128
// or 8.
//
// Thread safety: all functions may be called from several threads on one Device; calls run in the
// order in which they were submitted, uploads and downloads of neighbours overlapping computation.
// Errors: error.hpp. An Error from a submitted call is thrown by Job::wait() and Job::report().
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "narrowgate/device.hpp"
#include "narrowgate/epilogue.hpp"
#include "narrowgate/error.hpp"
#include "narrowgate/matrix.hpp"

namespace narrowgate {

namespace internal {
class OperandImpl;
class JobState;
}  // namespace internal

/// Which factor of the product a matrix is.
enum class Side : std::uint8_t { kA, kB };

/// A matrix resident on a device in the form that the array reads, for any number of calls.
/// Copies share it. It lives until the last copy and the last job that uses it are gone.
class Operand {
 public:
  Operand() = default;
  Side side() const;
  Format format() const;
  std::size_t rows() const;   ///< M of an A, K of a B
  std::size_t cols() const;   ///< K of an A, N of a B
  std::size_t block() const;  ///< elements along K in a block, 0 when it is all of K
  float tensor_scale() const;
  std::size_t device_bytes() const;  ///< size on the device, 0 on the reference
  explicit operator bool() const noexcept { return impl_ != nullptr; }

  /// For the library's own functions.
  explicit Operand(std::shared_ptr<const internal::OperandImpl> impl) : impl_(std::move(impl)) {}
  const std::shared_ptr<const internal::OperandImpl>& impl() const noexcept { return impl_; }

 private:
  std::shared_ptr<const internal::OperandImpl> impl_;
};

/// Packs a matrix and sends it to the device; synchronous, the view is not used afterwards.
/// Throws ShapeError (a size of 0, blocks of the wrong length), InvalidArgumentError (a null
/// pointer, scales missing or not wanted), ValueRangeError (an element, scale or zero-point out of
/// range), UnsupportedError (the image does not take the format), DeviceError and its kin.
/// A card wants every block on a beat of its own. Where the format does not see to that by itself
/// (blocks of a multiple of 32 always do), a plain operand that will meet one with scales must say
/// in which blocks by BlockScales::block.
Operand pack(const Device& device, Side side, const MatrixView& matrix);

/// Room on the device for a result that stays there: an A of `rows` × `cols` in an MX format, to be
/// given to submit() or gemm() instead of an OutputView, and then as the A of later calls. Before
/// the first call that writes it has ended its elements are undefined.
/// Throws ShapeError, InvalidArgumentError (not an MX format), UnsupportedError (the image does not
/// take the format, or keeps A and C in different memories), DeviceError and its kin.
Operand allocate_result(const Device& device, std::size_t rows, std::size_t cols,
                        OutputFormat format);

/// Everything about a call but the data.
struct GemmOptions {
  std::int32_t a_zero = 0;  ///< in the range of A's format
  std::int32_t b_zero = 0;  ///< in the range of B's format
  Epilogue epilogue = Int32Epilogue{};
};

/// A call described, for can_run().
struct Problem {
  std::size_t m = 0;
  std::size_t n = 0;
  std::size_t k = 0;
  Format a_format = Format::kInt8;
  Format b_format = Format::kInt8;
  GemmOptions options;
  std::size_t a_block = 0;  ///< BlockScales::block of A: needed for integer groups only
  std::size_t b_block = 0;
  float a_tensor_scale = 1.0F;  ///< BlockScales::tensor_scale of A
  float b_tensor_scale = 1.0F;
};

/// Why a call would be refused; `ok` and empty when it would not.
struct Verdict {
  bool ok = true;
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  explicit operator bool() const noexcept { return ok; }
};

/// Whether the device can run the problem, without touching the hardware. Never throws for a bad
/// problem; throws ClosedError for a closed device.
Verdict can_run(const Device& device, const Problem& problem);

/// The largest K for which no sum can leave int32, given the formats, the zero-points and the
/// range of the bias: the largest K with K·max + max(bias, 0) ≤ 2³¹−1 and K·min + min(bias, 0) ≥
/// −2³¹, where min…max is the range of one product (of multiples of the elements' smallest steps).
/// For formats with scales it bounds the block instead of K; products with E3M2, E4M3 or E5M2 are
/// not summed in int32, and only the size of a matrix, 2³¹−1, limits K. Throws ZeroPointError.
std::size_t max_k(Format a, Format b, std::int32_t a_zero = 0, std::int32_t b_zero = 0,
                  std::int32_t min_bias = 0, std::int32_t max_bias = 0);

/// Cycles that one process of the kernel spent. From its start to its end it is busy; of the busy
/// cycles it lost stall_in to an empty input stream and stall_out to a full output stream.
struct StageCounters {
  std::string name;
  std::uint64_t busy = 0;
  std::uint64_t stall_in = 0;
  std::uint64_t stall_out = 0;
};

/// Beats (port_bits each) that crossed one memory port of the kernel.
struct PortCounters {
  std::string name;
  std::uint64_t beats_read = 0;
  std::uint64_t beats_written = 0;
};

/// What one call, or one group of calls, did. Cycles, stages and ports are the hardware's own
/// counters: exact, and 0 or empty where there are none (the reference; OpenCL on a real card).
struct Report {
  std::uint64_t cycles = 0;               ///< kernel clock cycles from start to done
  std::uint64_t macs = 0;                 ///< M·N·K
  std::uint64_t peak_macs_per_cycle = 0;  ///< of the array for this pair of formats; 0 on the
                                          ///< reference
  std::vector<StageCounters> stages;
  std::vector<PortCounters> ports;
  std::uint64_t bytes_read = 0;        ///< by the kernel from the card's memory
  std::uint64_t bytes_written = 0;     ///< by the kernel to the card's memory
  std::uint64_t bytes_uploaded = 0;    ///< from the host to the card by this call
  std::uint64_t bytes_downloaded = 0;  ///< from the card to the host by this call
  double upload_s = 0;                 ///< wall time: packing and sending to the card
  double run_s = 0;                    ///< wall time: computing
  double download_s = 0;               ///< wall time: fetching and writing C
  /// Processor time of the library's own work: packing, describing, starting and unpacking. What
  /// the runtime takes for transfers and for reading counters is beside it (a simulated card copies
  /// and sends messages, a real one has DMA and registers), and waiting for the card is in neither.
  double host_cpu_s = 0;
  double transfer_cpu_s = 0;

  double macs_per_cycle() const { return cycles ? static_cast<double>(macs) / cycles : 0.0; }
  double utilisation() const {
    return peak_macs_per_cycle ? macs_per_cycle() / static_cast<double>(peak_macs_per_cycle) : 0.0;
  }
};

/// A submitted call. Copies refer to the same call. Dropping the handle does not cancel the call.
class Job {
 public:
  Job() = default;

  /// Blocks until the call has ended; throws its error if it failed.
  void wait() const;
  /// The same for at most `timeout`; false when the call is still going on.
  bool wait(std::chrono::milliseconds timeout) const;
  /// Whether the call has ended, well or badly. Never blocks.
  bool ready() const;
  /// Waits, then what the call did.
  Report report() const;

  explicit Job(std::shared_ptr<internal::JobState> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<internal::JobState> state_;
};

/// Starts C = A·B and returns at once (it blocks only while eight calls are already waiting).
/// Everything is checked before it returns: a Job fails only by the device's doing. The memory
/// behind `c` must stay valid until the job has ended, and is undefined if it fails; operands and
/// options are kept alive or copied by the job.
Job submit(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
           const OutputView& c);

/// The same with operands that are packed on the way; the memory behind `a` and `b` too must stay
/// valid and unchanged until the job has ended. An element or scale out of range fails the job.
Job submit(const Device& device, const MatrixView& a, const MatrixView& b,
           const GemmOptions& options, const OutputView& c);
Job submit(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
           const OutputView& c);

/// The same with a result that stays on the device as an operand A (allocate_result()). A later
/// call may be submitted with it at once: calls run in the order in which they were submitted.
/// Throws InvalidArgumentError when it is of another format than the epilogue makes, or one of the
/// call's factors.
Job submit(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
           const Operand& c);
Job submit(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
           const Operand& c);
Job submit(const Device& device, const MatrixView& a, const MatrixView& b,
           const GemmOptions& options, const Operand& c);

/// One product of a group, with factors and a result of any kind.
struct GemmCall {
  std::variant<Operand, MatrixView> a;
  std::variant<Operand, MatrixView> b;
  GemmOptions options;
  std::variant<OutputView, Operand> c;
};

/// A group: products of any shapes and formats (grouped GEMM; with equal ones, batched GEMM) as one
/// job. The results are those of submitting them one after the other, but the card gets a queue of
/// all of them with one start and goes from one to the next by itself, and what the host sends and
/// fetches moves in one transfer for each kind of buffer. Only where a call uses what an earlier
/// one of the group keeps on the device (allocate_result()) does the queue end and the next begin.
/// No view of a factor may overlap a result of the group. The report is that of the whole group:
/// sums, and a peak_macs_per_cycle at which its products would take as long as each at its own.
/// Throws InvalidArgumentError for an empty group, and what submit() throws for a call, whose
/// number (from 0) then stands before the message; nothing runs in that case.
Job submit(const Device& device, std::span<const GemmCall> group);

/// submit() and report() in one: synchronous.
Report gemm(const Device& device, std::span<const GemmCall> group);
Report gemm(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
            const OutputView& c);
Report gemm(const Device& device, const MatrixView& a, const MatrixView& b,
            const GemmOptions& options, const OutputView& c);
Report gemm(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
            const OutputView& c);

Report gemm(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
            const Operand& c);
Report gemm(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
            const Operand& c);
Report gemm(const Device& device, const MatrixView& a, const MatrixView& b,
            const GemmOptions& options, const Operand& c);

}  // namespace narrowgate
