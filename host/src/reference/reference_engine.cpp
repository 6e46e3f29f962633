// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The reference as a device: any machine has it.
#include "core/check.hpp"
#include "core/engine.hpp"
#include "reference/gemm_reference.hpp"

namespace narrowgate::internal {
namespace {

class ReferenceOperand : public OperandImpl {
 public:
  ReferenceOperand(std::uint64_t owner, Side side, const MatrixView& matrix)
      : OperandImpl(owner, side, matrix), values(to_dense(side, matrix)) {}
  ReferenceOperand(std::uint64_t owner, Side side, const MatrixView& matrix, DenseMatrix undefined)
      : OperandImpl(owner, side, matrix), values(std::move(undefined)) {}
  std::size_t device_bytes() const override { return 0; }

  // Written by the call whose result this is. Calls run one after the other, so that nobody reads
  // meanwhile.
  mutable DenseMatrix values;
};

class ReferenceTask : public Task {
 public:
  explicit ReferenceTask(std::vector<Request> requests) : requests_(std::move(requests)) {}

  void upload() override {
    for (const Request& request : requests_) {
      a_.push_back(resolve(request.a, Side::kA));
      b_.push_back(resolve(request.b, Side::kB));
    }
  }
  void run() override {
    for (std::size_t i = 0; i < requests_.size(); ++i) {
      const Problem& p = requests_[i].problem;
      if (requests_[i].kept) {
        keep_result(i);
      } else {
        gemm_reference(a_[i]->values, b_[i]->values, p, requests_[i].c);
      }
      report.macs += std::uint64_t{p.m} * p.n * p.k;
    }
  }
  void download() override {}

 private:
  void keep_result(std::size_t i) {
    const Problem& p = requests_[i].problem;
    const OperandImpl& kept = *requests_[i].kept;
    std::vector<std::uint8_t> codes(p.m * p.n), scales(p.m * mx_blocks(p.n));
    gemm_reference(
        a_[i]->values, b_[i]->values, p,
        OutputView::mx(codes.data(), scales.data(), output_format(p.options.epilogue), p.m, p.n));
    MatrixView view = MatrixView::row_major(codes.data(), kept.format, p.m, p.n);
    view.scales.data = scales.data();
    view.scales.lane_stride = static_cast<std::ptrdiff_t>(mx_blocks(p.n));
    static_cast<const ReferenceOperand&>(kept).values = to_dense(Side::kA, view);
  }

  static std::shared_ptr<const ReferenceOperand> resolve(const Factor& factor, Side side) {
    if (factor.resident) return std::static_pointer_cast<const ReferenceOperand>(factor.resident);
    return std::make_shared<ReferenceOperand>(0, side, factor.view);
  }

  const std::vector<Request> requests_;
  std::vector<std::shared_ptr<const ReferenceOperand>> a_;
  std::vector<std::shared_ptr<const ReferenceOperand>> b_;
};

class ReferenceEngine : public Engine {
 public:
  ReferenceEngine() {
    info_.selector = "reference";
    info_.name = "reference (plain C++ on this machine)";
    info_.backend = "reference";
    for (const FormatInfo& format : formats()) info_.formats.push_back(format.format);
  }
  ~ReferenceEngine() override { ReferenceEngine::close(); }

  const DeviceInfo& describe() const override { return info_; }
  void check_format(Format) const override {}
  void check_offer(const Problem&) const override {}
  void check_resident(const OperandImpl&, const Problem&) const override {}
  OperandPtr pack(Side side, const MatrixView& matrix) override {
    return std::make_shared<ReferenceOperand>(id(), side, matrix);
  }
  OperandPtr allocate_result(const MatrixView& shape) override {
    const std::vector<std::uint8_t> codes(shape.cols), scales(mx_blocks(shape.cols));
    MatrixView zeros = shape;
    zeros.data = codes.data();
    zeros.row_stride = 0;
    zeros.scales.data = scales.data();
    return std::make_shared<ReferenceOperand>(id(), Side::kA, shape, to_dense(Side::kA, zeros));
  }
  std::shared_ptr<JobState> submit(std::vector<Request> calls) override {
    return pipeline_.submit(std::make_unique<ReferenceTask>(std::move(calls)));
  }
  void close() noexcept override {
    open_ = false;
    pipeline_.close();
  }
  bool is_open() const noexcept override { return open_; }

 private:
  DeviceInfo info_;
  std::atomic<bool> open_{true};
  Pipeline pipeline_;
};

}  // namespace

std::shared_ptr<Engine> make_reference_engine() { return std::make_shared<ReferenceEngine>(); }

}  // namespace narrowgate::internal
