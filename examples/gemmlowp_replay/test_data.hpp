// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The product that gemmlowp's authors recorded from a production network: test/test_data.cc of the
// package libgemmlowp-dev, read as the C++ source that it is (declarations of constants and
// arrays).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// c[m,n] = clamp(((Σₖ (a + a_offset)(b + b_offset) + c_offset)·c_mult_int + 2^(c_shift−1))
///                >> c_shift, 0, 255),  all matrices of unsigned 8-bit integers.
struct GemmlowpData {
  int m = 0;
  int n = 0;
  int k = 0;
  int a_offset = 0;
  int b_offset = 0;
  int c_offset = 0;
  int c_mult_int = 0;
  int c_shift = 0;
  bool is_a_transposed = false;  ///< gemmlowp counts from column-major: transposed is row-major
  bool is_b_transposed = false;
  bool is_c_transposed = false;
  std::vector<std::uint8_t> a;  ///< M×K
  std::vector<std::uint8_t> b;  ///< K×N
  std::vector<std::uint8_t> expected_c;
};

/// Throws std::runtime_error naming what is missing or does not fit.
GemmlowpData parse_gemmlowp_data(std::string_view source);
GemmlowpData read_gemmlowp_data(const std::string& path);

}  // namespace examples
