// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fashion_mnist/idx.hpp"

#include <algorithm>
#include <stdexcept>

#include "common/gzip.hpp"

namespace examples {
namespace {

constexpr std::size_t kClasses = 10;
constexpr std::size_t kLimit = std::size_t{256} << 20;

IdxArray read_idx(const std::string& path) {
  return parse_idx(read_maybe_gzipped(path, kLimit), path);
}

}  // namespace

IdxArray parse_idx(const std::vector<std::uint8_t>& file, const std::string& name) {
  constexpr std::uint8_t kUnsignedByte = 8;
  if (file.size() < 4 || file[0] != 0 || file[1] != 0 || file[2] != kUnsignedByte || file[3] == 0) {
    throw std::runtime_error(name + ": not an idx file of unsigned bytes");
  }
  const std::size_t dimensions = file[3];
  const std::size_t header = 4 + 4 * dimensions;
  if (file.size() < header) throw std::runtime_error(name + ": truncated");
  IdxArray array;
  std::size_t elements = 1;
  for (std::size_t i = 4; i < header; i += 4) {
    const std::size_t size = std::size_t{file[i]} << 24 | std::size_t{file[i + 1]} << 16 |
                             std::size_t{file[i + 2]} << 8 | file[i + 3];
    array.shape.push_back(size);
    if (size != 0 && elements > kLimit / size) elements = kLimit + 1;
    if (elements <= kLimit) elements *= size;
  }
  if (elements != file.size() - header) {
    throw std::runtime_error(name + ": " + std::to_string(file.size() - header) +
                             " bytes of data do not fit its header");
  }
  array.bytes.assign(file.begin() + static_cast<std::ptrdiff_t>(header), file.end());
  return array;
}

Dataset read_dataset(const std::string& folder, const std::string& name, std::size_t limit) {
  const std::string images_path = folder + "/" + name + "-images-idx3-ubyte.gz";
  const std::string labels_path = folder + "/" + name + "-labels-idx1-ubyte.gz";
  IdxArray images = read_idx(images_path);
  IdxArray labels = read_idx(labels_path);
  if (images.shape.size() != 3 || images.bytes.empty()) {
    throw std::runtime_error(images_path + ": not a list of images");
  }
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0]) {
    throw std::runtime_error(labels_path + ": not one label for each image");
  }
  if (std::ranges::any_of(labels.bytes, [](std::uint8_t label) { return label >= kClasses; })) {
    throw std::runtime_error(labels_path + ": a label above 9");
  }
  Dataset data;
  data.count = std::min(limit, images.shape[0]);
  data.pixels = images.shape[1] * images.shape[2];
  data.images = std::move(images.bytes);
  data.images.resize(data.count * data.pixels);
  data.labels = std::move(labels.bytes);
  data.labels.resize(data.count);
  return data;
}

}  // namespace examples
