// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CL/cl.h>
#include <xrt/xrt_kernel.h>

namespace xrt::opencl {
kernel get_xrt_kernel(cl_device_id device, cl_kernel kernel);
}
