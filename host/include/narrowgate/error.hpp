// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The errors that the library throws. Each message is one line with the offending value and the
// limit. The library never prints and never aborts; whatever XRT writes to the terminal during a
// call is captured and, where it explains a failure, quoted in the message.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace narrowgate {

enum class ErrorCode {
  kInvalidArgument,    ///< an option or parameter that makes no sense by itself
  kShape,              ///< sizes, strides or lengths that do not fit together
  kAccumulatorRange,   ///< K (with the zero-points and the bias) could overflow int32
  kZeroPoint,          ///< a zero-point outside its format's range
  kValueRange,         ///< an element outside its format's range
  kUnsupported,        ///< a format or mode that the open image does not offer
  kMissingImage,       ///< no such image; the message lists those that exist
  kBadImage,           ///< the file is not an image of ours, or is damaged
  kBadFile,            ///< a file of matrices that cannot be read, is damaged or makes no sense
  kFileWrite,          ///< a file that cannot be written
  kInterfaceMismatch,  ///< the image's metadata and the hardware disagree
  kNoRuntime,          ///< XRT or its OpenCL library is not built in or not installed
  kNoDevice,           ///< the selector names no device
  kDeviceBusy,         ///< already open in this process, or held by another one
  kDeviceTimeout,      ///< no progress within OpenOptions::timeout: the device hangs
  kDeviceLost,         ///< the device, or the simulator behind it, has died
  kDevice,             ///< any other failure that the runtime or the kernel reported: a transfer
                       ///< that failed, memory that answered the kernel with errors
  kClosed,             ///< the Device was closed before or during the call
};

/// "kInvalidArgument" -> "invalid argument", and so on.
std::string_view to_string(ErrorCode code) noexcept;

/// Base of all errors of this library. Errors up to kUnsupported are found before any hardware is
/// touched. After kDeviceTimeout and kDeviceLost the Device is unusable; open it again.
/// After kDevice it can be used on: the next call may work.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// One class per code, so that callers can catch what they can deal with.
template <ErrorCode kCode>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message) : Error(kCode, message) {}
};

using InvalidArgumentError = ErrorOf<ErrorCode::kInvalidArgument>;
using ShapeError = ErrorOf<ErrorCode::kShape>;
using AccumulatorRangeError = ErrorOf<ErrorCode::kAccumulatorRange>;
using ZeroPointError = ErrorOf<ErrorCode::kZeroPoint>;
using ValueRangeError = ErrorOf<ErrorCode::kValueRange>;
using UnsupportedError = ErrorOf<ErrorCode::kUnsupported>;
using MissingImageError = ErrorOf<ErrorCode::kMissingImage>;
using BadImageError = ErrorOf<ErrorCode::kBadImage>;
using BadFileError = ErrorOf<ErrorCode::kBadFile>;
using FileWriteError = ErrorOf<ErrorCode::kFileWrite>;
using InterfaceMismatchError = ErrorOf<ErrorCode::kInterfaceMismatch>;
using NoRuntimeError = ErrorOf<ErrorCode::kNoRuntime>;
using NoDeviceError = ErrorOf<ErrorCode::kNoDevice>;
using DeviceBusyError = ErrorOf<ErrorCode::kDeviceBusy>;
using DeviceTimeoutError = ErrorOf<ErrorCode::kDeviceTimeout>;
using DeviceLostError = ErrorOf<ErrorCode::kDeviceLost>;
using DeviceError = ErrorOf<ErrorCode::kDevice>;
using ClosedError = ErrorOf<ErrorCode::kClosed>;

}  // namespace narrowgate
