// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// sim/protocol against Protocol Buffers: what either writes, the other reads.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
#include <random>

#include "calls.hpp"
#include "hw_emu.pb.h"

namespace narrowgate::sim {
namespace {

template <typename Message>
std::vector<std::uint8_t> Serialize(const Message& message) {
  const std::string text = message.SerializeAsString();
  return {text.begin(), text.end()};
}

std::string RandomBytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Numbers of every length.
std::uint64_t RandomNumber(std::mt19937_64& random) { return random() >> (random() % 64); }

template <typename Reply>
void ExpectParses(const std::vector<std::uint8_t>& bytes) {
  Reply reply;
  EXPECT_TRUE(reply.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      << reply.GetTypeName();
}

TEST(Wire, HeadersHaveTheirFixedSizes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t size = RandomNumber(random);
    const auto call = static_cast<std::uint32_t>(random());
    hw_emu::RequestHeader request;
    request.set_size(size);
    request.set_call(call);
    const std::vector<std::uint8_t> bytes = Serialize(request);
    ASSERT_EQ(bytes.size(), kRequestHeaderBytes);
    const auto parsed = ParseHeader(std::span<const std::uint8_t, kRequestHeaderBytes>(bytes));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->size, size);
    EXPECT_EQ(static_cast<std::uint32_t>(parsed->call), call);
    const auto made = MakeRequestHeader(*parsed);
    EXPECT_TRUE(std::equal(made.begin(), made.end(), bytes.begin()));
    hw_emu::ReplyHeader reply;
    reply.set_size(size);
    const auto reply_bytes = MakeReplyHeader(size);
    EXPECT_EQ(Serialize(reply), std::vector<std::uint8_t>(reply_bytes.begin(), reply_bytes.end()));
  }
}

TEST(Wire, ReadsTransfersToTheDevice) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    hw_emu::ToDeviceCall call;
    const std::string data = RandomBytes(random, random() % 5000);
    call.set_handle(RandomBytes(random, random() % 30));
    call.set_dest(RandomNumber(random) / 2);
    call.set_src(data);
    call.set_size(data.size());
    call.set_seek(RandomNumber(random) / 2);
    call.set_space(static_cast<std::uint32_t>(random()));
    const std::vector<std::uint8_t> bytes = Serialize(call);
    const auto request = ParseRequest(Call::kToDevice, bytes);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->address, call.dest() + call.seek());
    EXPECT_EQ(request->size, data.size());
    ASSERT_EQ(request->payload_size, data.size());
    EXPECT_EQ(std::memcmp(bytes.data() + request->payload, data.data(), data.size()), 0);
  }
}

TEST(Wire, RefusesATransferBeyondTheAddressSpace) {
  hw_emu::ToHostCall call;
  call.set_handle("");
  call.set_dest("");
  call.set_src(~0ull - 4);
  call.set_size(1);
  call.set_skip(4);
  EXPECT_TRUE(ParseRequest(Call::kToHost, Serialize(call)));
  call.set_skip(5);
  EXPECT_FALSE(ParseRequest(Call::kToHost, Serialize(call)));
}

TEST(Wire, ReadsTheOtherCalls) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t address = RandomNumber(random);
    const auto size = static_cast<std::uint32_t>(RandomNumber(random));
    hw_emu::ToHostCall to_host;
    to_host.set_handle("");
    to_host.set_dest(RandomBytes(random, 100));
    to_host.set_src(address / 2);
    to_host.set_size(size);
    to_host.set_skip(RandomNumber(random) / 2);
    auto request = ParseRequest(Call::kToHost, Serialize(to_host));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->address, to_host.src() + to_host.skip());
    EXPECT_EQ(request->size, size);
    hw_emu::ReadCall read;
    read.set_address(address);
    read.set_size(size);
    request = ParseRequest(Call::kReadControl, Serialize(read));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->address, address);
    EXPECT_EQ(request->size, size);
    hw_emu::WriteCall write;
    write.set_address(address);
    write.set_size(8);
    write.set_data("abcdefgh");
    const std::vector<std::uint8_t> bytes = Serialize(write);
    request = ParseRequest(Call::kWriteControl, bytes);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->payload_size, 8u);
    EXPECT_EQ(std::memcmp(bytes.data() + request->payload, "abcdefgh", 8), 0);
    hw_emu::AllocateCall allocate;
    allocate.set_address(address);
    allocate.set_size(size);
    request = ParseRequest(Call::kAllocate, Serialize(allocate));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->address, address);
    EXPECT_EQ(request->size, size);
  }
}

