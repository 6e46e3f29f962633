// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// OpenCL has no way to read a kernel's registers. XRT lends the native kernel object behind a
// cl_kernel, which reads them if
// allow_register_reads() came first.
#pragma once

#include <CL/cl.h>

#include <cstdint>
#include <memory>

namespace narrowgate::internal {

class OpenclRegisters {
 public:
  OpenclRegisters();
  /// Finds out whether register `probe` can be read.
  OpenclRegisters(cl_device_id device, cl_kernel kernel, std::uint32_t probe);
  ~OpenclRegisters();
  OpenclRegisters(OpenclRegisters&&) noexcept;
  OpenclRegisters& operator=(OpenclRegisters&&) noexcept;

  bool available() const { return kernel_ != nullptr; }
  std::uint32_t read(std::uint32_t offset) const;

 private:
  struct NativeKernel;
  std::unique_ptr<NativeKernel> kernel_;
};

}  // namespace narrowgate::internal
