// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for opencl_card.cpp where XRT's OpenCL library is not installed.
#include "core/card.hpp"
#include "core/card_host.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {

std::unique_ptr<Card> open_opencl_card(const CardSelector&, const CardImage&,
                                       std::unique_ptr<CardHost>) {
  throw NoRuntimeError(
      "OpenCL is not built in: install libxrt-dev and opencl-headers and build again");
}

bool opencl_built_in() { return false; }

}  // namespace narrowgate::internal
