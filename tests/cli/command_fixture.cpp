// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "command_fixture.hpp"

#include <fstream>
#include <iterator>

namespace narrowgate::testing {

void CommandTest::set_fortran_order(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const std::string before = "False";
  text.replace(text.find(before), before.size(), "True ");
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::int32_t> sums_of(const TestMatrix& a, const TestMatrix& b, int a_zero,
                                  int b_zero) {
  std::vector<std::int32_t> sums(a.rows * b.cols, 0);
  for (std::size_t m = 0; m < a.rows; ++m) {
    for (std::size_t k = 0; k < a.cols; ++k) {
      for (std::size_t n = 0; n < b.cols; ++n) {
        sums[m * b.cols + n] += (a.at(m, k) - a_zero) * (b.at(k, n) - b_zero);
      }
    }
  }
  return sums;
}

}  // namespace narrowgate::testing
