// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/scale_beats.hpp"

#include <algorithm>
#include <cstring>

namespace narrowgate::internal {
namespace {

constexpr std::uint8_t kOneE8m0 = 127;
constexpr float kOne = 1.0F;
constexpr int kZeroOffset = 8;  // the array sees a UINT4 code less 8

void pack_codes(const ScaleReader& reader, const PanelLayout& layout, std::size_t first_lane,
                std::size_t used, std::uint8_t* out) {
  const std::uint8_t pad = reader.kind() == ScaleKind::kE8m0 ? kOneE8m0 : 0;
  for (std::size_t block = 0; block < layout.blocks; block += layout.blocks_per_scales) {
    std::uint8_t* beat = out + layout.scales_offset(block);
    std::memset(beat, pad, layout.scale_bytes);
    const std::size_t count = std::min(layout.blocks_per_scales, layout.blocks - block);
    for (std::size_t lane = 0; lane < used; ++lane) {
      for (std::size_t b = 0; b < count; ++b) {
        beat[b * layout.slots + lane] = reader.code(first_lane + lane, block + b);
      }
    }
  }
}

void pack_numbers(const ScaleReader& reader, const PanelLayout& layout, std::size_t first_lane,
                  std::size_t used, std::uint8_t* out) {
  const bool zeros = reader.kind() == ScaleKind::kFp32AndZero;
  for (std::size_t block = 0; block < layout.blocks; ++block) {
    std::uint8_t* beats = out + layout.scales_offset(block);
    std::memset(beats, 0, layout.scale_bytes);
    for (std::size_t lane = 0; lane < layout.slots; ++lane) {
      const float scale = lane < used ? reader.number(first_lane + lane, block) : kOne;
      std::memcpy(beats + lane * sizeof(scale), &scale, sizeof(scale));
      if (!zeros || lane >= used) continue;
      const int zero = reader.zero(first_lane + lane, block) - kZeroOffset;
      beats[layout.zeros_offset + lane] = static_cast<std::uint8_t>(zero);
    }
  }
}

}  // namespace

void pack_scales(const ScaleReader& reader, const PanelLayout& layout, std::size_t panel,
                 std::uint8_t* out) {
  const std::size_t first = panel * layout.lanes;
  const std::size_t used = std::min<std::size_t>(layout.lanes, reader.lanes() - first);
  const bool codes = reader.kind() == ScaleKind::kE8m0 || reader.kind() == ScaleKind::kUe4m3;
  (codes ? pack_codes : pack_numbers)(reader, layout, first, used, out);
}

}  // namespace narrowgate::internal
