// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "command.hpp"
#include "failure.hpp"

namespace narrowgate::cli {
namespace {

/// One line on standard error, whatever the text was.
int complain(std::string text, int code) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  std::fprintf(stderr, "narrowgate: %s\n", text.c_str());
  return code;
}

int act(const Action& action) {
  try {
    return action();
  } catch (const InputError& error) {
    return complain(error.what(), kExitBadInput);
  } catch (const Error& error) {
    return complain(error.what(), exit_code(error.code()));
  } catch (const std::bad_alloc&) {
    return complain("out of memory", kExitFailure);
  } catch (const std::exception& error) {
    return complain(error.what(), kExitFailure);
  }
}

}  // namespace

int run(int argc, const char* const* argv) {
  CLI::App app("Exact reduced-precision matrix products on FPGA cards, real or simulated.");
  app.name("narrowgate");
  app.set_version_flag("--version", std::string("narrowgate " NG_VERSION));
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  narrowgate doctor                                   is everything in place?\n"
      "  narrowgate matmul A.npy B.npy -o C.npy --verify     C = A·B on the simulated card\n"
      "  narrowgate bench --m 512 --n 512 --k 512 --json     cycles and utilisation\n"
      "Each subcommand has its own -h.\n"
      "Exit codes: 0 done, 1 a device failed or a result is wrong, 2 bad input.");
  Action action;
  add_matmul(app, action);
  add_bench(app, action);
  add_quantize(app, action);
  add_inspect(app, action);
  add_formats(app, action);
  add_devices(app, action);
  add_info(app, action);
  add_predict(app, action);
  add_doctor(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion& asked) {
    fmt::print("{}\n", asked.what());
    return kExitOk;
  } catch (const CLI::Success& asked) {  // -h
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    const std::vector<std::string> unknown = app.remaining();
    if (app.get_subcommands().empty() && !unknown.empty()) {
      return complain(fmt::format("there is no subcommand '{}' (-h lists them)", unknown.front()),
                      kExitBadInput);
    }
    return complain(fmt::format("{} (-h shows how)", error.what()), kExitBadInput);
  }
  const int code = act(action);
  if (std::fflush(stdout) != 0) return complain("standard output cannot be written", kExitFailure);
  return code;
}

}  // namespace narrowgate::cli
