// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The one way to write a problem down, on the command line and in results:
//
//   m512n256k1024:int8:mxfp4     C[512×256] = A[512×1024] · B[1024×256], A in INT8, B in MXFP4
//   m64n64k64x16:int8            16 such products, as one group
#pragma once

#include <narrowgate/narrowgate.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

struct Problem {
  std::size_t m = 0;
  std::size_t n = 0;
  std::size_t k = 0;
  narrowgate::Format a = narrowgate::Format::kInt8;
  narrowgate::Format b = narrowgate::Format::kInt8;
  std::size_t calls = 1;  ///< of one group

  std::string name() const;  ///< "m512n256k1024:int8:mxfp4"
  double macs() const {
    return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) *
           static_cast<double>(calls);
  }
  bool is_cube(std::size_t size) const { return m == size && n == size && k == size && calls == 1; }
  bool operator==(const Problem&) const = default;
};

/// What the text says; without formats int8:int8, with one that of both. Throws
/// std::invalid_argument that names the text and the grammar.
Problem parse_problem(std::string_view text);

/// Shapes that show the whole way: cubes, a row vector, ragged edges; integers of 4 and 8 bits.
std::vector<Problem> default_problems();

/// Every pair of formats that people run first, as a cube; one of each class and pace of the array.
std::vector<Problem> format_pairs(std::size_t size);

/// Whether the device's image multiplies the problem's formats.
bool is_held(const narrowgate::DeviceInfo& device, const Problem& problem);

}  // namespace bench
