// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ONNX models of constants, written byte by byte in protobuf's wire format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace narrowgate::testing {

/// Element types by ONNX's numbers.
enum class OnnxType : int {
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kFloat16 = 10,
  kBfloat16 = 16,
  kE4m3 = 17,
  kE5m2 = 19,
};

/// A model whose operators have constants for inputs: run without any.
class OnnxModel {
 public:
  /// `bytes`: the elements in row-major order, little-endian.
  OnnxModel& constant(const std::string& name, OnnxType type, const std::vector<std::int64_t>& dims,
                      const std::string& bytes);
  struct Attribute {
    std::string name;
    std::int64_t value;
  };
  OnnxModel& node(const std::string& op, const std::vector<std::string>& inputs,
                  const std::string& output, const std::vector<Attribute>& attributes = {},
                  const std::string& domain = "");
  /// The whole file, with this output.
  std::string bytes(const std::string& output, OnnxType type) const;

 private:
  std::string nodes_;
  std::string constants_;
};

}  // namespace narrowgate::testing
