// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// INT4 groups as AWQ, GPTQ and compressed-tensors store them: eight codes in an int32.
//   AWQ                 qweight int32[K, N/8]  qzeros int32[K/g, N/8]    scales [K/g, N]
//   GPTQ                qweight int32[K/8, N]  qzeros int32[K/g, N/8]−1  scales [K/g, N]  g_idx [K]
//   compressed-tensors  weight_packed int32[N, K/8]  weight_scale [N, K/g]  weight_shape [2]
//                       weight_zero_point int32[N/8, K/g], or none: symmetric
#include <fmt/format.h>

#include <array>
#include <cstring>

#include "files/layouts.hpp"
#include "files/listing.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::size_t kPacked = 8;  // codes in an int32
// Where AWQ keeps the column of nibble i.
constexpr std::array<std::size_t, kPacked> kAwqColumn = {0, 2, 4, 6, 1, 3, 5, 7};
constexpr std::array<std::size_t, kPacked> kInOrder = {0, 1, 2, 3, 4, 5, 6, 7};

bool is_2d(const TensorInfo* t) { return t != nullptr && t->shape.size() == 2 && t->bytes != 0; }
bool is_packed(const TensorInfo* t) { return is_2d(t) && t->type == TensorType::kInt32; }

std::string prefix_of(const std::string& name, std::string_view suffix) {
  return name.substr(0, name.size() - suffix.size());
}

std::vector<std::uint32_t> words_of(const TensorFile& file, const TensorInfo& tensor) {
  const std::vector<std::byte> bytes = file.read(tensor);
  std::vector<std::uint32_t> words(bytes.size() / sizeof(std::uint32_t));
  std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::uint32_t));
  return words;
}

std::uint8_t nibble(std::uint32_t word, std::size_t i) {
  return static_cast<std::uint8_t>(word >> (4 * i) & 0xF);
}

/// Groups that divide K evenly.
std::optional<std::size_t> group_of(std::size_t depth, std::size_t groups) {
  if (groups == 0 || depth % groups != 0) return std::nullopt;
  return depth / groups;
}

std::optional<QuantizedInfo> find_qweight(const TensorFile& file, const TensorInfo& key) {
  const std::string prefix = prefix_of(key.name, "qweight");
  const TensorInfo* scales = file.find(prefix + "scales");
  const TensorInfo* zeros = file.find(prefix + "qzeros");
  if (!is_packed(&key) || !is_2d(scales) || !is_packed(zeros)) return std::nullopt;
  const std::size_t n = scales->shape[1];
  const bool awq = key.shape[1] * kPacked == n;
  if (!awq && key.shape[1] != n) return std::nullopt;
  const std::size_t depth = awq ? key.shape[0] : key.shape[0] * kPacked;
  const auto group = group_of(depth, scales->shape[0]);
  if (!group || n % kPacked != 0 || zeros->shape[0] != scales->shape[0] ||
      zeros->shape[1] * kPacked != n) {
    return std::nullopt;
  }
  return QuantizedInfo{key.name, awq ? kAwq : kGptq, {Format::kUint4Group, *group}, n, depth};
}

std::optional<QuantizedInfo> find_compressed(const TensorFile& file, const TensorInfo& key) {
  const std::string prefix = prefix_of(key.name, "weight_packed");
  const TensorInfo* scales = file.find(prefix + "weight_scale");
  const TensorInfo* shape = file.find(prefix + "weight_shape");
  const TensorInfo* zeros = file.find(prefix + "weight_zero_point");
  if (!is_packed(&key) || !is_2d(scales) || scales->shape[0] != key.shape[0]) return std::nullopt;
  const std::size_t lanes = key.shape[0];
  std::size_t depth = key.shape[1] * kPacked;
  if (shape != nullptr && shape->bytes == 2 * sizeof(std::int64_t) &&
      shape->type == TensorType::kInt64) {
    std::array<std::int64_t, 2> told{};
    std::memcpy(told.data(), file.read(*shape).data(), sizeof told);
    // The last word of a row may hold fewer than eight codes.
    if (told[0] != static_cast<std::int64_t>(lanes) || told[1] < 1 ||
        (static_cast<std::size_t>(told[1]) + kPacked - 1) / kPacked != key.shape[1]) {
      return std::nullopt;
    }
    depth = static_cast<std::size_t>(told[1]);
  }
  const auto group = group_of(depth, scales->shape[1]);
  if (!group) return std::nullopt;
  if (zeros != nullptr && (!is_packed(zeros) || zeros->shape[1] != scales->shape[1] ||
                           zeros->shape[0] != (lanes + kPacked - 1) / kPacked)) {
    return std::nullopt;
  }
  return QuantizedInfo{key.name,
                       kCompressedTensors,
                       {zeros != nullptr ? Format::kUint4Group : Format::kInt4Group, *group},
                       lanes,
                       depth};
}

