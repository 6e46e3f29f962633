// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// AXI4 rules that both masters must keep, checked on every cycle of the tests.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "random_traffic.hpp"

namespace rtl_test {

// The shape of the master under test.
struct AxiShape {
  int data_bits;
  int max_burst;  // beats, as given to the master
  int outstanding;
  int BeatBytes() const { return data_bits / 8; }
  int BurstBeats() const { return std::min(max_burst, 4096 / BeatBytes()); }
  int SizeCode() const {
    int code = 0;
    while ((1 << code) < BeatBytes()) ++code;
    return code;
  }
};

struct Burst {
  uint64_t address = 0;
  int beats = 0;
};

struct Request {
  uint64_t offset = 0;  // beats
  uint32_t beats = 0;
};

// One request {beats[31:0], offset[63:0]} onto the request port.
template <class Port>
void SetRequest(Port& port, const Request& request) {
  port[0] = static_cast<uint32_t>(request.offset);
  port[1] = static_cast<uint32_t>(request.offset >> 32);
  port[2] = request.beats;
}

// An address channel: payload stable until taken, bursts legal.
class AddressChannelCheck {
 public:
  explicit AddressChannelCheck(const AxiShape& shape) : shape_(shape) {}

  void Cycle(bool valid, bool ready, uint64_t address, int len, int size, int burst) {
    if (waiting_) {
      ASSERT_TRUE(valid) << "valid fell before ready";
      ASSERT_EQ(address, address_) << "address changed before ready";
      ASSERT_EQ(len, len_) << "length changed before ready";
    }
    if (valid) {
      const uint64_t bytes = static_cast<uint64_t>(len + 1) * shape_.BeatBytes();
      ASSERT_EQ(size, shape_.SizeCode());
      ASSERT_EQ(burst, 1) << "not INCR";
      ASSERT_LE(len + 1, shape_.BurstBeats());
      ASSERT_EQ(address % shape_.BeatBytes(), 0u);
      ASSERT_EQ(address / 4096, (address + bytes - 1) / 4096) << "burst crosses 4 KiB";
    }
    waiting_ = valid && !ready;
    address_ = address;
    len_ = len;
  }

 private:
  AxiShape shape_;
  bool waiting_ = false;
  uint64_t address_ = 0;
  int len_ = 0;
};

// A random request within the first 2^20 beats: often short, often at a page's edge, now and then
// empty or long.
inline Request RandomRequest(Random& random, const AxiShape& shape) {
  Request request;
  const uint64_t page = 4096 / shape.BeatBytes();
  request.offset = random.Below(1 << 20);
  if (random.Chance(50)) request.offset = request.offset / page * page + page - random.Below(3);
  switch (random.Below(6)) {
    case 0:
      request.beats = 0;
      break;
    case 1:
      request.beats = 1;
      break;
    case 2:
      request.beats = static_cast<uint32_t>(random.Between(2, 8));
      break;
    case 3:
      request.beats = static_cast<uint32_t>(shape.BurstBeats());
      break;
    default:
      request.beats = static_cast<uint32_t>(random.Between(1, 3 * shape.BurstBeats()));
  }
  return request;
}

}  // namespace rtl_test
