// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "card_spec.hpp"

#include <fmt/format.h>

#include <cmath>

namespace narrowgate::sim {
namespace {

using nlohmann::json;

template <typename T>
T Get(const json& object, const char* key) {
  if (!object.is_object() || !object.contains(key))
    throw CardError(fmt::format("card: no \"{}\"", key));
  try {
    return object[key].get<T>();
  } catch (const json::exception&) {
    throw CardError(fmt::format("card: \"{}\" has the wrong type: {}", key, object[key].dump()));
  }
}

std::uint64_t Address(const json& object, const char* key) {
  const auto text = Get<std::string>(object, key);
  try {
    return std::stoull(text, nullptr, 0);
  } catch (const std::logic_error&) {
    throw CardError(fmt::format("card: \"{}\" is not an address: \"{}\"", key, text));
  }
}

Picoseconds Time(const json& object, const char* key) {
  const auto ns = Get<double>(object, key);
  if (!(ns >= 0 && ns <= 1e6))
    throw CardError(fmt::format("card: \"{}\" is {} (0 to 1e6 ns)", key, ns));
  return std::llround(ns * 1000);
}

unsigned Count(const json& object, const char* key, unsigned limit) {
  const auto value = Get<std::int64_t>(object, key);
  if (value < 1 || value > limit)
    throw CardError(fmt::format("card: \"{}\" is {} (1 to {})", key, value, limit));
  return static_cast<unsigned>(value);
}

bool IsPowerOfTwo(unsigned value) { return value != 0 && (value & (value - 1)) == 0; }

DramTiming ParseTiming(const json& object) {
  DramTiming t;
  t.atom_bytes = Count(object, "atom_bytes", 4096);
  t.atom = Time(object, "atom_ns");
  t.bank_groups = Count(object, "bank_groups", 16);
  t.banks_per_group = Count(object, "banks_per_group", 16);
  t.row_bytes = Count(object, "row_bytes", 1 << 20);
  t.cl = Time(object, "cl_ns");
  t.cwl = Time(object, "cwl_ns");
  t.trcd = Time(object, "trcd_ns");
  t.trp = Time(object, "trp_ns");
  t.tras = Time(object, "tras_ns");
  t.trtp = Time(object, "trtp_ns");
  t.twr = Time(object, "twr_ns");
  t.tccd_l = Time(object, "tccd_l_ns");
  t.twtr = Time(object, "twtr_ns");
  t.trtw = Time(object, "trtw_ns");
  t.trefi = Time(object, "trefi_ns");
  t.trfc = Time(object, "trfc_ns");
  t.read_overhead = Time(object, "read_overhead_ns");
  t.write_overhead = Time(object, "write_overhead_ns");
  t.read_outstanding = Count(object, "read_outstanding", 256);
  t.write_outstanding = Count(object, "write_outstanding", 256);
  t.direction_batch = Count(object, "direction_batch", 4096);
  t.reorder_window = Count(object, "reorder_window", 256);
  t.reorder_age_limit = Count(object, "reorder_age_limit", 1 << 16);
  t.reorder_in_group = Get<bool>(object, "reorder_in_group");
  t.reorder_ids = Get<bool>(object, "reorder_ids");
  t.jitter = Time(object, "jitter_ns");
  if (t.atom == 0) throw CardError("card: \"atom_ns\" is 0");
  if (!IsPowerOfTwo(t.atom_bytes) || !IsPowerOfTwo(t.row_bytes) || t.row_bytes < t.atom_bytes) {
    throw CardError(fmt::format(
        "card: atom_bytes {} and row_bytes {} must be powers of two, the row the larger",
        t.atom_bytes, t.row_bytes));
  }
  if (!IsPowerOfTwo(t.bank_groups) || !IsPowerOfTwo(t.banks_per_group)) {
    throw CardError(fmt::format("card: bank_groups {} and banks_per_group {} must be powers of two",
                                t.bank_groups, t.banks_per_group));
  }
  if (t.trefi != 0 && t.trefi <= t.trfc + t.trp) {
    throw CardError(fmt::format("card: trefi_ns {} leaves no time beside trfc_ns {}",
                                t.trefi / 1000, t.trfc / 1000));
  }
  return t;
}

}  // namespace

CardSpec ParseCardSpec(const json& metadata) {
  CardSpec spec;
  const auto card = Get<json>(metadata, "card");
  spec.image = Get<std::string>(metadata, "image");
  spec.card = Get<std::string>(card, "name");
  spec.kernel = Get<std::string>(Get<json>(metadata, "kernel"), "top");
  const auto clock_mhz = Get<double>(metadata, "clock_mhz");
  if (!(clock_mhz >= 1 && clock_mhz <= 2000)) {
    throw CardError(fmt::format("card: \"clock_mhz\" is {} (1 to 2000)", clock_mhz));
  }
  spec.clock_khz = static_cast<std::uint64_t>(std::llround(clock_mhz * 1000));
  std::map<std::string, unsigned> timing_index;
  const auto timings = Get<json>(card, "timings");
  for (const auto& [name, timing] : timings.items()) {
    timing_index[name] = static_cast<unsigned>(spec.timings.size());
    spec.timings.push_back(ParseTiming(timing));
  }
  const auto memories = Get<json>(card, "memories");
  for (const json& group : memories) {
    const auto timing = Get<std::string>(group, "timing");
    if (!timing_index.contains(timing)) throw CardError("card: no timing \"" + timing + "\"");
    const unsigned count = Count(group, "banks", 64);
    for (unsigned i = 0; i < count; ++i) {
      spec.banks.push_back({fmt::format("{}[{}]", Get<std::string>(group, "tag"), i),
                            Address(group, "base") + i * Address(group, "stride"),
                            Address(group, "bytes"), timing_index[timing]});
    }
  }
  const auto connectivity = Get<json>(metadata, "connectivity");
  for (const auto& [bundle, bank] : connectivity.items()) {
    if (!bank.is_number_unsigned() || bank.get<std::size_t>() >= spec.banks.size()) {
      throw CardError(fmt::format("card: {} is connected to bank {} of {}", bundle, bank.dump(),
                                  spec.banks.size()));
    }
    spec.bank_of_bundle[bundle] = bank.get<unsigned>();
  }
  return spec;
}

}  // namespace narrowgate::sim
