// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "xrt/settings.hpp"

// XRT 2.13 defines a function in this header that is not inline: include it in this file only.
#if __has_include(<xrt/experimental/xrt_ini.h>)
#include <xrt/experimental/xrt_ini.h>
#else
#include <experimental/xrt_ini.h>
#endif

#include <exception>
#include <string>

namespace narrowgate::internal {

void allow_register_reads() {
  try {
    xrt::ini::set("Runtime.rw_shared", std::string("true"));
  } catch (const std::exception&) {
    // XRT has read its settings already: what they say about it then holds.
  }
}

}  // namespace narrowgate::internal
