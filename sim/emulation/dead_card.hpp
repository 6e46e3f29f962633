// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Answers XRT in the place of a card whose supervisor is gone.
#pragma once

#include <cstdint>
#include <stop_token>

namespace narrowgate::sim {

/// Serves the other end of XRT's descriptor `xrt_fd` until XRT closes it or `stop` is requested.
/// Every call is answered with a reply that parses: AP_CTRL reads done and idle, all else
/// 0xDEAD0000, transfers do nothing.
///
/// XRT may have been amid a call when the supervisor died. So whenever the socket is quiet while a
/// thread of this process waits for bytes on it, it gets as many: a reply that any call takes,
/// which also serves as the rest of one that broke off.
void ServeDeadCard(int socket, int xrt_fd, const std::stop_token& stop);

}  // namespace narrowgate::sim
