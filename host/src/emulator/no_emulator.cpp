// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for emulator_host.cpp where the simulated card is not built.
#include "core/card_host.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {

std::unique_ptr<CardHost> make_emulator_host(const CardImage&, unsigned) {
  throw NoRuntimeError(
      "the emulator is not built in: install libxrt-dev, protobuf-compiler and libprotobuf-dev "
      "and build again");
}

bool emulator_built_in() { return false; }

}  // namespace narrowgate::internal
