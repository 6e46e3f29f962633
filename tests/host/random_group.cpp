// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "random_group.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace narrowgate::testing {

std::vector<RandomCall> random_group(const Device& device, std::uint64_t seed, std::size_t count,
                                     int last_kind) {
  Rng rng(seed);
  const auto last = static_cast<std::int64_t>(formats().size()) - 1;
  std::vector<RandomCall> calls;
  while (calls.size() < count) {
    ++seed;
    const Format a = formats()[static_cast<std::size_t>(uniform(rng, 0, last))].format;
    const Format b = formats()[static_cast<std::size_t>(uniform(rng, 0, last))].format;
    if (!can_share_blocks(a, b)) continue;
    const bool integers = info(a).is_plain_integer() && info(b).is_plain_integer();
    const auto kind = static_cast<int>(uniform(rng, integers ? 0 : kEpilogueKinds - 1, last_kind));
    RandomCall call = random_call(seed, a, b, kind, 40);
    if (can_run(device, call.problem)) calls.push_back(std::move(call));
  }
  return calls;
}

std::vector<std::vector<std::uint32_t>> group_bits(const Device& device,
                                                   const std::vector<RandomCall>& calls,
                                                   std::uint64_t seed) {
  Rng rng(seed);
  std::vector<GuardedOutput> outputs;
  std::vector<GemmCall> group;
  for (const RandomCall& call : calls) {
    const Problem& p = call.problem;
    outputs.emplace_back(rng, output_format(p.options.epilogue), p.m, p.n,
                         static_cast<Order>(uniform(rng, 0, 2)));
    GemmCall& entry = group.emplace_back();
    entry.options = p.options;
    entry.a = call.a.view;
    entry.b = call.b.view;
    // A plain matrix that meets one with blocks would have to be packed in these.
    const bool may_stay = call.a.view.block() == call.b.view.block();
    if (may_stay && group.size() % 2 == 0) entry.b = pack(device, Side::kB, call.b.view);
    if (may_stay && group.size() % 3 == 0) entry.a = pack(device, Side::kA, call.a.view);
    entry.c = outputs.back().view();
  }
  gemm(device, group);
  std::vector<std::vector<std::uint32_t>> bits;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    EXPECT_TRUE(outputs[i].surroundings_untouched()) << calls[i].line;
    bits.push_back(outputs[i].bits());
  }
  return bits;
}

}  // namespace narrowgate::testing
