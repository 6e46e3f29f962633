// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "results.hpp"

namespace bench {
namespace {

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
  out.push_back({image.device.image + ": least of the peak, " + std::to_string(rows) + " rows; " +
                     worst->problem.name(),
                 target, 100 * worst->report.utilisation(), "%", false, true});
}

}  // namespace

std::vector<Promise> promises_of(const Results& results) {
  std::vector<Promise> out;
  for (const ImageResults& image : results.images) {
    promise_utilisation(image, 1024, 95, out);
    promise_utilisation(image, 256, 85, out);
  }
  for (const ImageResults& image : results.images) {
    out.push_back({image.device.image + ": opening the device and loading the image", 1,
                   image.open_s, "s", true, false});
  }
  for (const Product& p : results.pinned) {
    if (!p.problem.is_cube(1024)) continue;
    out.push_back({p.problem.name() + " through XRT on one core, million MAC/s", 1000,
                   p.macs_per_s() / 1e6, "", false, false});
  }
  for (const Packing& p : results.packing) {
    const std::string lanes = ", " + std::to_string(p.lanes) + " lanes, of memcpy's bandwidth";
    out.push_back({"packing an INT8 A" + lanes, 60, 100 * p.of_memcpy(p.a), "%", false, false});
    out.push_back({"packing an INT8 B" + lanes, 60, 100 * p.of_memcpy(p.b), "%", false, false});
  }
  return out;
}

}  // namespace bench
