// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "xrt/xrt_bo.h"
#include "xrt/xrt_hw_context.h"

enum ert_cmd_state {
  ERT_CMD_STATE_NEW = 1,
  ERT_CMD_STATE_QUEUED = 2,
  ERT_CMD_STATE_RUNNING = 3,
  ERT_CMD_STATE_COMPLETED = 4,
  ERT_CMD_STATE_ERROR = 5,
  ERT_CMD_STATE_ABORT = 6,
};

namespace xrt {

class kernel {
 public:
  enum class cu_access_mode : std::uint8_t { exclusive = 0, shared = 1, none = 2 };
  kernel() = default;
  kernel(const hw_context& context, const std::string& name);
  kernel(const device& device, const uuid& xclbin_id, const std::string& name,
         cu_access_mode mode = cu_access_mode::shared);
  int group_id(int argument) const;
  std::uint32_t read_register(std::uint32_t offset) const;
};

class run {
 public:
  run() = default;
  explicit run(const kernel& kernel);
  template <typename Argument>
  void set_arg(int index, Argument&& argument);
  void start();
  ert_cmd_state state() const;
  ert_cmd_state wait(const std::chrono::milliseconds& timeout = std::chrono::milliseconds{0}) const;
};

}  // namespace xrt
