// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "xrt/experimental/xrt_xclbin.h"

namespace xrt {

namespace info {
enum class device : unsigned int { bdf, interface_uuid, kdma, max_clock_frequency_mhz, m2m, name };
}

class device {
 public:
  device() = default;
  explicit device(unsigned int index);
  explicit device(const std::string& bdf);
  template <info::device kParam>
  std::string get_info() const;
  uuid register_xclbin(const xclbin& image);
  uuid load_xclbin(const std::string& path);
};

}  // namespace xrt
