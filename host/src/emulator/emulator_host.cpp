// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The simulated card's surroundings: the library ng_emulation does the work.
#include <signal.h>

#include <fstream>
#include <narrowgate_sim/emulation.hpp>
#include <narrowgate_xclbin/xclbin.hpp>
#include <string>

#include "core/card_host.hpp"
#include "core/throw.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

/// Whether a process has been stopped by a signal: state T in /proc/<pid>/stat, after the name in
/// parentheses.
bool is_stopped(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && name_end + 2 < text.size() && text[name_end + 2] == 'T';
}

class EmulatorHost : public CardHost {
 public:
  EmulatorHost(const CardImage& image, unsigned index) : index_(index) {
    try {
      sim::EmulationOptions options;
      options.cards = index + 1;
      emulation_.Prepare(xclbin::ReadImage(image.path), options);
    } catch (const std::exception& error) {
      throw NoRuntimeError("the emulator cannot be set up: " + one_line(error.what()));
    }
  }

  void load(const std::function<void()>& load_image) override {
    sim::LoadScope scope(emulation_);
    load_image();
    scope.Finish();
  }

  std::string death() const override {
    const sim::CardStatus status = emulation_.Status(index_);
    if (status.alive) return {};
    return status.reason.empty() ? "its simulator has ended" : status.reason;
  }

  void terminate() noexcept override {
    try {
      const sim::CardStatus status = emulation_.Status(index_);
      if (!status.loaded) return;
      if (status.alive) kill(status.simulator, SIGKILL);
      // The supervisor then answers XRT in the dead card's place, unless it is stopped itself.
      if (status.supervisor > 0 && is_stopped(status.supervisor)) {
        kill(status.supervisor, SIGKILL);
      }
    } catch (const std::exception&) {
      // Without its state there is nothing to end.
    }
  }

  bool simulated() const override { return true; }

 private:
  sim::Emulation& emulation_ = sim::Emulation::Instance();
  const unsigned index_;
};

}  // namespace

std::unique_ptr<CardHost> make_emulator_host(const CardImage& image, unsigned index) {
  return std::make_unique<EmulatorHost>(image, index);
}

bool emulator_built_in() { return true; }

}  // namespace narrowgate::internal
