// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fake_card.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/card_engine.hpp"
#include "fake_kernel.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::testing {
namespace {

using internal::CardBuffer;
using internal::CardImage;
using internal::CardPlaces;
using internal::KernelCall;
using internal::KernelRun;

constexpr std::size_t kPage = 4096;

/// The mirror and the card's own memory are apart, so that a forgotten transfer shows.
class FakeBuffer : public CardBuffer {
 public:
  FakeBuffer(std::shared_ptr<FakeState> state, std::size_t bytes)
      : card((bytes + kPage - 1) / kPage * kPage, 0xEE), state_(std::move(state)) {
    mirror_.assign(card.size(), 0xDD);
    // Buffers lie apart in no order, so that distances between them are of either sign.
    static std::atomic<std::uint64_t> count{0};
    const std::uint64_t number = ++count;
    address_ = (number % 2 != 0 ? 2 * kFar * number : (std::uint64_t{1} << 62) - 2 * kFar * number);
    state_->memory.add(address_, card);
    ++state_->buffers;
    ++state_->allocations;
  }
  ~FakeBuffer() override {
    state_->memory.remove(address_);
    --state_->buffers;
  }

  std::span<std::uint8_t> host() override { return mirror_; }
  std::uint64_t address() override { return address_; }
  void upload(std::size_t offset, std::size_t bytes) override {
    check();
    std::memcpy(&card.at(offset), &mirror_.at(offset), bytes);
  }
  void download(std::size_t offset, std::size_t bytes) override {
    check();
    std::memcpy(&mirror_.at(offset), &card.at(offset), bytes);
  }

  std::vector<std::uint8_t> card;

 private:
  void check() const {
    if (state_->fail_transfer) throw DeviceError("the fake card's DMA engine has failed");
    while (state_->stuck && !state_->terminated) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  static constexpr std::uint64_t kFar = std::uint64_t{1} << 33;  // more than a buffer is long
  std::shared_ptr<FakeState> state_;
  std::vector<std::uint8_t> mirror_;
  std::uint64_t address_ = 0;
};

class FakeCard : public internal::Card {
 public:
  FakeCard(std::shared_ptr<FakeState> state, const nlohmann::json& metadata)
      : state_(std::move(state)), image_(internal::parse_card_image(metadata, "fake.xclbin")) {
    info_.selector = "fake";
    info_.backend = "fake";
    internal::describe_image(image_, info_);
  }
  ~FakeCard() override { state_->closed = true; }

  const CardImage& image() const override { return image_; }
  const DeviceInfo& info() const override { return info_; }

  std::unique_ptr<CardBuffer> allocate(std::string_view argument, std::size_t bytes) override {
    if (!image_.argument(argument).pointer) throw DeviceError("not a pointer argument");
    return std::make_unique<FakeBuffer>(state_, bytes);
  }

  void start(const KernelRun& run) override {
    ++state_->runs;
    end_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(state_->run_ms);
    if (state_->hang || state_->crawl) return;
    const CardPlaces arguments{run.a->address(), run.b->address(), run.v->address(),
                               run.c->address()};
    const std::size_t beat = image_.geometry.beat_bytes();
    for (std::uint32_t i = 0; i < run.calls; ++i) {
      const auto descriptor =
          state_->memory.from(run.v->address() + (run.first + i) * kFakeDescriptorBytes);
      const KernelCall call = read_descriptor(descriptor, arguments, beat);
      state_->kernel(image_.geometry, call, state_->memory.from(call.places.a),
                     state_->memory.from(call.places.b), state_->memory.from(call.places.v),
                     state_->memory.from(call.places.c));
    }
  }

  bool finished(std::chrono::milliseconds patience) override {
    if (state_->dead_magic || state_->terminated) return true;
    const bool endless = state_->hang || state_->crawl;
    const auto now = std::chrono::steady_clock::now();
    if (endless || end_ - now > patience) {
      std::this_thread::sleep_for(patience);
      ++beats_;
      return false;
    }
    std::this_thread::sleep_until(end_);
    return true;
  }

