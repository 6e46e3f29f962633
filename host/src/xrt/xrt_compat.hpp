// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The one place that knows the differences between XRT 2.13 (Debian 12) and 2.14 to 2.2x: where
// the headers lie, and how an image becomes a kernel object.
#pragma once

#if __has_include(<xrt/experimental/xrt_xclbin.h>)
#include <xrt/experimental/xrt_xclbin.h>
#else
#include <experimental/xrt_xclbin.h>
#endif
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>
#if __has_include(<xrt/xrt_hw_context.h>)
#include <xrt/xrt_hw_context.h>
#define NARROWGATE_XRT_HW_CONTEXT 1
#endif

#include <string>

namespace narrowgate::internal::compat {

/// An image on a device and its kernel, opened for this process alone so that registers can be
/// read.
struct LoadedKernel {
#ifdef NARROWGATE_XRT_HW_CONTEXT
  xrt::hw_context context;  // keeps the image on the device
#endif
  xrt::kernel kernel;
};

inline LoadedKernel load(xrt::device& device, const std::string& path, const std::string& name) {
#ifdef NARROWGATE_XRT_HW_CONTEXT
  const xrt::uuid uuid = device.register_xclbin(xrt::xclbin(path));
  xrt::hw_context context(device, uuid, xrt::hw_context::access_mode::exclusive);
  xrt::kernel kernel(context, name);
  return {context, kernel};
#else
  const xrt::uuid uuid = device.load_xclbin(path);
  return {xrt::kernel(device, uuid, name, xrt::kernel::cu_access_mode::exclusive)};
#endif
}

}  // namespace narrowgate::internal::compat
