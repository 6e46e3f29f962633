// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_task.hpp"

#include "core/pair.hpp"
#include "pack/unpack.hpp"
#include "pack/vectors.hpp"

namespace narrowgate::internal {

CardTask::~CardTask() {
  engine_.pool_.give_back("v", std::move(v_));
  engine_.pool_.give_back("c", std::move(c_));
}

void CardTask::upload() {
  a_ = resolve(request_.a, Side::kA);
  b_ = resolve(request_.b, Side::kB);
  const Problem& p = request_.problem;
  const std::size_t vector_bytes = VectorLayout::of(engine_.geometry_, p.m, p.n).bytes();
  v_ = engine_.guarded([&] { return engine_.pool_.take("v", vector_bytes); });
  pack_vectors(engine_.geometry_, p, a_->sums, b_->sums, v_->host());
  engine_.upload(*v_, vector_bytes);
  report.bytes_uploaded += vector_bytes;
  if (request_.kept) return;
  result_bytes_ =
      ResultLayout::of(engine_.geometry_, p.m, p.n, output_format(p.options.epilogue)).bytes();
  c_ = engine_.guarded([&] { return engine_.pool_.take("c", result_bytes_); });
}

void CardTask::run() {
  const Problem& p = request_.problem;
  const Geometry& g = engine_.geometry_;
  const EpilogueArguments e = epilogue_arguments(p);
  const std::size_t block = block_of(p);
  const auto* kept = static_cast<const CardOperand*>(request_.kept.get());
  KernelCall call{a_->buffer.get(), b_->buffer.get(), v_.get(),
                  kept != nullptr ? kept->buffer.get() : c_.get()};
  call.m_tiles = static_cast<std::uint32_t>(ceil_div(p.m, g.tile_rows));
  call.n_tiles = static_cast<std::uint32_t>(ceil_div(p.n, g.tile_cols));
  call.k = static_cast<std::uint32_t>(p.k);
  call.a_format = info(p.a_format).code;
  call.b_format = info(p.b_format).code;
  call.mode = static_cast<std::uint32_t>(e.mode);
  call.scale = e.scale;
  call.out_zero = e.out_zero;
  call.clamp_lo = e.clamp_lo;
  call.clamp_hi = e.clamp_hi;
  call.out_format = e.out_format;
  call.activation = e.activation;
  call.n = static_cast<std::uint32_t>(p.n);
  call.block = static_cast<std::uint32_t>(block);
  call.blocks = static_cast<std::uint32_t>(ceil_div(p.k, block));
  call.sum_exponent = static_cast<std::uint32_t>(pair_of(p.a_format, p.b_format).sum_exponent);
  report.macs = std::uint64_t{p.m} * p.n * p.k;
  report.peak_macs_per_cycle =
      peak_macs(p.a_format, p.b_format, block, std::uint64_t{g.tile_rows} * g.tile_cols);
  engine_.run(call);
  engine_.read_counters(report);
}

void CardTask::download() {
  if (request_.kept) return;
  engine_.download(*c_, result_bytes_);
  report.bytes_downloaded += result_bytes_;
  unpack_result(engine_.geometry_, c_->host(), request_.c);
}

std::shared_ptr<const CardOperand> CardTask::resolve(const Factor& factor, Side side) {
  if (factor.resident) return std::static_pointer_cast<const CardOperand>(factor.resident);
  auto operand = engine_.pack_operand(side, factor.view, block_of(request_.problem));
  report.bytes_uploaded += operand->bytes;
  return operand;
}

}  // namespace narrowgate::internal