  bool has_registers() const override { return true; }
  std::uint32_t read_register(std::uint32_t offset) override {
    const std::uint64_t hash = state_->hash;
    switch (offset) {
      case 0x800:
        return state_->dead_magic ? 0xDEAD0000 : 0x4E474154;
      case 0x808:
        return static_cast<std::uint32_t>(hash);
      case 0x80C:
        return static_cast<std::uint32_t>(hash >> 32);
      default:
        break;
    }
    // Counter i reads 1000·i + 7, high word i + 1, or 0 of a short run; the beats move while the
    // card crawls. Those of bus errors read 0 unless the test says otherwise.
    const std::uint32_t index = (offset - 0x818) / 8;
    if (image_.counters[index].name.ends_with(".bus_errors")) {
      const std::uint64_t errors =
          image_.counters[index].name == "gmem_c.bus_errors" ? state_->bus_errors.load() : 0;
      return static_cast<std::uint32_t>(offset % 8 == 0 ? errors : errors >> 32);
    }
    if (offset % 8 != 0) {
      ++state_->upper_words_read;
      return state_->short_run ? 0 : index + 1;
    }
    return 1000 * index + 7 + (state_->crawl ? beats_ : 0);
  }

  std::string death() const override { return state_->says_dead ? "killed by the test" : ""; }
  void terminate() noexcept override { state_->terminated = true; }
  void close() noexcept override { state_->closed = true; }

 private:
  std::shared_ptr<FakeState> state_;
  const CardImage image_;
  DeviceInfo info_;
  std::chrono::steady_clock::time_point end_;
  std::uint32_t beats_ = 0;
};

}  // namespace

nlohmann::json fake_metadata(unsigned tile_rows, unsigned tile_cols, unsigned port_bits) {
  nlohmann::json args = nlohmann::json::array();
  int id = 0;
  for (const char* name : {"a", "b", "v", "c", "q", "first", "calls"}) {
    args.push_back({{"name", name},
                    {"id", id},
                    {"kind", id < 5 ? "pointer" : "scalar"},
                    {"offset", 0x10 + 12 * id}});
    ++id;
  }
  nlohmann::json names = nlohmann::json::array();
  for (const FormatInfo& format : formats()) {
    if (std::min(tile_rows, tile_cols) * static_cast<unsigned>(format.bits) % 8 == 0) {
      names.push_back(format.name);
    }
  }
  nlohmann::json counters = nlohmann::json::array();
  int offset = 0x818;
  for (const char* name : {"cycles", "read_a.busy", "read_a.stall_in", "read_a.stall_out",
                           "gmem_a.beats_read", "gmem_a.beats_written", "gmem_a.bus_errors",
                           "gmem_c.beats_read", "gmem_c.beats_written", "gmem_c.bus_errors"}) {
    counters.push_back({{"name", name}, {"offset", offset}});
    offset += 8;
  }
  return {
      {"image", "fake"},
      {"kernel",
       {{"top", "gemm"},
        {"clock_mhz", 300.0},
        {"interface_hash", "0x0123456789abcdef"},
        {"args", args},
        {"registers", {{"counters", counters}}}}},
      {"geometry", {{"tile_rows", tile_rows}, {"tile_cols", tile_cols}, {"port_bits", port_bits}}},
      {"formats", names},
      {"card", {{"name", "a card of the tests"}}},
      {"connectivity",
       {{"gmem_a", 0}, {"gmem_b", 1}, {"gmem_v", 1}, {"gmem_c", 0}, {"gmem_q", 1}}}};
}

void FakeMemory::add(std::uint64_t address, std::span<std::uint8_t> bytes) {
  const std::lock_guard lock(mutex_);
  buffers_[address] = bytes;
}

void FakeMemory::remove(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  buffers_.erase(address);
}

std::span<std::uint8_t> FakeMemory::from(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  auto above = buffers_.upper_bound(address);
  if (above == buffers_.begin()) throw DeviceError("the fake kernel leaves its buffers");
  const auto& [begin, bytes] = *--above;
  if (address - begin >= bytes.size()) throw DeviceError("the fake kernel leaves its buffers");
  return bytes.subspan(address - begin);
}

std::unique_ptr<internal::Card> make_fake_card(std::shared_ptr<FakeState> state,
                                               const nlohmann::json& metadata) {
  return std::make_unique<FakeCard>(std::move(state), metadata);
}

Device open_fake(std::shared_ptr<FakeState> state, std::chrono::milliseconds timeout,
                 const nlohmann::json& metadata) {
  return Device(
      std::make_shared<internal::CardEngine>(make_fake_card(std::move(state), metadata), timeout));
}

}  // namespace narrowgate::testing
