// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

namespace narrowgate::internal {

/// Adds the processor time that this thread takes during the object's life to `total`, in seconds.
class CpuTime {
 public:
  explicit CpuTime(double& total) : total_(total), start_(now()) {}
  ~CpuTime() { total_ += now() - start_; }
  CpuTime(const CpuTime&) = delete;
  CpuTime& operator=(const CpuTime&) = delete;

 private:
  static double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  double& total_;
  double start_;
};

}  // namespace narrowgate::internal
