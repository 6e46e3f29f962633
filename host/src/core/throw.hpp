// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Throwing the typed error that belongs to a code known only at run time.
#pragma once

#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate::internal {

[[noreturn]] void throw_error(ErrorCode code, const std::string& message);

/// "text" of which line breaks are made spaces, so that a message stays one line.
std::string one_line(const std::string& text);

}  // namespace narrowgate::internal
