// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ggml's quantisers, from the shared libraries that llama.cpp is shipped with: an independent
// implementation to measure and to compare with. They are opened at run time, so nothing is built
// or linked against ggml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace peers {

/// A block format of ggml.
struct GgmlType {
  const char* name;  ///< as in its functions: "mxfp4"
  std::size_t block;
  std::size_t bytes;  ///< of a block
};
inline constexpr GgmlType kGgmlTypes[] = {
    {"mxfp4", 32, 17}, {"nvfp4", 64, 36}, {"q8_0", 32, 34}, {"q4_0", 32, 18}};

/// Thread safety: everything may be called at once.
class Ggml {
 public:
  /// Opens libggml-base.so in `folder` and, of the libggml-cpu-*.so beside it, the one that rates
  /// itself best for this processor. Throws std::runtime_error saying what is missing.
  static Ggml open(const std::string& folder);

  const std::string& processor() const { return processor_; }  ///< "haswell", …

  /// Bytes of `count` elements, a multiple of the type's block.
  static std::size_t bytes(const GgmlType& type, std::size_t count) {
    return count / type.block * type.bytes;
  }
  /// The plain C++ quantiser, and the one that ggml uses on this processor.
  void quantize_plain(const GgmlType& type, std::span<const float> from, void* to) const;
  void quantize(const GgmlType& type, std::span<const float> from, void* to) const;
  void dequantize(const GgmlType& type, const void* from, std::span<float> to) const;
  /// Dot product of `count` elements of `type` with as many of q8_0.
  float dot_q8_0(const GgmlType& type, const void* a, const void* q8_0, std::size_t count) const;

 private:
  using Library = std::shared_ptr<void>;
  Library base_;
  Library cpu_;
  std::string processor_;
};

}  // namespace peers
