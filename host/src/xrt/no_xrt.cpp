// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for xrt_card.cpp where XRT is not installed.
#include "core/card.hpp"
#include "core/card_host.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {

std::unique_ptr<Card> open_xrt_card(const CardSelector&, const CardImage&,
                                    std::unique_ptr<CardHost>) {
  throw NoRuntimeError("native XRT is not built in: install libxrt-dev and build again");
}

bool xrt_built_in() { return false; }

}  // namespace narrowgate::internal
