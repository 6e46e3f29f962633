// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Whole files, gzipped or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace examples {

/// The content of a file, unpacked if it is gzipped. Throws std::runtime_error naming the path,
/// also when there are more than `limit` bytes.
std::vector<std::uint8_t> read_maybe_gzipped(const std::string& path, std::size_t limit);

}  // namespace examples
