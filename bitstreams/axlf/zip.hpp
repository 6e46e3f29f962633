// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <narrowgate_xclbin/xclbin.hpp>
#include <span>

namespace narrowgate::xclbin {

/// A zip of the files, stored uncompressed (XRT unzips it at every load), with no time stamps.
std::vector<std::uint8_t> MakeZip(std::span<const BundledFile> files);

}  // namespace narrowgate::xclbin
