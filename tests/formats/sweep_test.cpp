// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Every FP32 bit pattern, or a stride of them, to every element: by one code at a time and by the
// vectorised loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "reference.hpp"

namespace narrowgate::testing {
namespace {

constexpr std::uint64_t kPatterns = std::uint64_t{1} << 32;

struct Mismatches {
  std::size_t count = 0;
  std::string first;
  void note(const char* how, float x, bool saturate, unsigned got, unsigned wanted) {
    if (count++ == 0) {
      char text[120];
      std::snprintf(text, sizeof text, "%s of %08x, saturate %d: %02x, wanted %02x", how,
                    std::bit_cast<std::uint32_t>(x), saturate, got, wanted);
      first = text;
    }
  }
};

/// Patterns 0, stride, 2·stride, … in batches that the quantiser takes as one row.
Mismatches sweep(Format format, std::uint64_t stride, bool each) {
  const ReferenceEncoder reference(*reference_element(format));
  Mismatches wrong;
  constexpr std::size_t kBatch = 1 << 16;
  std::vector<float> row;
  const auto flush = [&] {
    for (const bool saturate : {true, false}) {
      QuantizeOptions options;
      options.span = ScaleSpan::kNone;
      options.saturate = saturate;
      const QuantizedMatrix q =
          quantize(FloatView::row_major(row.data(), 1, row.size()), Side::kA, {format, 0}, options);
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::uint8_t wanted = reference.encode(row[i], saturate);
        if (q.codes[i] != wanted) wrong.note("quantize", row[i], saturate, q.codes[i], wanted);
        if (!each) continue;
        const std::uint8_t one = encode(format, row[i], saturate);
        if (one != wanted) wrong.note("encode", row[i], saturate, one, wanted);
      }
    }
    row.clear();
  };
  for (std::uint64_t bits = 0; bits < kPatterns; bits += stride) {
    row.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    if (row.size() == kBatch) flush();
  }
  if (!row.empty()) flush();
  return wrong;
}

TEST(Sweep, AStrideOfAllFp32ToEveryElement) {
  constexpr std::uint64_t kStride = 4093;  // prime, so that the low bits take all values
  for (const FormatInfo& format : formats()) {
    if (format.has_scales() || !format.is_float) continue;
    const Mismatches wrong = sweep(format.format, kStride, true);
    EXPECT_EQ(wrong.count, 0U) << format.name << ": " << wrong.first;
  }
}

TEST(Sweep, EveryFp32ToE2m1) {
  const Mismatches wrong = sweep(Format::kE2m1, 1, false);
  EXPECT_EQ(wrong.count, 0U) << wrong.first;
}

TEST(Sweep, EveryFp32ToE4m3) {
  const Mismatches wrong = sweep(Format::kE4m3, 1, false);
  EXPECT_EQ(wrong.count, 0U) << wrong.first;
}

}  // namespace
}  // namespace narrowgate::testing
