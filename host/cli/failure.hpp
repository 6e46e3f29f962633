// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How a subcommand ends when it cannot do what was asked, and the exit code for it.
#pragma once

#include <stdexcept>
#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;   ///< a device failed, or a result is wrong
inline constexpr int kExitBadInput = 2;  ///< arguments or files that make no sense

/// The user's input cannot be used. what() is one line with the offending value and the limit.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The input was fine and the work failed. what() is one line.
class WorkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What the user can put right by calling the command differently is bad input; the rest is not.
inline int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kShape:
    case ErrorCode::kAccumulatorRange:
    case ErrorCode::kZeroPoint:
    case ErrorCode::kValueRange:
    case ErrorCode::kUnsupported:
    case ErrorCode::kMissingImage:
    case ErrorCode::kBadImage:
    case ErrorCode::kBadFile:
    case ErrorCode::kNoDevice:
      return kExitBadInput;
    default:
      return kExitFailure;
  }
}

}  // namespace narrowgate::cli
