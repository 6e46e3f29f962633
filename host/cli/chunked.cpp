// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "chunked.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

#include "progress.hpp"

namespace narrowgate::cli {
namespace {

/// About a second of simulation: long enough that cutting costs nothing, short enough to show.
constexpr std::size_t kMacsPerCall = std::size_t{1} << 28;
constexpr std::size_t kInFlight = 4;
constexpr std::size_t kRowQuantum = 256;  // whole panels of every array so far

MatrixView rows_of(MatrixView view, std::size_t first, std::size_t count) {
  view.data = static_cast<const std::byte*>(view.data) +
              static_cast<std::ptrdiff_t>(first) * view.row_stride;  // one byte an element
  view.rows = count;
  if (!info(view.format).has_scales()) return view;
  const bool is_code =
      info(view.format).scale == ScaleKind::kE8m0 || info(view.format).scale == ScaleKind::kUe4m3;
  const std::ptrdiff_t skipped = static_cast<std::ptrdiff_t>(first) * view.scales.lane_stride;
  const std::ptrdiff_t bytes = is_code ? 1 : sizeof(float);
  view.scales.data = static_cast<const std::byte*>(view.scales.data) + skipped * bytes;
  if (view.scales.zeros != nullptr) view.scales.zeros += skipped;
  return view;
}

OutputView rows_of(OutputView view, std::size_t first, std::size_t count) {
  view.data =
      static_cast<std::byte*>(view.data) + static_cast<std::ptrdiff_t>(first) * view.row_stride *
                                               static_cast<std::ptrdiff_t>(info(view.format).bytes);
  view.rows = count;
  if (view.scales != nullptr) {
    view.scales += static_cast<std::ptrdiff_t>(first) * view.scale_row_stride;
  }
  return view;
}

void add(Report& sum, const Report& part) {
  sum.cycles += part.cycles;
  sum.macs += part.macs;
  sum.peak_macs_per_cycle = part.peak_macs_per_cycle;
  sum.bytes_read += part.bytes_read;
  sum.bytes_written += part.bytes_written;
  sum.bytes_uploaded += part.bytes_uploaded;
  sum.bytes_downloaded += part.bytes_downloaded;
  sum.upload_s += part.upload_s;
  sum.run_s += part.run_s;
  sum.download_s += part.download_s;
}

std::size_t rows_per_call(std::size_t m, std::size_t n, std::size_t k) {
  const double macs_per_row = static_cast<double>(n) * static_cast<double>(k);
  const double rows = static_cast<double>(kMacsPerCall) / macs_per_row;
  if (rows * 2 >= static_cast<double>(m)) return m;
  return std::max<std::size_t>(1, static_cast<std::size_t>(rows) / kRowQuantum) * kRowQuantum;
}

void compute_in_calls(const Device& device, const MatrixView& a, const MatrixView& b,
                      const GemmOptions& options, const OutputView& c, std::size_t step,
                      Progress& progress, Computed& computed) {
  MatrixView in_blocks = b;
  if (b.block() == 0) in_blocks.scales.block = a.block();  // as A's scales will want it
  const Operand resident = pack(device, Side::kB, in_blocks);
  computed.report.bytes_uploaded += resident.device_bytes();
  std::deque<Job> jobs;
  const auto take_oldest = [&] {
    add(computed.report, wait_for(jobs.front(), progress));
    jobs.pop_front();
    progress.update(computed.report.macs);
  };
  for (std::size_t row = 0; row < a.rows; row += step) {
    const std::size_t count = std::min(step, a.rows - row);
    if (jobs.size() == kInFlight) take_oldest();
    jobs.push_back(
        submit(device, rows_of(a, row, count), resident, options, rows_of(c, row, count)));
    ++computed.calls;
  }
  while (!jobs.empty()) take_oldest();
}

}  // namespace

Computed compute(const Device& device, const MatrixView& a, const MatrixView& b,
                 const GemmOptions& options, const OutputView& c, const char* label) {
  const auto start = std::chrono::steady_clock::now();
  Computed computed;
  Progress progress(label, std::uint64_t{a.rows} * b.cols * a.cols);
  const std::size_t step = rows_per_call(a.rows, b.cols, a.cols);
  if (step >= a.rows) {
    computed.report = wait_for(submit(device, a, b, options, c), progress);
    computed.calls = 1;
  } else {
    compute_in_calls(device, a, b, options, c, step, progress, computed);
  }
  computed.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return computed;
}

}  // namespace narrowgate::cli
