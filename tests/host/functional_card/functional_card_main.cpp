// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// functional_card CARD.json: stands where the Verilated kernel stands in an image, and computes
// what it computes with the function of fake_kernel.hpp. With it the whole way through the stock
// XRT (native and OpenCL) is tested in milliseconds, with misbehaviour on demand, whatever the
// state of the kernel. Like the real card it is two processes: one that answers XRT, and one that
// can die without XRT noticing (here it does nothing else). The image's name says how the card
// behaves: *_hang never ends a run,
// *_otherhash is not the kernel that the metadata describe, *_crash dies when it is started,
// *_buserror counts three bus errors in every other run, the first among them.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "bank_store.hpp"
#include "calls.hpp"
#include "card_spec.hpp"
#include "core/card_image.hpp"
#include "fake_kernel.hpp"
#include "host_link.hpp"
#include "socket_io.hpp"

namespace narrowgate::testing {
namespace {

using sim::Call;

constexpr std::uint64_t kControlBase = 0x1800000;  // as in the image's IP_LAYOUT
constexpr std::uint32_t kDeadMagic = 0xDEAD0000;
constexpr auto kSlice =
    std::chrono::milliseconds(2);  // how long a status read of a busy card takes
constexpr std::uint32_t kStart = 1, kDone = 2, kIdle = 4, kReady = 8;

/// Memory that ends a transfer: whatever follows an address in its bank.
constexpr std::uint64_t kWindow = std::uint64_t{1} << 30;

class FunctionalCard {
 public:
  FunctionalCard(int fd, const nlohmann::json& metadata, pid_t simulator)
      : fd_(fd),
        simulator_(simulator),
        image_(internal::parse_card_image(metadata, "card.json")),
        store_(sim::ParseCardSpec(metadata).banks) {}

  /// Serves calls until XRT closes the card; false when XRT is gone.
  bool serve() {
    while (true) {
      std::array<std::uint8_t, sim::kRequestHeaderBytes> bytes;
      if (!sim::ReadFully(fd_, bytes.data(), bytes.size())) return false;
      const auto header = sim::ParseHeader(bytes);
      if (!header) return false;
      message_.resize(header->size);
      if (!sim::ReadFully(fd_, message_.data(), message_.size())) return false;
      if (header->call == Call::kClose) return true;
      const auto request = sim::ParseRequest(header->call, message_);
      if (!request || !answer(*request)) return false;
    }
  }
  void reply_to_close() { reply(Call::kClose); }

 private:
  bool answer(const sim::Request& request) {
    switch (request.call) {
      case Call::kToDevice:
      case Call::kWriteRam:
        std::memcpy(store_.At(request.address, request.payload_size), payload(request),
                    request.payload_size);
        return reply(request.call);
      case Call::kToHost:
      case Call::kReadRam:
        return reply(request.call, store_.At(request.address, request.size), request.size);
      case Call::kWriteControl:
      case Call::kRegisterWrite:
        write_control(request);
        return reply(request.call);
      case Call::kReadControl:
      case Call::kRegisterRead: {
        std::vector<std::uint32_t> words((request.size + 3) / 4);
        for (std::size_t i = 0; i < words.size(); ++i) words[i] = read(offset(request) + 4 * i);
        return reply(request.call, reinterpret_cast<const std::uint8_t*>(words.data()),
                     request.size);
      }
      default:
        return reply(request.call);
    }
  }

  const std::uint8_t* payload(const sim::Request& request) const {
    return message_.data() + request.payload;
  }
  static std::uint32_t offset(const sim::Request& request) {
    return static_cast<std::uint32_t>(request.address - kControlBase);
  }

  void write_control(const sim::Request& request) {
    std::uint32_t control = 0;
    for (std::uint32_t i = 0; i + 4 <= request.payload_size; i += 4) {
      std::uint32_t word = 0;
      std::memcpy(&word, payload(request) + i, 4);
      const std::uint32_t address = offset(request) + i;
      if (address == 0) {
        control = word;
      } else if (address < sizeof(registers_)) {
        registers_[address / 4] = word;
      }
    }
    // The start bit last: XRT may write it in front of the arguments, in one message.
    if ((control & kStart) != 0) start();
  }

  bool dead() {
    if (simulator_ > 0 && waitpid(simulator_, nullptr, WNOHANG) != 0) simulator_ = 0;
    return simulator_ == 0;
  }

