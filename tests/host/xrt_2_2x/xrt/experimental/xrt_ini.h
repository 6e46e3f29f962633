// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace xrt::ini {
void set(const std::string& key, const std::string& value);
}
