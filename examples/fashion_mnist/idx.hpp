// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The idx files of MNIST and Fashion-MNIST (big-endian sizes, then unsigned bytes), gzipped or not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace examples {

/// Labelled greyscale images, one row of pixels each.
struct Dataset {
  std::size_t count = 0;
  std::size_t pixels = 0;            ///< of one image
  std::vector<std::uint8_t> images;  ///< count × pixels
  std::vector<std::uint8_t> labels;  ///< 0..9
};

/// The first `limit` images of FOLDER/NAME-images-idx3-ubyte.gz and their labels.
/// Throws std::runtime_error naming the file and what is wrong with it.
Dataset read_dataset(const std::string& folder, const std::string& name, std::size_t limit);

/// The content of an idx file: its dimensions, which multiply to the number of bytes.
struct IdxArray {
  std::vector<std::size_t> shape;
  std::vector<std::uint8_t> bytes;
};
IdxArray parse_idx(const std::vector<std::uint8_t>& file, const std::string& name);

}  // namespace examples