  std::uint32_t read(std::uint32_t address) {
    if (address == 0 && running_) std::this_thread::sleep_for(kSlice);
    if (dead()) return address == 0 ? kDone | kIdle : kDeadMagic;
    if (address == 0) {
      const std::uint32_t status = running_ ? 0 : kIdle | done_;
      done_ = 0;
      return status;
    }
    if (address == 0x800) return 0x4E474154;
    if (address == 0x808) return static_cast<std::uint32_t>(hash());
    if (address == 0x80C) return static_cast<std::uint32_t>(hash() >> 32);
    if (address == 0x818) return 1234;  // the counter of cycles
    if (address == 0x830) return is("_buserror") && runs_ % 2 == 1 ? 3 : 0;
    return address < sizeof(registers_) ? registers_[address / 4] : 0;
  }

  std::uint64_t hash() const { return image_.interface_hash ^ (is("_otherhash") ? 1 : 0); }
  bool is(const char* behaviour) const { return image_.name.ends_with(behaviour); }

  void start() {
    running_ = true;
    ++runs_;
    if (is("_hang")) return;
    if (is("_crash")) {
      kill(simulator_, SIGKILL);
      return;
    }
    const internal::CardPlaces arguments{pointer("a"), pointer("b"), pointer("v"), pointer("c")};
    const std::uint32_t first = argument("first"), calls = argument("calls");
    for (std::uint32_t i = first; i < first + calls; ++i) {
      const internal::KernelCall call = read_descriptor(
          memory(pointer("q") + i * kFakeDescriptorBytes), arguments, image_.geometry.beat_bytes());
      run_fake_kernel(image_.geometry, call, memory(call.places.a), memory(call.places.b),
                      memory(call.places.v), memory(call.places.c));
    }
    running_ = false;
    done_ = kDone | kReady;
  }

  std::uint32_t argument(const char* name, unsigned word = 0) const {
    return registers_[image_.argument(name).offset / 4 + word];
  }
  std::uint64_t pointer(const char* name) const {
    return std::uint64_t{argument(name, 1)} << 32 | argument(name);
  }
  std::span<std::uint8_t> memory(std::uint64_t address) const {
    return {store_.At(address, kWindow), kWindow};
  }

  bool reply(Call call) {
    const std::vector<std::uint8_t> message = sim::PlainReply(call);
    const auto header = sim::MakeReplyHeader(message.size());
    return sim::WriteFully(fd_, header.data(), header.size()) &&
           sim::WriteFully(fd_, message.data(), message.size());
  }
  bool reply(Call call, const std::uint8_t* data, std::uint64_t size) {
    const std::vector<std::uint8_t> head = sim::DataReplyHead(call, size);
    const auto header = sim::MakeReplyHeader(head.size() + size);
    return sim::WriteFully(fd_, header.data(), header.size()) &&
           sim::WriteFully(fd_, head.data(), head.size()) && sim::WriteFully(fd_, data, size);
  }

  const int fd_;
  pid_t simulator_;
  const internal::CardImage image_;
  sim::BankStore store_;
  std::vector<std::uint8_t> message_;
  std::uint32_t registers_[512] = {};
  bool running_ = false;
  int runs_ = 0;
  std::uint32_t done_ = 0;
};

/// The process that only lives.
pid_t start_simulator() {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (true) pause();
}

void note_processes(const std::string& socket_id, pid_t simulator) {
  const char* session = std::getenv("NARROWGATE_SESSION");
  if (session == nullptr) return;
  std::ofstream(std::string(session) + "/" + socket_id + ".processes")
      << getpid() << ' ' << simulator << '\n';
}

int run(const char* card_file) {
  const sim::HostLink host;
  const nlohmann::json metadata = nlohmann::json::parse(std::ifstream(card_file));
  const pid_t simulator = start_simulator();
  note_processes(host.socket_id(), simulator);
  const int fd = host.Connect(std::chrono::seconds(60));
  if (fd < 0) return 1;
  host.DeclineDeviceTraffic();
  FunctionalCard card(fd, metadata, simulator);
  const bool closed = card.serve();
  kill(simulator, SIGKILL);
  if (!closed) return 1;
  if (const char* session = std::getenv("NARROWGATE_SESSION")) {
    std::filesystem::remove(std::string(session) + "/" + host.socket_id() + ".processes");
  }
  card.reply_to_close();
  return 0;
}

}  // namespace
}  // namespace narrowgate::testing

int main(int argc, char** argv) {
  close_range(3, ~0U, 0);
  signal(SIGPIPE, SIG_IGN);
  return argc == 2 ? narrowgate::testing::run(argv[1]) : 2;
}
