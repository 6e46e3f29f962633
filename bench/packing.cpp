// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "measure.hpp"
#include "pack/pack.hpp"

namespace bench {
namespace ng = narrowgate;
namespace {

// 16 MiB: larger than a core's own caches, so that memory sets the pace of both.
constexpr std::size_t kSize = 4096;
constexpr std::size_t kBytes = kSize * kSize;
constexpr std::size_t kPage = 4096;  // as cards' buffers begin
constexpr int kRepeats = 15;

using Pages = std::unique_ptr<std::uint8_t, decltype(&std::free)>;

Pages allocate_pages(std::size_t bytes) {
  Pages pages(static_cast<std::uint8_t*>(std::aligned_alloc(kPage, bytes)), &std::free);
  if (pages == nullptr) throw std::bad_alloc();
  std::memset(pages.get(), 0, bytes);  // the first touch is not what is measured
  return pages;
}

}  // namespace

double Packing::bytes_per_s(const Times& times) {
  return static_cast<double>(kBytes) / times.median_s;
}

Packing measure_packing(unsigned lanes) {
  const std::vector<std::uint8_t> matrix = random_integers(ng::Format::kInt8, kBytes, 3);
  const Pages out = allocate_pages(kBytes);
  const auto pack = [&](ng::Side side, bool row_major) {
    const auto make = row_major ? ng::MatrixView::row_major : ng::MatrixView::col_major;
    ng::internal::pack_panels({lanes, lanes, 512}, side,
                              make(matrix.data(), ng::Format::kInt8, kSize, kSize, 0),
                              {out.get(), kBytes});
  };
  const std::vector<std::function<void()>> works = {
      [&] { std::memcpy(out.get(), matrix.data(), kBytes); },
      [&] { pack(ng::Side::kA, true); },
      [&] { pack(ng::Side::kB, true); },
      [&] { pack(ng::Side::kA, false); },
      [&] { pack(ng::Side::kB, false); },
  };
  std::vector<std::vector<double>> seconds(works.size());
  for (const std::function<void()>& warm_up : works) warm_up();
  for (int i = 0; i < kRepeats; ++i) {
    for (std::size_t w = 0; w < works.size(); ++w) seconds[w].push_back(core_seconds_of(works[w]));
  }
  return {lanes,
          times_of(seconds[0]),
          times_of(seconds[1]),
          times_of(seconds[2]),
          times_of(seconds[3]),
          times_of(seconds[4])};
}

}  // namespace bench
