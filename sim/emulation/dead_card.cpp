// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dead_card.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "calls.hpp"
#include "proc.hpp"
#include "socket_io.hpp"

namespace narrowgate::sim {
namespace {

constexpr int kQuietMs = 10;  // no bytes for so long: whoever reads waits for a reply
constexpr std::uint32_t kDeadWord = 0xDEAD0000;
constexpr std::uint32_t kDoneAndIdle = 6;
constexpr std::uint64_t kControlMask = 0xFFFF;  // control registers lie at 64 KiB boundaries
constexpr std::uint64_t kMaxReply = 1 << 24;
constexpr std::size_t kAnyCallBytes = 8192;  // more than a kernel has registers

class DeadCard {
 public:
  DeadCard(int socket, int xrt_fd) : socket_(socket), xrt_fd_(xrt_fd) {}

  void Serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd wait{socket_, POLLIN, 0};
      if (poll(&wait, 1, kQuietMs) > 0) {
        if (!Receive()) return;
        while (TakeCall()) {
        }
      } else if (!FeedWaitingThread()) {
        return;
      }
    }
  }

 private:
  bool FeedWaitingThread() {
    const std::optional<std::uint64_t> awaited = BytesAwaited(xrt_fd_);
    // Who waits for a reply has sent a request: one that has just come in is answered like any
    // other.
    pollfd look{socket_, POLLIN, 0};
    if (!awaited || poll(&look, 1, 0) > 0) return true;
    received_.clear();  // the rest of a request whose beginning is lost
    const bool header = *awaited == kReplyHeaderBytes;
    const std::vector<std::uint8_t> reply =
        AnyReply(header ? kAnyCallBytes : std::min(*awaited, kMaxReply), kDeadWord | kDoneAndIdle);
    return header ? Send(reply) : WriteFully(socket_, reply.data(), reply.size());
  }

  bool Receive() {
    std::array<std::uint8_t, 65536> bytes;
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    received_.insert(received_.end(), bytes.begin(), bytes.begin() + got);
    return true;
  }

  // Answers the first call in received_ if it is complete.
  bool TakeCall() {
    if (received_.size() < kRequestHeaderBytes) return false;
    const auto header = ParseHeader(std::span(received_).first<kRequestHeaderBytes>());
    if (!header || received_.size() - kRequestHeaderBytes < header->size) return false;
    const auto message = std::span(received_).subspan(kRequestHeaderBytes, header->size);
    Reply(header->call, ParseRequest(header->call, message).value_or(Request{}));
    received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(
                                                               kRequestHeaderBytes + header->size));
    return true;
  }

  void Reply(Call call, const Request& request) {
    if (!RepliesWithData(call)) {
      Send(PlainReply(call));
      return;
    }
    const std::uint64_t size = std::min(request.size, kMaxReply);
    std::vector<std::uint8_t> reply = DataReplyHead(call, size);
    const bool control = call == Call::kReadControl || call == Call::kRegisterRead;
    const bool status = control && (request.address & kControlMask) == 0;
    Append(reply, size, kDeadWord, status ? kDoneAndIdle : kDeadWord);
    Send(reply);
  }

  static void Append(std::vector<std::uint8_t>& to, std::uint64_t size, std::uint32_t word,
                     std::uint32_t first) {
    const std::size_t start = to.size();
    to.resize(start + size);
    for (std::uint64_t i = 0; i < size; i += 4) {
      const std::uint32_t value = i == 0 ? first : word;
      std::memcpy(to.data() + start + i, &value, std::min<std::uint64_t>(4, size - i));
    }
  }

  bool Send(const std::vector<std::uint8_t>& message) {
    std::array<std::uint8_t, kReplyHeaderBytes> header = MakeReplyHeader(message.size());
    iovec parts[2] = {{header.data(), header.size()},
                      {const_cast<std::uint8_t*>(message.data()), message.size()}};
    return WriteFully(socket_, parts);
  }

  const int socket_;
  const int xrt_fd_;
  std::vector<std::uint8_t> received_;
};

}  // namespace

void ServeDeadCard(int socket, int xrt_fd, const std::stop_token& stop) {
  DeadCard(socket, xrt_fd).Serve(stop);
}

}  // namespace narrowgate::sim
