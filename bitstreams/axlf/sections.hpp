// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The sections of an image that describe the kernel and the card to XRT.
#pragma once

#include <narrowgate_xclbin/xclbin.hpp>
#include <string>
#include <vector>

namespace narrowgate::xclbin {

using Bytes = std::vector<std::uint8_t>;

/// A memory bank of the card, in MEM_TOPOLOGY's order.
struct MemoryBank {
  std::string tag;  // "DDR[0]"
  std::uint8_t type = 0;
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  bool used = false;
};

/// The card's banks, `used` set where the manifest connects a bundle.
std::vector<MemoryBank> CardBanks(const ImageContents& contents);

Bytes MemTopology(const std::vector<MemoryBank>& banks);
Bytes IpLayout(const ImageContents& contents);
Bytes Connectivity(const ImageContents& contents, const std::vector<MemoryBank>& banks);
Bytes ClockFreqTopology(const ImageContents& contents);
Bytes BuildMetadata(const ImageContents& contents);
Bytes EmbeddedMetadata(const ImageContents& contents);

}  // namespace narrowgate::xclbin
