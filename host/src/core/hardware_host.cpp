// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/card_host.hpp"

namespace narrowgate::internal {
namespace {

namespace fs = std::filesystem;

class HardwareHost : public CardHost {
 public:
  void load(const std::function<void()>& load_image) override { load_image(); }
  std::string death() const override { return {}; }
  void terminate() noexcept override {}
  bool simulated() const override { return false; }
};

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

std::unique_ptr<CardHost> make_hardware_host() { return std::make_unique<HardwareHost>(); }

std::vector<PciCard> list_pci_cards() {
  std::vector<PciCard> cards;
  std::error_code ignored;
  // xocl is the driver of a card's user function. Its folder links to each device by its address.
  for (const auto& entry : fs::directory_iterator("/sys/bus/pci/drivers/xocl", ignored)) {
    const std::string bdf = entry.path().filename().string();
    if (bdf.find(':') == std::string::npos || !fs::exists(entry.path() / "vendor", ignored)) {
      continue;
    }
    std::string name;
    for (const auto& child : fs::directory_iterator(entry.path(), ignored)) {
      const fs::path vbnv = child.path() / "VBNV";
      if (name.empty() && fs::exists(vbnv, ignored)) name = first_line(vbnv);
    }
    cards.push_back({bdf, name});
  }
  std::sort(cards.begin(), cards.end(),
            [](const PciCard& a, const PciCard& b) { return a.bdf < b.bdf; });
  return cards;
}

}  // namespace narrowgate::internal
