// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Access to the fields of a JSON description, with errors that name the field and the document.
#pragma once

#include <narrowgate_xclbin/xclbin.hpp>
#include <string>

namespace narrowgate::xclbin {

/// Where a document comes from and which error its defects are.
struct JsonOrigin {
  std::string name;
  ErrorCode code = ErrorCode::kBadManifest;
};

inline const nlohmann::json& Field(const nlohmann::json& object, const char* key,
                                   const JsonOrigin& origin) {
  if (!object.is_object() || !object.contains(key)) {
    throw Error(origin.code, origin.name + ": no \"" + key + "\"");
  }
  return object[key];
}

template <typename T>
T Get(const nlohmann::json& object, const char* key, const JsonOrigin& origin) {
  const nlohmann::json& value = Field(object, key, origin);
  try {
    return value.get<T>();
  } catch (const nlohmann::json::exception&) {
    throw Error(origin.code, origin.name + ": \"" + key + "\" has the wrong type: " + value.dump());
  }
}

/// A number written as a JSON integer or as a string like "0x400000000".
inline std::uint64_t GetAddress(const nlohmann::json& object, const char* key,
                                const JsonOrigin& origin) {
  const nlohmann::json& value = Field(object, key, origin);
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    try {
      std::size_t used = 0;
      const std::uint64_t number = std::stoull(text, &used, 0);
      if (used == text.size() && text[0] != '-') return number;
    } catch (const std::logic_error&) {
    }
  }
  throw Error(origin.code, origin.name + ": \"" + key + "\" is not an address: " + value.dump());
}

}  // namespace narrowgate::xclbin
