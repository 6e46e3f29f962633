// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "model/traffic_bound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace narrowgate::internal {
namespace {

/// What the inequality allows for each result: `work` is K²·wa·wb, `held` s̄, `pairs` the mean of
/// ((S + L − 4s) / 2)², all in phases of so many bytes.
double bytes_of(double work, double held, double pairs, double phase) {
  constexpr double kPartialBytes = 2 * kAccumulatorBytes;  // written, and read again
  const double c = work / pairs;
  // x phases with x·(b + x·held) = c, where b = 1 + p, so that x·phase + kPartialBytes·p is least.
  if (held == 0) {
    const double b = std::max(1.0, std::sqrt(c * phase / kPartialBytes));
    return c / b * phase + kPartialBytes * (b - 1);
  }
  const double slope = 1 - 2 * kPartialBytes * held / phase;
  const double b =
      slope <= 0 ? 1 : std::max(1.0, slope * std::sqrt(4 * held * c / (1 - slope * slope)));
  const double x = 2 * c / (b + std::sqrt(b * b + 4 * held * c));
  return x * phase + kPartialBytes * (b - 1);
}

/// The least of it, whatever part of the memory the sums have.
double bytes_in_phases(double work, double memory, double phase) {
  constexpr int kShares = 100;
  const double operands = (memory + phase) / 2, no_operands = phase / 2;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= kShares; ++i) {
    const double share = static_cast<double>(i) / kShares;
    const double pairs = (1 - share) * operands * operands + share * no_operands * no_operands;
    least = std::min(least, bytes_of(work, share * memory / kAccumulatorBytes, pairs, phase));
  }
  return least;
}

}  // namespace

double least_bytes(const TrafficProblem& p) {
  const double once = p.m * p.k * p.a_bytes + p.k * p.n * p.b_bytes;
  const double work = p.k * p.k * p.a_bytes * p.b_bytes;
  double reads = once;
  constexpr int kStep = 4, kDecades = 2;  // of the length of a phase, S / 100 to 100 S
  for (int i = -kDecades * kStep; i <= kDecades * kStep; ++i) {
    const double phase = p.memory_bytes * std::pow(10.0, static_cast<double>(i) / kStep);
    // The last phase may be a short one.
    reads = std::max(reads, p.m * p.n * bytes_in_phases(work, p.memory_bytes, phase) - phase);
  }
  return reads + kAccumulatorBytes * p.m * p.n;
}

}  // namespace narrowgate::internal
