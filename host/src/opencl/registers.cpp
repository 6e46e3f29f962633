// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "opencl/registers.hpp"

#include "core/throw.hpp"
#include "narrowgate/error.hpp"

#if __has_include(<CL/cl2xrt.hpp>)
#include <CL/cl2xrt.hpp>
#else
#include <xrt/CL/cl2xrt.hpp>
#endif

namespace narrowgate::internal {

struct OpenclRegisters::NativeKernel {
  xrt::kernel kernel;
};

OpenclRegisters::OpenclRegisters() = default;
OpenclRegisters::~OpenclRegisters() = default;
OpenclRegisters::OpenclRegisters(OpenclRegisters&&) noexcept = default;
OpenclRegisters& OpenclRegisters::operator=(OpenclRegisters&&) noexcept = default;

OpenclRegisters::OpenclRegisters(cl_device_id device, cl_kernel kernel, std::uint32_t probe) {
  try {
    auto native = std::make_unique<NativeKernel>();
    native->kernel = xrt::opencl::get_xrt_kernel(device, kernel);
    native->kernel.read_register(probe);
    kernel_ = std::move(native);
  } catch (const std::exception&) {
    // Not allowed: calls work all the same, only without counters.
  }
}

std::uint32_t OpenclRegisters::read(std::uint32_t offset) const {
  try {
    return kernel_->kernel.read_register(offset);
  } catch (const std::exception& error) {
    throw DeviceError("a register cannot be read: " + one_line(error.what()));
  }
}

}  // namespace narrowgate::internal
