// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/error.hpp"

#include "core/throw.hpp"

namespace narrowgate {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kShape:
      return "shape";
    case ErrorCode::kAccumulatorRange:
      return "accumulator range";
    case ErrorCode::kZeroPoint:
      return "zero-point";
    case ErrorCode::kValueRange:
      return "value range";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kMissingImage:
      return "missing image";
    case ErrorCode::kBadImage:
      return "bad image";
    case ErrorCode::kBadFile:
      return "bad file";
    case ErrorCode::kFileWrite:
      return "file not written";
    case ErrorCode::kInterfaceMismatch:
      return "interface mismatch";
    case ErrorCode::kNoRuntime:
      return "no runtime";
    case ErrorCode::kNoDevice:
      return "no device";
    case ErrorCode::kDeviceBusy:
      return "device busy";
    case ErrorCode::kDeviceTimeout:
      return "device time-out";
    case ErrorCode::kDeviceLost:
      return "device lost";
    case ErrorCode::kDevice:
      return "device";
    case ErrorCode::kClosed:
      return "closed";
  }
  return "unknown";
}

namespace internal {

void throw_error(ErrorCode code, const std::string& message) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      throw InvalidArgumentError(message);
    case ErrorCode::kShape:
      throw ShapeError(message);
    case ErrorCode::kAccumulatorRange:
      throw AccumulatorRangeError(message);
    case ErrorCode::kZeroPoint:
      throw ZeroPointError(message);
    case ErrorCode::kValueRange:
      throw ValueRangeError(message);
    case ErrorCode::kUnsupported:
      throw UnsupportedError(message);
    case ErrorCode::kMissingImage:
      throw MissingImageError(message);
    case ErrorCode::kBadImage:
      throw BadImageError(message);
    case ErrorCode::kBadFile:
      throw BadFileError(message);
    case ErrorCode::kFileWrite:
      throw FileWriteError(message);
    case ErrorCode::kInterfaceMismatch:
      throw InterfaceMismatchError(message);
    case ErrorCode::kNoRuntime:
      throw NoRuntimeError(message);
    case ErrorCode::kNoDevice:
      throw NoDeviceError(message);
    case ErrorCode::kDeviceBusy:
      throw DeviceBusyError(message);
    case ErrorCode::kDeviceTimeout:
      throw DeviceTimeoutError(message);
    case ErrorCode::kDeviceLost:
      throw DeviceLostError(message);
    case ErrorCode::kDevice:
      throw DeviceError(message);
    case ErrorCode::kClosed:
      throw ClosedError(message);
  }
  throw Error(code, message);
}

std::string one_line(const std::string& text) {
  std::string line;
  for (char c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c == ' ' && (line.empty() || line.back() == ' ')) continue;
    line += c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace internal
}  // namespace narrowgate
