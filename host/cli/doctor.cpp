// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "command.hpp"
#include "failure.hpp"

namespace narrowgate::cli {
namespace {

struct DoctorOptions {
  bool brief = false;
  bool no_run = false;
  bool no_build = false;
  DeviceOptions device;
};

const char* mark(State state) {
  switch (state) {
    case State::kGood:
      return "ok";
    case State::kNote:
      return "note";
    case State::kMissing:
      break;
  }
  return "MISSING";
}

bool any_missing(const Findings& findings) {
  return std::ranges::any_of(findings, [](const Finding& f) { return f.state == State::kMissing; });
}

/// In the brief form a group without defects is one line.
void print_group(const char* title, const Findings& findings, bool brief) {
  const bool all_good =
      std::ranges::all_of(findings, [](const Finding& f) { return f.state == State::kGood; });
  if (brief && all_good) {
    fmt::print("{:<28} ok\n", title);
    return;
  }
  fmt::print("{}\n", title);
  for (const Finding& f : findings) {
    if (brief && f.state == State::kGood) continue;
    fmt::print("  {:<8} {:<24} {}\n", mark(f.state), f.subject, f.detail);
    if (!f.mend.empty()) fmt::print("  {:<8} {:<24} -> {}\n", "", "", f.mend);
  }
}

/// One command for all packages that are missing.
void print_install_command(const Findings& all) {
  std::vector<std::string> packages;
  for (const Finding& f : all) {
    if (f.state != State::kMissing || f.package.empty()) continue;
    if (std::ranges::find(packages, f.package) == packages.end()) packages.push_back(f.package);
  }
  if (!packages.empty()) {
    fmt::print("\nTo install what is missing:\n  sudo apt-get install -y {}\n",
               fmt::join(packages, " "));
  }
}

int examine(const DoctorOptions& options) {
  const Surroundings here = real_surroundings();
  Findings needed;  // without these, nothing runs
  const auto group = [&](const char* title, Findings findings) {
    print_group(title, findings, options.brief);
    std::fflush(stdout);
    needed.insert(needed.end(), findings.begin(), findings.end());
  };
  if (options.device.device != "reference") {
    group("To run", check_runtime(here));
    group("Environment", check_environment(here));
    group("Image", check_image(options.device.image));
  }
  if (!options.no_run) group("Device", check_device(options.device));

  Findings all = needed;
  if (!options.no_build) {
    const Findings tools = check_build_tools(here);
    print_group("To build images and demos", tools, options.brief);
    all.insert(all.end(), tools.begin(), tools.end());
  }
  print_install_command(all);
  if (any_missing(needed)) {
    fmt::print("\nSomething that is needed is missing.\n");
    return kExitFailure;
  }
  if (any_missing(all)) {
    fmt::print("\nMatrices can be multiplied; something that builds need is missing.\n");
    return kExitFailure;
  }
  fmt::print("{}All is well.\n", options.brief ? "" : "\n");
  return kExitOk;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "doctor", "Say what is installed, what is missing, and the command that mends it");
  const auto options = std::make_shared<DoctorOptions>();
  command->add_flag("--brief", options->brief, "one line for each group that is in order");
  command->add_flag("--no-run", options->no_run, "do not open the device");
  command->add_flag("--no-build", options->no_build, "leave out what only builds need");
  options->device.add_to(*command);
  command->footer(
      "Examples:\n"
      "  narrowgate doctor\n"
      "  narrowgate doctor --no-build --device 0\n"
      "Exit codes: 0 all is well, 1 something is missing.");
  command->callback([&action, options] { action = [options] { return examine(*options); }; });
}

}  // namespace narrowgate::cli
