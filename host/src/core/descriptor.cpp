// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/descriptor.hpp"

#include <array>
#include <cstring>

#include "gemm/descriptor.hpp"

namespace narrowgate::internal {

namespace d = ng_descriptor;

const std::size_t kDescriptorBytes = d::kNumWords * sizeof(std::uint32_t);

void write_descriptor(const KernelCall& call, const CardPlaces& arguments, std::size_t beat_bytes,
                      std::span<std::uint8_t> out) {
  std::array<std::uint32_t, d::kNumWords> words{};
  const auto place = [&](d::Word word, std::uint64_t from, std::uint64_t to) {
    // Modulo 2^64, and signed, so that it is exact in beats whichever comes first.
    const auto beats = static_cast<std::uint64_t>(static_cast<std::int64_t>(to - from) /
                                                  static_cast<std::int64_t>(beat_bytes));
    words[word] = static_cast<std::uint32_t>(beats);
    words[word + 1] = static_cast<std::uint32_t>(beats >> 32);
  };
  place(d::kA, arguments.a, call.places.a);
  place(d::kB, arguments.b, call.places.b);
  place(d::kV, arguments.v, call.places.v);
  place(d::kC, arguments.c, call.places.c);
  place(d::kRecords, arguments.v, call.records);
  words[d::kMTiles] = call.m_tiles;
  words[d::kNTiles] = call.n_tiles;
  words[d::kK] = call.k;
  words[d::kAFormat] = call.a_format;
  words[d::kBFormat] = call.b_format;
  words[d::kBlock] = call.block;
  words[d::kBlocks] = call.blocks;
  words[d::kSumExponent] = call.sum_exponent;
  words[d::kMode] = call.mode;
  words[d::kScale] = call.scale;
  words[d::kOutZero] = call.out_zero;
  words[d::kClampLo] = call.clamp_lo;
  words[d::kClampHi] = call.clamp_hi;
  words[d::kOutFormat] = call.out_format;
  words[d::kActivation] = call.activation;
  words[d::kN] = call.n;
  words[d::kOrder] = call.order;
  std::memcpy(out.data(), words.data(), kDescriptorBytes);
}

}  // namespace narrowgate::internal
