// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What /proc tells about this process's threads and descriptors, and about other processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace narrowgate::sim {

/// The system call in which a thread of this process is blocked. Nothing if it runs (or /proc does
/// not say).
struct BlockedCall {
  long number = -1;
  std::uint64_t args[3] = {};
};
std::optional<BlockedCall> BlockedIn(pid_t thread);

std::vector<pid_t> Threads();

/// Whether the thread sits in a clock_nanosleep of at least `seconds`.
bool SleepsFor(pid_t thread, long seconds);

/// How many bytes a thread that is blocked reading descriptor `fd` waits for. Nothing if there is
/// none.
std::optional<std::uint64_t> BytesAwaited(int fd);

/// A connected Unix stream socket of this process whose own address lies in `folder`.
struct BoundSocket {
  int fd = -1;
  std::string path;
  pid_t peer = 0;
};
std::vector<BoundSocket> SocketsBoundIn(const std::string& folder);

/// Neither gone nor a zombie.
bool ProcessRuns(pid_t process);

}  // namespace narrowgate::sim
