// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The test kernel (fixture/add_kernel.sv) on the simulated card, through XRT's native API.
#pragma once

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <chrono>
#include <cstdint>
#include <narrowgate_sim/emulation.hpp>
#include <random>
#include <vector>

namespace narrowgate::sim {

constexpr std::uint32_t kForever = 0xFFFFFFFF;  // a delay that no test sees the end of

inline double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

class AddCard {
 public:
  explicit AddCard(const std::string& image, unsigned index = 0,
                   const EmulationOptions& options = {}) {
    Emulation& emulation = Emulation::Instance();
    emulation.Prepare(xclbin::ReadImage(image), options);
    if (!emulation.WaitUntilClosed(index, std::chrono::seconds(10)))
      throw std::runtime_error("still open");
    device_ = xrt::device(index);
    LoadScope load(emulation);
    uuid_ = device_.load_xclbin(image);
    load.Finish();
    kernel_ = xrt::kernel(device_, uuid_, "add_kernel", xrt::kernel::cu_access_mode::exclusive);
  }

  xrt::bo Buffer(std::size_t beats, int argument) {
    return {device_, (beats * 64 + 4095) / 4096 * 4096,
            static_cast<xrt::memory_group>(kernel_.group_id(argument))};
  }

  /// Adds `addend` to random data of this many beats; returns the number of wrong results.
  std::size_t AddAndCount(std::uint32_t beats, std::uint32_t addend, std::uint32_t seed) {
    xrt::bo in = Buffer(beats, 0), out = Buffer(beats, 1);
    auto* from = in.map<std::uint32_t*>();
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < beats * 16u; ++i) from[i] = random();
    in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    state_ = Start(in, out, beats, addend, 0).wait(std::chrono::milliseconds(60000));
    out.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    const auto* to = out.map<std::uint32_t*>();
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < beats * 16u; ++i) wrong += to[i] != from[i] + addend;
    return wrong;
  }

  xrt::run Start(xrt::bo& in, xrt::bo& out, std::uint32_t beats, std::uint32_t addend,
                 std::uint32_t delay) {
    return kernel_(in, out, beats, addend, delay);
  }

  /// The same at addresses of the caller's choice, whatever lies there.
  xrt::run StartAt(std::uint64_t in, std::uint64_t out, std::uint32_t beats) {
    xrt::run run(kernel_);
    run.set_arg(0, in);
    run.set_arg(1, out);
    run.set_arg(2, beats);
    run.set_arg(3, std::uint32_t{0});
    run.set_arg(4, std::uint32_t{0});
    run.start();
    return run;
  }

  std::uint32_t Register(std::uint32_t offset) { return kernel_.read_register(offset); }
  std::uint64_t Counter(unsigned index) {
    return Register(0x818 + 8 * index) | std::uint64_t{Register(0x81C + 8 * index)} << 32;
  }
  ert_cmd_state state() const { return state_; }

 private:
  xrt::device device_;
  xrt::uuid uuid_;
  xrt::kernel kernel_;
  ert_cmd_state state_ = ERT_CMD_STATE_NEW;
};

}  // namespace narrowgate::sim
