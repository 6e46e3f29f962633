// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Random matrices and problems from a seed: full-range data, awkward shapes and strides, every
// epilogue. Every failure message carries the line that reproduces it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "narrowgate/narrowgate.hpp"

namespace narrowgate::testing {

using Rng = std::mt19937_64;

/// A uniform integer in lo…hi.
std::int64_t uniform(Rng& rng, std::int64_t lo, std::int64_t hi);

enum class Order { kRowMajor, kColMajor, kStrided, kNegative, kNibbles };

/// A matrix with the memory that it and its scales live in.
struct OwnedMatrix {
  std::vector<std::uint8_t> memory;
  std::vector<std::uint8_t> scale_codes;
  std::vector<float> scale_numbers;
  std::vector<std::uint8_t> zeros;
  MatrixView view;

  /// Element (r, c), read as the header of MatrixView says: a value, or a floating-point code.
  int at(std::size_t r, std::size_t c) const;
  /// The scale of a block of a lane, and its zero-point: 1 and 0 where the format has none.
  double scale(std::size_t lane, std::size_t block) const;
  int zero(std::size_t lane, std::size_t block) const;
};

/// Full-range values, the extremes more often than by chance. kNibbles needs a 4-bit format.
OwnedMatrix random_matrix(Rng& rng, Format format, std::size_t rows, std::size_t cols, Order order);
/// Gives a matrix the scales that its format has: of all sizes, or near 1, or extreme.
void add_random_scales(Rng& rng, OwnedMatrix& matrix, Side side, std::size_t block);
Order random_order(Rng& rng, Format format);

/// An epilogue of each kind: 0 int32, 1…3 requantisation by rounding, 4 float32; and one more,
/// which only the kernel itself does: activations and all other outputs of FP32 results.
inline constexpr int kEpilogueKinds = 5;
inline constexpr int kOutputsKind = kEpilogueKinds;
Epilogue random_epilogue(Rng& rng, int kind, const Problem& problem);

/// Whether operands of these formats can have blocks of the same length.
bool can_share_blocks(Format a, Format b);

/// A problem with operands of the given shape and formats. Formats that make FP32 only get that
/// epilogue whatever the kind.
struct RandomCall {
  Problem problem;
  OwnedMatrix a;
  OwnedMatrix b;
  std::string line;  ///< describes it, for failure messages
};
RandomCall random_call(std::uint64_t seed, Format a, Format b, int epilogue_kind, std::size_t m,
                       std::size_t n, std::size_t k);
/// The same with a random shape: 1, primes, around the tile's edges.
RandomCall random_call(std::uint64_t seed, Format a, Format b, int epilogue_kind,
                       std::size_t largest = 70);

/// A result in memory that is larger than it: what lies around it must stay as it was.
class GuardedOutput {
 public:
  GuardedOutput(Rng& rng, OutputFormat format, std::size_t rows, std::size_t cols, Order order);
  const OutputView& view() const { return view_; }
  /// The elements, row by row, as raw bits.
  std::vector<std::uint32_t> bits() const;
  /// Whether all memory outside the elements is untouched.
  bool surroundings_untouched() const;

 private:
  std::vector<std::uint8_t> memory_;
  std::vector<bool> inside_;
  std::vector<std::uint8_t> scales_;  // of MX formats
  OutputView view_;
};

/// A layer whose result stays on the device as the next one's A, the second result's bits; and the
/// same with the first result fetched and packed again.
struct TwoLayers {
  std::vector<std::uint32_t> kept;
  std::vector<std::uint32_t> fetched;
};
TwoLayers two_layers(const Device& device, OutputFormat between, std::uint64_t seed);

/// C on the given device, row by row, as raw bits. Reports a touched surrounding as a failure.
std::vector<std::uint32_t> result_bits(const Device& device, const RandomCall& call,
                                       std::uint64_t seed);

}  // namespace narrowgate::testing
