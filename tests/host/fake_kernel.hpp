// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel as a function from bytes to bytes (docs/seams.md sections 1 to 5 and 11).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/card.hpp"

namespace narrowgate::testing {

using FakeKernel =
    std::function<void(const internal::Geometry& geometry, const internal::KernelCall& call,
                       std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                       std::span<const std::uint8_t> v, std::span<std::uint8_t> c)>;

void run_fake_kernel(const internal::Geometry& geometry, const internal::KernelCall& call,
                     std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                     std::span<const std::uint8_t> v, std::span<std::uint8_t> c);

}  // namespace narrowgate::testing
