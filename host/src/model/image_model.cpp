// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "model/image_model.hpp"

#include <algorithm>

#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

using nlohmann::json;

// mac_array.v on packed DSPs, beyond the other array: a window, and stages of their own; for wide
// products, which all results wait for, so many more.
constexpr double kWindowLatency = 37;
constexpr double kWideLatency = 4;

/// The timing of bank `index`; banks are counted through the card's memories.
const json& timing_of(const json& card, int index) {
  int first = 0;
  for (const json& memory : card.at("memories")) {
    first += memory.at("banks").get<int>();
    if (index < first) return card.at("timings").at(memory.at("timing").get<std::string>());
  }
  throw BadImageError("a port is connected to bank " + std::to_string(index) + " of " +
                      std::to_string(first));
}

BankModel bank_of(const json& metadata, const std::string& port, double clock_mhz) {
  BankModel bank;
  bank.index = metadata.at("connectivity").at(port).get<int>();
  const json& timing = timing_of(metadata.at("card"), bank.index);
  const auto ns = [&](const char* field) { return timing.at(field).get<double>(); };
  const auto cycles = [&](double time_ns) { return time_ns * clock_mhz / 1000; };
  const double beat_bytes = metadata.at("geometry").at("port_bits").get<double>() / 8;
  const double atom_bytes = timing.at("atom_bytes").get<double>();
  const double ns_per_beat = beat_bytes / atom_bytes * ns("atom_ns");
  bank.cycles_per_beat = std::max(1.0, cycles(ns_per_beat));
  bank.open_latency = cycles(ns("read_overhead_ns") + ns("cl_ns") + ns("atom_ns"));
  bank.read_latency = bank.open_latency + cycles(ns("trcd_ns"));
  bank.write_overhead = cycles(ns("write_overhead_ns"));
  bank.refresh_interval = cycles(ns("trefi_ns"));
  // All rows are closed before it, and one is opened after it.
  bank.refresh_cycles = cycles(ns("trp_ns") + ns("trfc_ns") + ns("trcd_ns") + ns("cl_ns"));
  bank.batch_beats = ns("direction_batch") * atom_bytes / beat_bytes;
  bank.turnaround = cycles(ns("trtw_ns") + ns("twtr_ns") + ns("cl_ns"));
  bank.reopening = cycles(2 * (ns("trp_ns") + ns("trcd_ns")) + ns("cl_ns"));
  bank.bytes_per_second = atom_bytes / ns("atom_ns") * 1e9 * (1 - ns("trfc_ns") / ns("trefi_ns"));
  return bank;
}

}  // namespace

ImageModel ImageModel::of(const json& metadata, const std::filesystem::path& path,
                          double clock_mhz) {
  ImageModel model;
  model.image = parse_card_image(metadata, path);
  model.clock_mhz = clock_mhz > 0 ? clock_mhz : model.image.clock_mhz;
  try {
    const json& kernel = metadata.at("kernel");
    if (macro_of(kernel, "NG_DSP_ARRAY", 0) != 0) {
      model.window_words = 16;
      model.window_latency = kWindowLatency;
      if (macro_of(kernel, "NG_WIDE_PRODUCTS", 0) != 0) model.window_latency += kWideLatency;
    }
    model.block_cycles = macro_of(kernel, "NG_LANE_GROUPS", model.block_cycles);
    model.a = bank_of(metadata, "gmem_a", model.clock_mhz);
    model.b = bank_of(metadata, "gmem_b", model.clock_mhz);
    model.v = bank_of(metadata, "gmem_v", model.clock_mhz);
    model.c = bank_of(metadata, "gmem_c", model.clock_mhz);
    for (const json& process : kernel.at("processes")) {
      const std::string name = process.at("name").get<std::string>();
      const json loops = process.value("loops", json::array());
      model.depth[name] = loops.empty() ? 0 : loops.back().at("depth").get<int>();
    }
  } catch (const json::exception& error) {
    throw BadImageError(path.string() +
                        ": its metadata do not tell what a prediction needs: " + error.what());
  }
  return model;
}

}  // namespace narrowgate::internal
