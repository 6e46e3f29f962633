// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The files that XRT reads before it shows a simulated card.
#pragma once

#include <filesystem>
#include <string>

namespace narrowgate::sim {

/// emconfig.json for `cards` cards of this platform.
std::string EmconfigJson(const std::string& platform, unsigned cards);

/// xrt.ini with the settings that docs/simulated-card.md explains.
std::string XrtIni(std::size_t packet_bytes);

/// The folder that holds libxrt_hwemu: `wanted` if not empty, else where distributions put it.
/// Throws EmulationError if there is none.
std::filesystem::path FindXrtLibraries(const std::filesystem::path& wanted);

}  // namespace narrowgate::sim
