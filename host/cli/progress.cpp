// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace narrowgate::cli {
namespace {

constexpr std::size_t kWidth = 30;

// Seconds of work before the bar appears: 1, or what NARROWGATE_PROGRESS_AFTER says.
double patience() {
  const char* text = std::getenv("NARROWGATE_PROGRESS_AFTER");
  return text != nullptr ? std::strtod(text, nullptr) : 1.0;
}

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::size_t filled =
      total ? static_cast<std::size_t>(kWidth * std::min(done, total) / total) : 0;
  return std::string(filled, '#') + std::string(kWidth - filled, '.');
}

}  // namespace

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)), total_(total), on_terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t done) {
  done_ = done;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  if (!on_terminal_ || elapsed.count() < patience()) return;
  drawn_ = true;
  constexpr const char kSpinner[] = {'|', '/', '-', '\\'};
  std::string left;
  if (done_ > 0 && done_ < total_) {
    const double rest =
        elapsed.count() * static_cast<double>(total_ - done_) / static_cast<double>(done_);
    left = fmt::format(", about {:.0f} s left", rest);
  }
  const std::string line =
      fmt::format("\r{} [{}] {:3.0f} % {} {:.0f} s{}\x1b[K", label_, bar(done_, total_),
                  total_ ? 100.0 * static_cast<double>(done_) / static_cast<double>(total_) : 0.0,
                  kSpinner[frame_++ % 4], elapsed.count(), left);
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

Report wait_for(const Job& job, Progress& progress) {
  while (!job.wait(std::chrono::milliseconds(100))) progress.tick();
  return job.report();
}

}  // namespace narrowgate::cli
