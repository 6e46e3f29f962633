// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "bank_store.hpp"
#include "card_spec.hpp"
#include "kernel_driver.hpp"

namespace narrowgate::sim {

/// The simulator process: clocks the kernel and serves LinkCommands on `fd` until it is told to
/// quit or the supervisor is gone. Returns the exit status.
int RunSimulator(int fd, const CardSpec& spec, const BankStore& store, const DriverOptions& options,
                 const std::function<void(const std::string&)>& log);

}  // namespace narrowgate::sim