TEST(Wire, PlainRepliesHaveEveryRequiredField) {
  ExpectParses<hw_emu::CloseReply>(PlainReply(Call::kClose));
  ExpectParses<hw_emu::AllocateReply>(PlainReply(Call::kAllocate));
  ExpectParses<hw_emu::FreeReply>(PlainReply(Call::kFree));
  ExpectParses<hw_emu::ToDeviceReply>(PlainReply(Call::kToDevice));
  ExpectParses<hw_emu::WriteReply>(PlainReply(Call::kWriteControl));
  ExpectParses<hw_emu::WriteReply>(PlainReply(Call::kWriteRam));
  ExpectParses<hw_emu::WriteReply>(PlainReply(Call::kRegisterWrite));
  ExpectParses<hw_emu::CountersReply>(PlainReply(Call::kReadCounters));
  ExpectParses<hw_emu::TimeStampReply>(PlainReply(Call::kTimeStamp));
  ExpectParses<hw_emu::DebugReply>(PlainReply(Call::kDebugMessages));
  ExpectParses<hw_emu::EnvironmentReply>(PlainReply(Call::kSetEnvironment));
  for (const Call call : {Call::kDebugMessages, Call::kReadTrace, Call::kBusStatus, Call::kClose}) {
    EXPECT_GE(PlainReply(call).size(), 4u);
  }
  hw_emu::DebugReply debug;
  const std::vector<std::uint8_t> bytes = PlainReply(Call::kDebugMessages);
  debug.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  EXPECT_TRUE(debug.display().empty() && debug.log().empty() && debug.stop().empty());
}

TEST(Wire, DataRepliesCarryTheirBytes) {
  std::mt19937_64 random(4);
  for (const std::size_t size : {0u, 1u, 4u, 127u, 128u, 100000u}) {
    const std::string data = RandomBytes(random, size);
    std::vector<std::uint8_t> bytes = DataReplyHead(Call::kToHost, size);
    bytes.insert(bytes.end(), data.begin(), data.end());
    hw_emu::ToHostReply to_host;
    ASSERT_TRUE(to_host.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    EXPECT_EQ(to_host.size(), size);
    EXPECT_EQ(to_host.dest(), data);
    bytes = DataReplyHead(Call::kReadControl, size);
    bytes.insert(bytes.end(), data.begin(), data.end());
    hw_emu::ReadReply read;
    ASSERT_TRUE(read.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
    EXPECT_TRUE(read.valid());
    EXPECT_EQ(read.data(), data);
  }
}

TEST(Wire, OneReplyParsesAsAnyCallsReply) {
  // What a dead card sends when it cannot know the call.
  std::vector<std::size_t> sizes(300);
  std::iota(sizes.begin(), sizes.end(), 4);
  sizes.insert(sizes.end(), {16386, 16387, 16388, 16389, 16390, 16391, 2097160, 2097156, 2097157,
                             2097158, 2097159});
  for (const std::size_t size : sizes) {
    const std::vector<std::uint8_t> bytes = AnyReply(size, 0xDEAD0006);
    ASSERT_EQ(bytes.size(), size);
    ExpectParses<hw_emu::CloseReply>(bytes);
    ExpectParses<hw_emu::AllocateReply>(bytes);
    ExpectParses<hw_emu::ToDeviceReply>(bytes);
    ExpectParses<hw_emu::ToHostReply>(bytes);
    ExpectParses<hw_emu::ReadReply>(bytes);
    ExpectParses<hw_emu::CountersReply>(bytes);
    ExpectParses<hw_emu::TimeStampReply>(bytes);
    ExpectParses<hw_emu::DebugReply>(bytes);
    ExpectParses<hw_emu::EnvironmentReply>(bytes);
  }
}

TEST(Wire, RefusesMalformedMessagesWithoutReadingBeyondThem) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = RandomBytes(random, random() % 40);
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    WireReader reader(bytes);
    while (const auto field = reader.Next()) {
      if (field->type == WireType::kBytes) {
        ASSERT_LE(field->payload + field->value, bytes.size());
      }
    }
  }
  const std::vector<std::uint8_t> cut = {0x22, 0x05, 'a', 'b'};  // five bytes announced, two there
  WireReader reader(cut);
  EXPECT_FALSE(reader.Next());
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace narrowgate::sim
