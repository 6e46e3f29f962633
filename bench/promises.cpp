// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "results.hpp"

namespace bench {
namespace {

/// Whether a step of 8-bit elements is a whole beat.
bool fills_beats(const narrowgate::DeviceInfo& device) {
  return 8 * device.tile_cols == device.port_bits;
}

/// The lowest utilisation of a cube's rows, over all pairs of formats; and which row has it.
void promise_utilisation(const ImageResults& image, std::size_t size, double target,
                         std::vector<Promise>& out) {
  const Product* worst = nullptr;
  int rows = 0;
  for (const Product& p : image.products) {
    if (!p.problem.is_cube(size)) continue;
    ++rows;
    if (worst == nullptr || p.report.utilisation() < worst->report.utilisation()) worst = &p;
  }
  if (worst == nullptr) return;
  // Where a step of bytes fills a beat, a block's beat of scales delays its elements: MX blocks of
  // 4-bit elements, 16 beats each, reach 16/17 at most. A miss is shown there, not an error.
  out.push_back({image.device.image + ": least of the peak, " + std::to_string(rows) + " rows; " +
                     worst->problem.name(),
                 target, 100 * worst->report.utilisation(), "%", false,
                 !fills_beats(image.device)});
}

/// Groups of small products, and one row of A.
void promise_rows(const ImageResults& image, std::vector<Promise>& out) {
  const std::string prefix = image.device.image + ": ";
  for (const Product& p : image.products) {
    const auto calls = static_cast<double>(p.problem.calls);
    if (p.problem.calls == 16) {
      out.push_back({prefix + p.problem.name() + ", of the peak", 60, 100 * p.report.utilisation(),
                     "%", false, true});
    } else if (p.problem.calls > 16) {
      out.push_back({prefix + p.problem.name() + ", the host's own time a call", 20,
                     1e6 * p.host_cpu_s / calls, "us", true, false});
    }
    if (p.problem.m != 1 || p.problem.k < 4096 || !fills_beats(image.device)) continue;
    // A DDR4-2400 channel gives 19.2 GB/s at most: one beat of 64 bytes a cycle of 300 MHz.
    for (const narrowgate::PortCounters& port : p.report.ports) {
      if (port.name != "gmem_b") continue;
      out.push_back(
          {prefix + p.problem.name() + ", of the channel's bandwidth", 90,
           100.0 * static_cast<double>(port.beats_read) / static_cast<double>(p.report.cycles), "%",
           false, true});
    }
  }
}

}  // namespace

std::vector<Promise> promises_of(const Results& results) {
  std::vector<Promise> out;
  for (const ImageResults& image : results.images) {
    promise_utilisation(image, 1024, 95, out);
    promise_utilisation(image, 256, 85, out);
  }
  for (const ImageResults& image : results.images) promise_rows(image, out);
  for (const ImageResults& image : results.images) {
    out.push_back({image.device.image + ": opening the device and loading the image", 1,
                   image.open_s, "s", true, false});
  }
  for (const Product& p : results.pinned) {
    if (!p.problem.is_cube(1024)) continue;
    const bool int8 = p.problem.a == narrowgate::Format::kInt8 && p.problem.a == p.problem.b;
    out.push_back({p.problem.name() + " through XRT on one core, million MAC/s",
                   int8 ? 1000.0 : 300.0, p.macs_per_s() / 1e6, "", false, false});
  }
  for (const Packing& p : results.packing) {
    const std::string lanes = ", " + std::to_string(p.lanes) + " lanes, of memcpy's bandwidth";
    out.push_back({"packing an INT8 A" + lanes, 60, 100 * p.of_memcpy(p.a), "%", false, false});
    out.push_back({"packing an INT8 B" + lanes, 60, 100 * p.of_memcpy(p.b), "%", false, false});
  }
  return out;
}

}  // namespace bench
