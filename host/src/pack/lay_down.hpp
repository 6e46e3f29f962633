// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The last way of packed bytes: to the panel, summed on the way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "narrowgate/format.hpp"

namespace narrowgate::internal {

/// Where stores go past the caches, lines must be written whole: anything else is several times
/// slower than an ordinary store.
inline constexpr std::size_t kLineBytes = 64;

/// Whether there are such stores, and steps of so many lanes use them.
bool can_stream(unsigned lanes);

/// Copies `steps` steps of `lanes` bytes, `stride` apart, to `out`, where they follow one another.
/// `streamed` stores go past the caches: `out` must then be the beginning of a line, and
/// finish_streams() follows before anybody else looks. Adds the sum of each lane's code − offset to
/// sums[l], unless `sums` is null. At most kChunkSteps steps.
void lay_down(const FormatInfo& format, const std::uint8_t* in, std::ptrdiff_t stride,
              std::size_t steps, unsigned lanes, bool streamed, std::uint8_t* out,
              std::int32_t* sums);

/// The sums alone.
void add_sums(const FormatInfo& format, const std::uint8_t* in, std::ptrdiff_t stride,
              std::size_t steps, unsigned lanes, std::int32_t* sums);

/// Makes streamed stores visible to other threads and devices.
void finish_streams();

}  // namespace narrowgate::internal
