// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace xrt {

class uuid {};

class xclbin {
 public:
  xclbin() = default;
  explicit xclbin(const std::string& path);
};

}  // namespace xrt
