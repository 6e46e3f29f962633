// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

#include "xrt/xrt_device.h"

enum xclBOSyncDirection { XCL_BO_SYNC_BO_TO_DEVICE = 0, XCL_BO_SYNC_BO_FROM_DEVICE };

namespace xrt {

using memory_group = std::uint32_t;

class bo {
 public:
  bo() = default;
  bo(const device& device, std::size_t size, memory_group group);
  std::size_t size() const;
  std::uint64_t address() const;
  void sync(xclBOSyncDirection direction, std::size_t size, std::size_t offset);
  template <typename MapType>
  MapType map();
};

}  // namespace xrt
