// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The measurements: products on a device, and packing on the host.
#pragma once

#include <cstdint>
#include <narrowgate/narrowgate.hpp>
#include <string>

namespace bench {

struct Shape {
  std::size_t m;
  std::size_t n;
  std::size_t k;
  narrowgate::Format a;
  narrowgate::Format b;
  std::string name() const;  ///< "512x512x512 int8 x int8"
};

struct Product {
  Shape shape;
  narrowgate::Report report;
  double median_wall_s = 0;  ///< end to end: pack, send, compute, fetch
  int repeats = 0;
  bool equal_to_reference = false;

  double macs_per_s() const { return static_cast<double>(report.macs) / median_wall_s; }
};

/// Random full-range operands, one call to warm up, then `repeats` measured calls.
Product measure_product(const narrowgate::Device& device, const Shape& shape, int repeats);

/// Bytes of operand a second, medians of interleaved runs on the same matrix.
struct Packing {
  double memcpy_bytes_per_s = 0;
  double a_bytes_per_s = 0;            ///< A, rows contiguous
  double b_bytes_per_s = 0;            ///< B, rows contiguous
  double a_col_major_bytes_per_s = 0;  ///< A, columns contiguous
  double b_col_major_bytes_per_s = 0;
};
Packing measure_packing();

/// Keeps this process, with all of its threads and those to come, on one processor.
void stay_on_one_core();

}  // namespace bench
