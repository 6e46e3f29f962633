// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "onnx_model.hpp"

namespace narrowgate::testing {
namespace {

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
std::string number(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(static_cast<std::uint64_t>(value));
}
std::string text(int field, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) + bytes;
}

// Field numbers are those of onnx.proto.
std::string operators(const std::string& domain, int version) {
  return text(8, text(1, domain) + number(2, version));
}

}  // namespace

OnnxModel& OnnxModel::constant(const std::string& name, OnnxType type,
                               const std::vector<std::int64_t>& dims, const std::string& bytes) {
  std::string tensor;
  for (const std::int64_t dim : dims) tensor += number(1, dim);
  tensor += number(2, static_cast<int>(type)) + text(8, name) + text(9, bytes);
  constants_ += text(5, tensor);
  return *this;
}

OnnxModel& OnnxModel::node(const std::string& op, const std::vector<std::string>& inputs,
                           const std::string& output, const std::vector<Attribute>& attributes,
                           const std::string& domain) {
  constexpr int kInt = 2;
  std::string node;
  for (const std::string& input : inputs) node += text(1, input);
  node += text(2, output) + text(3, output) + text(4, op);
  for (const Attribute& a : attributes) {
    node += text(5, text(1, a.name) + number(3, a.value) + number(20, kInt));
  }
  if (!domain.empty()) node += text(7, domain);
  nodes_ += text(1, node);
  return *this;
}

std::string OnnxModel::bytes(const std::string& output, OnnxType type) const {
  constexpr int kIrVersion = 10;
  constexpr int kOperators = 21;
  const std::string value = text(1, output) + text(2, text(1, number(1, static_cast<int>(type))));
  const std::string graph = nodes_ + text(2, "graph") + constants_ + text(12, value);
  return number(1, kIrVersion) + text(7, graph) + operators("", kOperators) +
         operators("com.microsoft", 1);
}

}  // namespace narrowgate::testing
