// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The kernel as a function from bytes to bytes (docs/seams.md sections 1 to 5 and 11).
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/descriptor.hpp"
#include "pack/layout.hpp"

namespace narrowgate::testing {

constexpr std::size_t kFakeDescriptorBytes = 128;

/// The call that a descriptor stands for, as section 5 says it.
internal::KernelCall read_descriptor(std::span<const std::uint8_t> bytes,
                                     const internal::CardPlaces& arguments, std::size_t beat_bytes);

using FakeKernel =
    std::function<void(const internal::Geometry& geometry, const internal::KernelCall& call,
                       std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                       std::span<const std::uint8_t> v, std::span<std::uint8_t> c)>;

void run_fake_kernel(const internal::Geometry& geometry, const internal::KernelCall& call,
                     std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                     std::span<const std::uint8_t> v, std::span<std::uint8_t> c);

}  // namespace narrowgate::testing
