// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Whole reads and writes on a stream socket. All return false when the other end is gone.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string>

namespace narrowgate::sim {

bool ReadFully(int fd, void* to, std::size_t size);
bool WriteFully(int fd, std::span<iovec> parts);
bool WriteFully(int fd, const void* from, std::size_t size);

/// Connects to a Unix socket. -1 if nobody listens there.
int ConnectUnix(const std::string& path);

}  // namespace narrowgate::sim
