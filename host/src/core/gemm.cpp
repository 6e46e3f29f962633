// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/gemm.hpp"

#include <string>

#include "core/check.hpp"
#include "core/engine.hpp"
#include "core/throw.hpp"

namespace narrowgate {

using internal::Engine;
using internal::Factor;
using internal::OperandImpl;

namespace {

const OperandImpl& get(const std::shared_ptr<const OperandImpl>& impl) {
  if (!impl) throw InvalidArgumentError("an empty Operand holds no matrix: make one with pack()");
  return *impl;
}

/// What a factor is, resident or not.
struct FactorShape {
  Format format;
  std::size_t rows;
  std::size_t cols;
  std::size_t block;
  float tensor_scale;
};

FactorShape check_factor(const Engine& engine, Side side, const Operand& operand) {
  const OperandImpl& impl = get(operand.impl());
  const char* name = side == Side::kA ? "A" : "B";
  if (impl.side != side) {
    throw InvalidArgumentError(std::string("the operand given for ") + name +
                               " was packed for the other side of the product");
  }
  if (impl.owner != engine.id()) {
    throw InvalidArgumentError(std::string("the operand given for ") + name +
                               " was packed on another device, or before this one was reopened");
  }
  return {impl.format, impl.rows, impl.cols, impl.block, impl.tensor_scale};
}

FactorShape check_factor(const Engine& engine, Side side, const MatrixView& view) {
  internal::check_matrix(view, side == Side::kA ? "A" : "B");
  engine.check_format(view.format);
  return {view.format, view.rows, view.cols, view.block(), view.scales.tensor_scale};
}

Factor make_factor(const Operand& operand) { return {operand.impl(), {}}; }
Factor make_factor(const MatrixView& view) { return {nullptr, view}; }

void check_problem(const Engine& engine, const Problem& problem) {
  internal::check_problem(problem);
  engine.check_offer(problem);
}

/// Where a result goes.
void check_target(const Engine&, const OutputView& c, const internal::Request& request) {
  internal::check_output(c, request.problem);
}
void check_target(const Engine& engine, const Operand& c, const internal::Request& request) {
  check_factor(engine, Side::kA, c);
  internal::check_result(*c.impl(), request.problem);
  if (c.impl() == request.a.resident || c.impl() == request.b.resident) {
    throw InvalidArgumentError("C is one of the call's factors: it needs an operand of its own");
  }
}
void set_target(internal::Request& request, const OutputView& c) { request.c = c; }
void set_target(internal::Request& request, const Operand& c) { request.kept = c.impl(); }

template <typename FactorA, typename FactorB, typename Target>
internal::Request check_call(const Engine& engine, const FactorA& a, const FactorB& b,
                             const GemmOptions& options, const Target& c) {
  const FactorShape fa = check_factor(engine, Side::kA, a);
  const FactorShape fb = check_factor(engine, Side::kB, b);
  if (fa.cols != fb.rows) {
    throw ShapeError("A is " + std::to_string(fa.rows) + " x " + std::to_string(fa.cols) +
                     " and B is " + std::to_string(fb.rows) + " x " + std::to_string(fb.cols) +
                     ": A must have as many columns as B has rows");
  }
  internal::Request request{{fa.rows, fb.cols, fa.cols, fa.format, fb.format, options, fa.block,
                             fb.block, fa.tensor_scale, fb.tensor_scale},
                            make_factor(a),
                            make_factor(b),
                            {},
                            nullptr};
  check_problem(engine, request.problem);
  for (const Factor& factor : {request.a, request.b}) {
    if (factor.resident) engine.check_resident(*factor.resident, request.problem);
  }
  check_target(engine, c, request);
  set_target(request, c);
  return request;
}

template <typename FactorA, typename FactorB, typename Target>
Job submit_call(const Device& device, const FactorA& a, const FactorB& b,
                const GemmOptions& options, const Target& c) {
  Engine& engine = device.engine();
  std::vector<internal::Request> calls;
  calls.push_back(check_call(engine, a, b, options, c));
  return Job(engine.submit(std::move(calls)));
}

internal::JobState& get(const std::shared_ptr<internal::JobState>& state) {
  if (!state) throw InvalidArgumentError("an empty Job stands for no call: make one with submit()");
  return *state;
}

}  // namespace

Side Operand::side() const { return get(impl_).side; }
Format Operand::format() const { return get(impl_).format; }
std::size_t Operand::rows() const { return get(impl_).rows; }
std::size_t Operand::cols() const { return get(impl_).cols; }
std::size_t Operand::block() const { return get(impl_).block; }
float Operand::tensor_scale() const { return get(impl_).tensor_scale; }
std::size_t Operand::device_bytes() const { return get(impl_).device_bytes(); }

Operand pack(const Device& device, Side side, const MatrixView& matrix) {
  Engine& engine = device.engine();
  check_factor(engine, side, matrix);
  return Operand(engine.pack(side, matrix));
}

Operand allocate_result(const Device& device, std::size_t rows, std::size_t cols,
                        OutputFormat format) {
  Engine& engine = device.engine();
  if (!info(format).is_mx) {
    throw InvalidArgumentError("a result stays on the device in an MX format, not as " +
                               std::string(info(format).name));
  }
  const Format operand = info(format).operand;
  internal::check_size("rows", rows);
  internal::check_size("cols", cols);
  engine.check_format(operand);
  return Operand(engine.allocate_result(MatrixView::row_major(nullptr, operand, rows, cols)));
}

Verdict can_run(const Device& device, const Problem& problem) {
  const Engine& engine = device.engine();
  try {
    engine.check_format(problem.a_format);
    engine.check_format(problem.b_format);
    check_problem(engine, problem);
    return {};
  } catch (const Error& error) {
    return {false, error.code(), error.what()};
  }
}

void Job::wait() const { get(state_).wait(); }
bool Job::wait(std::chrono::milliseconds timeout) const { return get(state_).wait(timeout); }
bool Job::ready() const { return get(state_).ready(); }
Report Job::report() const { return get(state_).report(); }

Job submit(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
           const OutputView& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, const MatrixView& a, const MatrixView& b,
           const GemmOptions& options, const OutputView& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
           const OutputView& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
           const Operand& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, const MatrixView& a, const MatrixView& b,
           const GemmOptions& options, const Operand& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
           const Operand& c) {
  return submit_call(device, a, b, options, c);
}
Job submit(const Device& device, std::span<const GemmCall> group) {
  Engine& engine = device.engine();
  if (group.empty()) throw InvalidArgumentError("a group of 0 calls: it must have at least 1");
  std::vector<internal::Request> calls;
  calls.reserve(group.size());
  for (const GemmCall& call : group) {
    try {
      calls.push_back(
          std::visit([&](const auto& a, const auto& b,
                         const auto& c) { return check_call(engine, a, b, call.options, c); },
                     call.a, call.b, call.c));
    } catch (const Error& error) {
      internal::throw_error(
          error.code(), "call " + std::to_string(calls.size()) + " of the group: " + error.what());
    }
  }
  return Job(engine.submit(std::move(calls)));
}
Report gemm(const Device& device, std::span<const GemmCall> group) {
  return submit(device, group).report();
}
Report gemm(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
            const OutputView& c) {
  return submit(device, a, b, options, c).report();
}
Report gemm(const Device& device, const MatrixView& a, const MatrixView& b,
            const GemmOptions& options, const OutputView& c) {
  return submit(device, a, b, options, c).report();
}
Report gemm(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
            const OutputView& c) {
  return submit(device, a, b, options, c).report();
}
Report gemm(const Device& device, const Operand& a, const Operand& b, const GemmOptions& options,
            const Operand& c) {
  return submit(device, a, b, options, c).report();
}
Report gemm(const Device& device, const MatrixView& a, const MatrixView& b,
            const GemmOptions& options, const Operand& c) {
  return submit(device, a, b, options, c).report();
}
Report gemm(const Device& device, const MatrixView& a, const Operand& b, const GemmOptions& options,
            const Operand& c) {
  return submit(device, a, b, options, c).report();
}

}  // namespace narrowgate
