// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "proc.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace narrowgate::sim {
namespace {

namespace fs = std::filesystem;

// Names of the numeric entries of a /proc folder.
std::vector<int> Numbers(const char* folder) {
  std::vector<int> numbers;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    numbers.push_back(std::atoi(it->path().filename().c_str()));
  }
  return numbers;
}

}  // namespace

std::optional<BlockedCall> BlockedIn(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/syscall");
  BlockedCall call;
  if (!(file >> call.number) || call.number < 0) return std::nullopt;  // "running", "-1 …"
  std::string word;
  for (std::uint64_t& arg : call.args) {
    if (!(file >> word)) return std::nullopt;
    arg = std::strtoull(word.c_str(), nullptr, 16);
  }
  return call;
}

std::vector<pid_t> Threads() {
  const std::vector<int> numbers = Numbers("/proc/self/task");
  return {numbers.begin(), numbers.end()};
}

bool SleepsFor(pid_t thread, long seconds) {
  const std::optional<BlockedCall> call = BlockedIn(thread);
  if (!call || call->number != SYS_clock_nanosleep) return false;
  // The request lies on the thread's stack, which may be gone by now: let the kernel do the
  // reading.
  timespec request{};
  iovec local{&request, sizeof request};
  iovec remote{reinterpret_cast<void*>(call->args[2]), sizeof request};
  if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != static_cast<ssize_t>(sizeof request))
    return false;
  return call->args[1] == 0 && request.tv_sec >= seconds;
}

std::optional<std::uint64_t> BytesAwaited(int fd) {
  for (const pid_t thread : Threads()) {
    const std::optional<BlockedCall> call = BlockedIn(thread);
    if (call && call->number == SYS_read && call->args[0] == static_cast<std::uint64_t>(fd))
      return call->args[2];
  }
  return std::nullopt;
}

std::vector<BoundSocket> SocketsBoundIn(const std::string& folder) {
  std::vector<BoundSocket> sockets;
  for (const int fd : Numbers("/proc/self/fd")) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) continue;
    if (address.sun_family != AF_UNIX || size <= sizeof address.sun_family) continue;
    const std::string path = address.sun_path;
    if (path.compare(0, folder.size() + 1, folder + "/") != 0) continue;
    ucred peer{};
    socklen_t peer_size = sizeof peer;
    int listening = 0;
    socklen_t listening_size = sizeof listening;
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_size);
    if (listening != 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0) continue;
    sockets.push_back({fd, path, peer.pid});
  }
  return sockets;
}

bool ProcessRuns(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  const std::size_t name_end = text.rfind(')');  // the name may hold anything
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] != 'Z' &&
         text[name_end + 2] != 'X';
}

}  // namespace narrowgate::sim
