// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A value of any width, as it travels over a port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cosim {

class Bits {
 public:
  Bits() = default;
  explicit Bits(int width, uint64_t value = 0)
      : width_(width), words_(static_cast<std::size_t>(width + 31) / 32) {
    SetWord(0, static_cast<uint32_t>(value));
    if (words_.size() > 1) SetWord(1, static_cast<uint32_t>(value >> 32));
  }

  int width() const { return width_; }
  std::size_t words() const { return words_.size(); }
  uint32_t Word(std::size_t i) const { return i < words_.size() ? words_[i] : 0; }
  // Bits beyond the width are dropped.
  void SetWord(std::size_t i, uint32_t value) {
    if (i >= words_.size()) return;
    const int unused = static_cast<int>(32 * words_.size()) - width_;
    words_[i] = i + 1 == words_.size() && unused > 0 ? value & (0xFFFFFFFFu >> unused) : value;
  }
  uint64_t Low64() const { return Word(0) | static_cast<uint64_t>(Word(1)) << 32; }
  std::string Hex() const;

  friend bool operator==(const Bits& a, const Bits& b) {
    return a.width_ == b.width_ && a.words_ == b.words_;
  }

 private:
  int width_ = 0;
  std::vector<uint32_t> words_;
};

}  // namespace cosim
