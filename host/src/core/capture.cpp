// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/capture.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "core/throw.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::size_t kLongestQuote = 400;

std::mutex& capture_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Buffered text belongs to whoever wrote it: it must leave before the descriptors change.
void flush_all() {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(stdout);
  std::fflush(stderr);
}

}  // namespace

CaptureOutput::CaptureOutput() : only_one_(capture_mutex()) {
  flush_all();
  file_ = memfd_create("narrowgate-capture", MFD_CLOEXEC);
  if (file_ < 0) return;  // then XRT's words reach the terminal: a nuisance, no more
  saved_out_ = dup(STDOUT_FILENO);
  saved_err_ = dup(STDERR_FILENO);
  if (saved_out_ >= 0) dup2(file_, STDOUT_FILENO);
  if (saved_err_ >= 0) dup2(file_, STDERR_FILENO);
}

void CaptureOutput::restore() noexcept {
  if (file_ < 0) return;
  flush_all();
  for (auto [saved, target] :
       {std::pair{&saved_out_, STDOUT_FILENO}, std::pair{&saved_err_, STDERR_FILENO}}) {
    if (*saved < 0) continue;
    dup2(*saved, target);
    ::close(*saved);
    *saved = -1;
  }
  ::close(file_);
  file_ = -1;
}

std::string CaptureOutput::finish() {
  std::string text;
  if (file_ >= 0) {
    flush_all();
    text.resize(kLongestQuote);
    const ssize_t length = pread(file_, text.data(), text.size(), 0);
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  }
  restore();
  return one_line(text);
}

}  // namespace narrowgate::internal
