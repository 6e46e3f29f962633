// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How few bytes a product can move between a memory and a smaller one beside the array.
//
// Cut any schedule into phases in which L bytes of A and B are read. In a phase it has at most
// S + L bytes of them, less 4 for each of the s sums that it held when the phase began, and makes
// at most √(a·b·c) products of a elements of A and b of B into c sums (Loomis and Whitney), where
// a·b ≤ ((S + L − 4s) / 2)² / (wa·wb). A sum that a phase works on is held at its end, or is a
// result, or leaves as a partial sum, which costs 8 bytes to write and to read again. With n phases
// and p partial sums that leave for each result, by Cauchy and Schwarz, s̄ being the mean of s,
//
//     (M·N·K)²·wa·wb ≤ n·((1 − 4s̄/S)·((S + L) / 2)² + (4s̄/S)·(L / 2)²)·((1 + p)·M·N + n·s̄)
//
// The bound is the least of n·L + 8·p·M·N that this allows, for the L that makes it largest. Up to
// K of about 1.9·√S it is M·N·K²·wa·wb/S: slabs of one factor that stay, while the other passes.
// Beyond it tends to 4·M·N·K·√(wa·wb/S): sums that stay.
#pragma once

namespace narrowgate::internal {

inline constexpr double kAccumulatorBytes = 4;  ///< of a sum, and of a result

struct TrafficProblem {
  double m, n, k;
  double a_bytes, b_bytes;  ///< of a packed element: wa, wb
  double memory_bytes;      ///< S
};

/// The larger one of |A| + |B| and the bound above, and |C|.
double least_bytes(const TrafficProblem& problem);

}  // namespace narrowgate::internal
