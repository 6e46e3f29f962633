// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/descriptor.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "fake_kernel.hpp"

namespace narrowgate::testing {
namespace {

using internal::CardPlaces;
using internal::KernelCall;

// Each field has a value of its own, so that none can stand in another's place.
TEST(Descriptor, SaysEveryFieldWhereverTheDataAre) {
  constexpr std::size_t kBeat = 64;
  const CardPlaces arguments{0x4000'0000, 0x40, 0xFFFF'FFFF'0000, 0x7'0000'0000};
  KernelCall call;
  call.places = {0x1'4000'0000, 0, 0xFFFF'FFFF'0040, 0x6'FFFF'FFC0};  // on either side
  call.records = 0xFFFF'FFFF'4000;
  std::uint32_t value = 100;
  for (std::uint32_t* field :
       {&call.m_tiles, &call.n_tiles, &call.k, &call.a_format, &call.b_format, &call.block,
        &call.blocks, &call.sum_exponent, &call.mode, &call.scale, &call.out_zero, &call.clamp_lo,
        &call.clamp_hi, &call.out_format, &call.activation, &call.n, &call.order}) {
    *field = ++value;
  }
  std::vector<std::uint8_t> bytes(internal::kDescriptorBytes + 1, 0xAB);
  internal::write_descriptor(call, arguments, kBeat, bytes);
  EXPECT_EQ(bytes.back(), 0xAB);
  EXPECT_EQ(internal::kDescriptorBytes, kFakeDescriptorBytes);
  const KernelCall read = read_descriptor(bytes, arguments, kBeat);
  EXPECT_EQ(read.places.a, call.places.a);
  EXPECT_EQ(read.places.b, call.places.b);
  EXPECT_EQ(read.places.v, call.places.v);
  EXPECT_EQ(read.places.c, call.places.c);
  EXPECT_EQ(read.m_tiles, 101U);
  EXPECT_EQ(read.n_tiles, 102U);
  EXPECT_EQ(read.k, 103U);
  EXPECT_EQ(read.a_format, 104U);
  EXPECT_EQ(read.b_format, 105U);
  EXPECT_EQ(read.block, 106U);
  EXPECT_EQ(read.blocks, 107U);
  EXPECT_EQ(read.sum_exponent, 108U);
  EXPECT_EQ(read.mode, 109U);
  EXPECT_EQ(read.scale, 110U);
  EXPECT_EQ(read.out_zero, 111U);
  EXPECT_EQ(read.clamp_lo, 112U);
  EXPECT_EQ(read.clamp_hi, 113U);
  EXPECT_EQ(read.out_format, 114U);
  EXPECT_EQ(read.activation, 115U);
  EXPECT_EQ(read.n, 116U);
  EXPECT_EQ(read.order, 117U);
  EXPECT_EQ(read.records, call.records);
}

}  // namespace
}  // namespace narrowgate::testing
