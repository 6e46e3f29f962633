// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Where figures were measured: without this they mean nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace bench {

/// Processor, cores, memory, compiler, and versions of the tools and of this project.
nlohmann::json describe_machine();

/// "2026-11-23": today, UTC.
std::string today();

/// A short name for this kind of machine: "intel-xeon-processor-2-cores".
std::string machine_kind(const nlohmann::json& machine);

}  // namespace bench
