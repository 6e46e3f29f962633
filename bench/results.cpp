// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "published.hpp"

namespace bench {
namespace {

using Json = nlohmann::json;

Json to_json(const Times& t) {
  return {{"median", t.median_s}, {"min", t.min_s}, {"max", t.max_s}, {"runs", t.runs}};
}

Json to_json(const Promise& p) {
  return {{"what", p.what},
          {"target", p.target},
          {"measured", p.measured},
          {"unit", p.unit},
          {"at_most", p.at_most},
          {"met", p.met()},
          {"kind", p.exact ? "simulated, exact" : "measured here"}};
}

Json to_json(const Product& p) {
  const narrowgate::Report& r = p.report;
  Json stages = Json::object();
  for (const narrowgate::StageCounters& s : r.stages) {
    stages[s.name] = {{"busy", s.busy}, {"stall_in", s.stall_in}, {"stall_out", s.stall_out}};
  }
  return {{"problem", p.problem.name()},
          {"host_cpu_s", p.host_cpu_s},
          {"transfer_cpu_s", p.transfer_cpu_s},
          {"cycles", r.cycles},
          {"macs_per_cycle", r.macs_per_cycle()},
          {"peak_macs_per_cycle", r.peak_macs_per_cycle},
          {"utilisation", r.utilisation()},
          {"wall_s", to_json(p.wall)},
          {"simulated_macs_per_s", p.macs_per_s()},
          {"bytes_read", r.bytes_read},
          {"bytes_written", r.bytes_written},
          {"equal_to_reference", p.equal_to_reference},
          {"stages", stages}};
}

Json to_json(const Packing& p) {
  return {{"lanes", p.lanes},
          {"memcpy_bytes_per_s", Packing::bytes_per_s(p.copy)},
          {"memcpy_s", to_json(p.copy)},
          {"a_s", to_json(p.a)},
          {"b_s", to_json(p.b)},
          {"a_col_major_s", to_json(p.a_columns)},
          {"b_col_major_s", to_json(p.b_columns)}};
}

Json to_json(const cpu::Row& r) {
  Json json = {{"implementation", r.implementation}, {"problem", r.problem.name()}};
  if (!r.skipped.empty()) {
    json["skipped"] = r.skipped;
    return json;
  }
  json["version"] = r.version;
  json["wall_s"] = to_json(r.wall);
  json["macs_per_s"] = r.macs_per_s();
  json["equal_to_reference"] = r.equal;
  return json;
}

Json published() {
  Json all = Json::array();
  for (const Published& p : kPublished) {
    all.push_back({{"system", p.system},
                   {"formats", p.formats},
                   {"figure", p.figure},
                   {"source", p.source},
                   {"kind", "published"}});
  }
  return all;
}

constexpr double kGigabyte = 1e9;

}  // namespace

bool Results::equal() const {
  const auto same = [](const Product& p) { return p.equal_to_reference; };
  return std::ranges::all_of(pinned, same) &&
         std::ranges::all_of(cpu, [](const cpu::Row& r) { return r.equal; }) &&
         std::ranges::all_of(images, [&](const ImageResults& image) {
           return std::ranges::all_of(image.products, same);
         });
}

Json to_json(const Results& results, const std::vector<Promise>& promises) {
  Json json;
  for (const ImageResults& image : results.images) {
    Json one = {{"image", image.device.image},
                {"card", image.device.card},
                {"clock_mhz", image.device.clock_mhz},
                {"open_s", image.open_s},
                {"products", Json::array()}};
    for (const Product& p : image.products) one["products"].push_back(to_json(p));
    json["images"].push_back(one);
  }
  for (const Packing& p : results.packing) json["packing"].push_back(to_json(p));
  for (const Product& p : results.pinned) json["one_core"].push_back(to_json(p));
  for (const cpu::Row& r : results.cpu) json["cpu"].push_back(to_json(r));
  for (const Promise& p : promises) json["promises"].push_back(to_json(p));
  json["published"] = published();
  return json;
}

void print_header() {
  std::printf("%-40s %10s %9s %9s %19s %8s\n", "problem", "cycles", "of peak", "median",
              "min - max", "MAC/s");
}

void print(const Product& p) {
  std::printf("%-40s %10llu %7.1f %% %7.3f s %7.3f - %7.3f s %6.0f M  %s\n",
              p.problem.name().c_str(), static_cast<unsigned long long>(p.report.cycles),
              100 * p.report.utilisation(), p.wall.median_s, p.wall.min_s, p.wall.max_s,
              p.macs_per_s() / 1e6, p.equal_to_reference ? "equal" : "RESULTS DIFFER");
  std::fflush(stdout);
}

void print(const Packing& p) {
  const auto show = [&](const char* what, const Times& t) {
    std::printf("  %-16s %6.1f GB/s  %5.0f %% of memcpy  (%.1f - %.1f GB/s)\n", what,
                Packing::bytes_per_s(t) / kGigabyte, 100 * p.of_memcpy(t),
                Packing::bytes_per_s({t.max_s}) / kGigabyte,
                Packing::bytes_per_s({t.min_s}) / kGigabyte);
  };
  std::printf("Packing 4096 x 4096 INT8 for %u lanes, one thread\n", p.lanes);
  show("memcpy", p.copy);
  show("A", p.a);
  show("B", p.b);
  show("A, column-major", p.a_columns);
  show("B, column-major", p.b_columns);
}

void print(const std::vector<cpu::Row>& rows) {
  std::printf("\nThis machine's processor, one thread, for scale:\n");
  for (const cpu::Row& r : rows) {
    if (r.problem == rows.front().problem && r.skipped.empty()) {
      std::printf("  %s: %s\n", r.implementation.c_str(), r.version.c_str());
    }
  }
  for (const cpu::Row& r : rows) {
    std::printf("%-28s %-34s ", r.implementation.c_str(), r.problem.name().c_str());
    if (r.skipped.empty()) {
      std::printf("%8.4f s (%.4f - %.4f) %8.0f M MAC/s  %s\n", r.wall.median_s, r.wall.min_s,
                  r.wall.max_s, r.macs_per_s() / 1e6, r.equal ? "equal" : "RESULTS DIFFER");
    } else {
      std::printf("skipped: %s\n", r.skipped.c_str());
    }
  }
}

void print(const std::vector<Promise>& promises) {
  std::printf("\n%-68s %13s %11s  met\n", "promise", "target", "measured");
  for (const Promise& p : promises) {
    std::printf("%-68s %s %8.4g %-2s %8.4g %-2s  %s%s\n", p.what.c_str(), p.at_most ? "<" : ">",
                p.target, p.unit, p.measured, p.unit, p.met() ? "yes" : "NO",
                p.exact ? " (simulated, exact)" : "");
  }
}

void print_published() {
  std::printf("\nPublished by others, not measured here:\n");
  for (const Published& p : kPublished) {
    std::printf("%-28s %-28s %-42s published: %s\n", p.system, p.formats, p.figure, p.source);
  }
}

}  // namespace bench
