// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/tensor_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <set>

#include "files/listing.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::array<TensorTypeInfo, 20> kTypes = {{
    {TensorType::kFloat64, "F64", 28, "F64", 1, 8},
    {TensorType::kFloat32, "F32", 0, "F32", 1, 4},
    {TensorType::kFloat16, "F16", 1, "F16", 1, 2},
    {TensorType::kBfloat16, "BF16", 30, "BF16", 1, 2},
    {TensorType::kE4m3, "F8_E4M3", -1, "F8_E4M3", 1, 1},
    {TensorType::kE5m2, "F8_E5M2", -1, "F8_E5M2", 1, 1},
    {TensorType::kE8m0, "F8_E8M0", -1, "F8_E8M0", 1, 1},
    {TensorType::kInt8, "I8", 24, "I8", 1, 1},
    {TensorType::kUint8, "U8", -1, "U8", 1, 1},
    {TensorType::kInt16, "I16", 25, "I16", 1, 2},
    {TensorType::kUint16, "U16", -1, "U16", 1, 2},
    {TensorType::kInt32, "I32", 26, "I32", 1, 4},
    {TensorType::kUint32, "U32", -1, "U32", 1, 4},
    {TensorType::kInt64, "I64", 27, "I64", 1, 8},
    {TensorType::kUint64, "U64", -1, "U64", 1, 8},
    {TensorType::kBool, "BOOL", -1, "BOOL", 1, 1},
    {TensorType::kQ4_0, "", 2, "Q4_0", 32, 18},
    {TensorType::kQ8_0, "", 8, "Q8_0", 32, 34},
    {TensorType::kMxfp4, "", 39, "MXFP4", 32, 17},
    {TensorType::kNvfp4, "", 40, "NVFP4", 64, 36},
}};

template <typename Match>
TensorType type_where(const Match& match) {
  const auto found = std::ranges::find_if(kTypes, match);
  return found == kTypes.end() ? TensorType::kOther : found->type;
}

}  // namespace

const TensorTypeInfo* info(TensorType type) noexcept {
  return type == TensorType::kOther ? nullptr : &kTypes[static_cast<std::size_t>(type)];
}

TensorType tensor_type_of_safetensors(std::string_view dtype) noexcept {
  return type_where(
      [=](const TensorTypeInfo& t) { return !dtype.empty() && t.safetensors == dtype; });
}

TensorType tensor_type_of_gguf(std::uint32_t id) noexcept {
  return type_where([=](const TensorTypeInfo& t) {
    return t.gguf >= 0 && static_cast<std::uint32_t>(t.gguf) == id;
  });
}

void bad_file(std::string_view name, const std::string& what) {
  throw BadFileError(fmt::format("{}: {}", name, what));
}

std::string printable(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string out;
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isprint(byte) != 0 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  if (text.size() > kShown) out += "...";
  return out;
}

std::uint64_t tensor_bytes(const TensorInfo& tensor, std::string_view name) {
  const TensorTypeInfo& type = *info(tensor.type);
  const std::size_t fastest = tensor.shape.empty() ? 1 : tensor.shape.back();
  if (fastest % type.block != 0) {
    bad_file(name, fmt::format("tensor '{}': {} elements a row of {}: it must be a multiple of {}",
                               printable(tensor.name), fastest, type.name, type.block));
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (std::ranges::count(tensor.shape, std::size_t{0}) != 0) return 0;
  std::uint64_t elements = 1;
  for (const std::size_t dimension : tensor.shape) {
    if (elements > kMost / 8 / dimension) {  // 8 bytes is the widest element
      bad_file(name, fmt::format("tensor '{}': shape {} has more than 2^60 elements",
                                 printable(tensor.name), fmt::join(tensor.shape, "x")));
    }
    elements *= dimension;
  }
  return elements / type.block * type.bytes;
}

void check_names(const std::vector<TensorInfo>& tensors, std::string_view name) {
  std::set<std::string_view> names;
  for (const TensorInfo& tensor : tensors) {
    if (names.insert(tensor.name).second) continue;
    bad_file(name, fmt::format("two tensors are called '{}'", printable(tensor.name)));
  }
}

void check_tensors(const std::vector<TensorInfo>& tensors, std::string_view name) {
  check_names(tensors, name);
  std::vector<const TensorInfo*> order;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.bytes != 0) order.push_back(&tensor);
  }
  std::ranges::sort(order, {}, [](const TensorInfo* t) { return t->offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const TensorInfo& before = *order[i - 1];
    const TensorInfo& after = *order[i];
    if (after.offset < before.offset + before.bytes) {
      bad_file(name, fmt::format("tensor '{}' begins at byte {}, before '{}' ends at {}",
                                 printable(after.name), after.offset, printable(before.name),
                                 before.offset + before.bytes));
    }
  }
}

}  // namespace narrowgate::internal

std::size_t narrowgate::TensorInfo::elements() const {
  std::size_t product = 1;
  for (const std::size_t dimension : shape) product *= dimension;
  return product;
}
