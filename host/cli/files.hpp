// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Whether a result could be written, asked before long work.
#pragma once

#include "files/file_io.hpp"

namespace narrowgate::cli {

using internal::check_writable;

}  // namespace narrowgate::cli
