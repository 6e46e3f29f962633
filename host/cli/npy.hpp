// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The library's .npy files under the command's own name. Their errors are BadFileError and
// FileWriteError, which end the command as bad input and as a failure.
#pragma once

#include "files/npy.hpp"

namespace narrowgate::cli {

using internal::info;
using internal::NpyArray;
using internal::NpyType;
using internal::read_npy;
using internal::to_string;
using internal::write_npy;

}  // namespace narrowgate::cli
