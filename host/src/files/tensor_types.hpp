// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The one table of element types in files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "narrowgate/files.hpp"

namespace narrowgate::internal {

struct TensorTypeInfo {
  TensorType type;
  std::string_view safetensors;  ///< empty: not in such files
  int gguf;                      ///< -1: not in such files
  std::string_view name;
  std::size_t block;  ///< elements that are stored together
  std::size_t bytes;  ///< of a block
};

const TensorTypeInfo* info(TensorType type) noexcept;  ///< null for kOther
TensorType tensor_type_of_safetensors(std::string_view dtype) noexcept;
TensorType tensor_type_of_gguf(std::uint32_t id) noexcept;

}  // namespace narrowgate::internal
