// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "pack/lay_down.hpp"

#include <cstring>

#include "pack/source.hpp"
#include "pack/transpose.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#define NG_STREAMS 1
#else
#define NG_STREAMS 0
#endif

namespace narrowgate::internal {
namespace {

using Words8 = std::uint16_t __attribute__((vector_size(kBlock)));

template <bool kStreamed>
inline void store(std::uint8_t* out, Words8 value) {
#if NG_STREAMS
  if constexpr (kStreamed) {
    __m128i bits;
    std::memcpy(&bits, &value, sizeof(bits));
    _mm_stream_si128(reinterpret_cast<__m128i*>(out), bits);
    return;
  }
#endif
  std::memcpy(out, &value, sizeof(value));
}

/// Sums of sixteen lanes. Each 16-bit word holds an even lane (low byte) and an odd one. The sum of
/// the words modulo 2^16 is low + 256·high, and the sum of the high bytes alone tells the two
/// apart: both are below 2^16.
struct LaneSums {
  static_assert(kChunkSteps * 255 <= UINT16_MAX);
  Words8 total{};
  Words8 high{};

  void add(Words8 words) {
    total += words;
    high += words >> 8;
  }
  /// Adds the sums, less `excess`, to sums[0…15].
  void add_to(std::int32_t* sums, std::int32_t excess) const {
    const Words8 low = total - (high << 8);
    for (std::size_t i = 0; i < kBlock / 2; ++i) {
      sums[2 * i] += low[i] - excess;
      sums[2 * i + 1] += high[i] - excess;
    }
  }
};

/// What turns a format's bytes into numbers from 0 to 255 (a signed byte into value + 128), and by
/// how much the sum of `steps` of those exceeds that of code − offset.
struct Summand {
  std::uint8_t flip;
  std::int32_t excess;
  Summand(const FormatInfo& format, std::size_t steps)
      : flip(format.is_signed ? 0x80 : 0),
        excess(static_cast<std::int32_t>(steps) * (format.offset + flip)) {}
  std::uint16_t flip_word() const { return static_cast<std::uint16_t>(flip * 0x101); }
};

/// One pass over the bytes, in the order in which they lie in the panel.
template <unsigned kLanes, bool kStreamed>
void lay_down_lanes(const std::uint8_t* in, std::ptrdiff_t stride, std::size_t steps,
                    const Summand& summand, std::uint8_t* out, std::int32_t* sums) {
  constexpr unsigned kBlocks = kLanes / kBlock;
  const std::uint16_t flip = summand.flip_word();
  LaneSums lanes[kBlocks];
  for (std::size_t s = 0; s < steps; ++s, in += stride, out += kLanes) {
    for (unsigned b = 0; b < kBlocks; ++b) {
      Words8 words;
      std::memcpy(&words, in + b * kBlock, kBlock);
      store<kStreamed>(out + b * kBlock, words);
      lanes[b].add(words ^ flip);
    }
  }
  if (sums == nullptr) return;
  for (unsigned b = 0; b < kBlocks; ++b) lanes[b].add_to(sums + b * kBlock, summand.excess);
}

template <unsigned kLanes>
void lay_down_lanes(const std::uint8_t* in, std::ptrdiff_t stride, std::size_t steps,
                    const Summand& summand, bool streamed, std::uint8_t* out, std::int32_t* sums) {
  (streamed ? lay_down_lanes<kLanes, true> : lay_down_lanes<kLanes, false>)(in, stride, steps,
                                                                            summand, out, sums);
}

/// Any number of lanes: block by block, which is not the order of the panel.
void lay_down_any(const std::uint8_t* in, std::ptrdiff_t stride, std::size_t steps, unsigned lanes,
                  std::uint8_t* out) {
  for (std::size_t s = 0; s < steps; ++s, in += stride, out += lanes) std::memcpy(out, in, lanes);
}

}  // namespace

bool can_stream(unsigned lanes) {
  return NG_STREAMS != 0 && (lanes == 16 || lanes == 32 || lanes == 64);
}

void lay_down(const FormatInfo& format, const std::uint8_t* in, std::ptrdiff_t stride,
              std::size_t steps, unsigned lanes, bool streamed, std::uint8_t* out,
              std::int32_t* sums) {
  const Summand summand(format, steps);
  switch (lanes) {
    case 16:
      return lay_down_lanes<16>(in, stride, steps, summand, streamed, out, sums);
    case 32:
      return lay_down_lanes<32>(in, stride, steps, summand, streamed, out, sums);
    case 64:
      return lay_down_lanes<64>(in, stride, steps, summand, streamed, out, sums);
    default:
      lay_down_any(in, stride, steps, lanes, out);
      if (sums != nullptr) add_sums(format, in, stride, steps, lanes, sums);
  }
}

void add_sums(const FormatInfo& format, const std::uint8_t* in, std::ptrdiff_t stride,
              std::size_t steps, unsigned lanes, std::int32_t* sums) {
  const Summand summand(format, steps);
  const unsigned whole = lanes / kBlock * kBlock;
  for (unsigned l = 0; l < whole; l += kBlock) {
    LaneSums block;
    for (std::size_t s = 0; s < steps; ++s) {
      Words8 words;
      std::memcpy(&words, in + static_cast<std::ptrdiff_t>(s) * stride + l, kBlock);
      block.add(words ^ summand.flip_word());
    }
    block.add_to(sums + l, summand.excess);
  }
  for (unsigned l = whole; l < lanes; ++l) {
    for (std::size_t s = 0; s < steps; ++s) {
      sums[l] += in[static_cast<std::ptrdiff_t>(s) * stride + l] ^ summand.flip;
    }
    sums[l] -= summand.excess;
  }
}

void finish_streams() {
#if NG_STREAMS
  _mm_sfence();
#endif
}

}  // namespace narrowgate::internal
