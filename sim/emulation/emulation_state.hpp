// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "guarded_card.hpp"
#include "narrowgate_sim/emulation.hpp"

namespace narrowgate::sim {

struct Emulation::State {
  std::mutex mutex;       // everything below
  std::mutex load_mutex;  // held by a LoadScope
  std::filesystem::path directory;
  pid_t owner = 0;
  unsigned cards = 0;
  EmulationOptions options;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::unique_ptr<GuardedCard>> guards;

  /// Puts under guard whatever XRT has connected and is not yet guarded.
  void GuardNewCards();
};

}  // namespace narrowgate::sim