/// g_idx may permute the groups, which blocks along K cannot.
void check_order(const TensorFile& file, const QuantizedInfo& matrix) {
  const std::string name = prefix_of(matrix.name, "qweight") + "g_idx";
  const TensorInfo* order = file.find(name);
  if (order == nullptr) return;
  const std::vector<float> groups = file.load(name);
  if (groups.size() != matrix.depth) {
    bad_file(file.path().string(), fmt::format("'{}' has {} entries: K is {}", printable(name),
                                               groups.size(), matrix.depth));
  }
  for (std::size_t k = 0; k < groups.size(); ++k) {
    if (groups[k] == static_cast<float>(k / matrix.format.block)) continue;
    bad_file(file.path().string(),
             fmt::format("'{}' puts row {} into group {}, not {}: matrices quantised in activation "
                         "order are not read",
                         printable(name), k, groups[k], k / matrix.format.block));
  }
}

QuantizedMatrix load_qweight(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const bool awq = matrix.layout == kAwq;
  if (!awq) check_order(file, matrix);
  const std::string prefix = prefix_of(matrix.name, "qweight");
  const std::vector<std::uint32_t> words = words_of(file, file.tensor(matrix.name));
  const std::vector<std::uint32_t> zeros = words_of(file, file.tensor(prefix + "qzeros"));
  const std::vector<float> scales = file.load(prefix + "scales");
  const std::size_t n = matrix.lanes;
  const std::size_t row = n / kPacked;  // words in a row of zero-points, and of AWQ's codes
  const auto& column = awq ? kAwqColumn : kInOrder;
  QuantizedMatrix out = blank_matrix(matrix, side);
  const std::size_t blocks = out.blocks();
  for (std::size_t w = 0; w < words.size(); ++w) {
    for (std::size_t i = 0; i < kPacked; ++i) {
      const std::size_t lane = awq ? w % row * kPacked + column[i] : w % n;
      const std::size_t k = awq ? w / row : w / n * kPacked + i;
      out.codes[lane * matrix.depth + k] = nibble(words[w], i);
    }
  }
  for (std::size_t w = 0; w < zeros.size(); ++w) {
    for (std::size_t i = 0; i < kPacked; ++i) {
      const std::size_t lane = w % row * kPacked + column[i];
      const unsigned zero = nibble(zeros[w], i) + (awq ? 0U : 1U);  // GPTQ stores one less
      if (zero > 15) {
        bad_file(file.path().string(),
                 fmt::format("'{}qzeros' holds a zero-point of {}: the limit is 15",
                             printable(prefix), zero));
      }
      out.zeros[lane * blocks + w / row] = static_cast<std::uint8_t>(zero);
    }
  }
  for (std::size_t i = 0; i < scales.size(); ++i) out.scales[i % n * blocks + i / n] = scales[i];
  return out;
}

QuantizedMatrix load_compressed(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const std::string prefix = prefix_of(matrix.name, "weight_packed");
  const std::vector<std::uint32_t> words = words_of(file, file.tensor(matrix.name));
  QuantizedMatrix out = blank_matrix(matrix, side);
  out.scales = file.load(prefix + "weight_scale");
  const std::size_t row = words.size() / matrix.lanes;
  const bool symmetric = matrix.format.format == Format::kInt4Group;
  for (std::size_t lane = 0; lane < matrix.lanes; ++lane) {
    for (std::size_t k = 0; k < matrix.depth; ++k) {
      // Codes are stored 8 above their values; so are zero-points, so the difference stays.
      const int code = nibble(words[lane * row + k / kPacked], k % kPacked);
      out.codes[lane * matrix.depth + k] = static_cast<std::uint8_t>(symmetric ? code - 8 : code);
    }
  }
  if (symmetric) return out;
  const std::vector<std::uint32_t> zeros =
      words_of(file, file.tensor(prefix + "weight_zero_point"));
  const std::size_t blocks = out.blocks();
  for (std::size_t lane = 0; lane < matrix.lanes; ++lane) {
    for (std::size_t b = 0; b < blocks; ++b) {
      out.zeros[lane * blocks + b] = nibble(zeros[lane / kPacked * blocks + b], lane % kPacked);
    }
  }
  return out;
}

}  // namespace

std::optional<QuantizedInfo> find_group_layout(const TensorFile& file, const TensorInfo& key) {
  if (key.name.ends_with("qweight")) return find_qweight(file, key);
  if (key.name.ends_with("weight_packed")) return find_compressed(file, key);
  return std::nullopt;
}

QuantizedMatrix load_group_layout(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  return matrix.layout == kCompressedTensors ? load_compressed(file, matrix, side)
                                             : load_qweight(file, matrix, side);
}

}  // namespace narrowgate::internal
