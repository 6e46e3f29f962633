// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The measurements: products on a device, and packing on the host.
#pragma once

#include <cstdint>
#include <functional>
#include <narrowgate/narrowgate.hpp>
#include <string>
#include <vector>

#include "problem.hpp"

namespace bench {

/// Wall time of several runs of the same work.
struct Times {
  double median_s = 0;
  double min_s = 0;
  double max_s = 0;
  int runs = 0;
};

/// How often: at most `repeats` times, and no more once `enough_s` have gone and three are done.
struct Effort {
  int repeats = 5;
  double enough_s = 3;
};

double seconds_of(const std::function<void()>& work);
/// This thread's own: what other programs take of the core does not count.
double core_seconds_of(const std::function<void()>& work);
Times times_of(std::vector<double> seconds);
/// One run to warm up, then the measured ones.
Times repeat(const Effort& effort, const std::function<void()>& work);

/// Full-range integers, one byte each.
std::vector<std::uint8_t> random_integers(narrowgate::Format format, std::size_t elements,
                                          std::uint32_t seed);

struct Product {
  Problem problem;
  narrowgate::Report report;
  Times wall;  ///< end to end: pack, send, compute, fetch
  /// Medians of Report::host_cpu_s and transfer_cpu_s, of all calls together.
  double host_cpu_s = 0;
  double transfer_cpu_s = 0;
  bool equal_to_reference = false;

  double macs_per_s() const { return problem.macs() / wall.median_s; }
};

/// Random full-range operands; every result is compared with the reference's. Effort of no repeats:
/// once, without warm-up, for what is the same every time.
Product measure_product(const narrowgate::Device& device, const Problem& problem,
                        const Effort& effort);

/// Packing one 4096 × 4096 INT8 matrix for an array of so many lanes, and copying it: medians of
/// interleaved runs, in the core's own time.
struct Packing {
  unsigned lanes = 0;
  Times copy;  ///< memcpy
  Times a;     ///< A, rows contiguous
  Times b;     ///< B, rows contiguous
  Times a_columns;
  Times b_columns;

  static double bytes_per_s(const Times& times);
  double of_memcpy(const Times& times) const { return copy.median_s / times.median_s; }
};
Packing measure_packing(unsigned lanes);

/// Keeps this process, with all of its threads and those to come, on one processor.
void stay_on_one_core();

}  // namespace bench
