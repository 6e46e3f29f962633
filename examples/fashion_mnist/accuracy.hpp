// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// From scores to classes, and how many of them are right.
#pragma once

#include <cstdint>
#include <vector>

namespace examples {

/// The class with the highest score for each of `count` rows of 10; the first of equal ones.
std::vector<int> classes_of(const float* scores, std::size_t count);

double percent_right(const std::vector<int>& classes, const std::vector<std::uint8_t>& labels);

}  // namespace examples
