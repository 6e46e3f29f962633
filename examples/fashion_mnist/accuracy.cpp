// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fashion_mnist/accuracy.hpp"

#include <algorithm>

#include "fashion_mnist/network.hpp"

namespace examples {

std::vector<int> classes_of(const float* scores, std::size_t count) {
  std::vector<int> classes;
  for (std::size_t i = 0; i < count; ++i) {
    const float* row = scores + i * kClasses;
    classes.push_back(static_cast<int>(std::max_element(row, row + kClasses) - row));
  }
  return classes;
}

double percent_right(const std::vector<int>& classes, const std::vector<std::uint8_t>& labels) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < classes.size(); ++i) right += classes[i] == labels[i] ? 1 : 0;
  return 100.0 * static_cast<double>(right) / static_cast<double>(classes.size());
}

}  // namespace examples
