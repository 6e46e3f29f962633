// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "common/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace examples {

std::vector<std::uint8_t> read_maybe_gzipped(const std::string& path, std::size_t limit) {
  const std::unique_ptr<gzFile_s, decltype(&gzclose)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) throw std::runtime_error(path + ": cannot be read");
  constexpr std::size_t kPiece = 1 << 20;
  std::vector<std::uint8_t> bytes;
  while (true) {
    const std::size_t used = bytes.size();
    bytes.resize(used + kPiece);
    const int count = gzread(file.get(), bytes.data() + used, kPiece);
    if (count < 0) throw std::runtime_error(path + ": damaged gzip file");
    bytes.resize(used + static_cast<std::size_t>(count));
    if (bytes.size() > limit) {
      throw std::runtime_error(path + ": more than " + std::to_string(limit) + " bytes");
    }
    if (count == 0) return bytes;
  }
}

}  // namespace examples
