// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The subcommands. Each add_… function declares a subcommand on the application; when the user's
// arguments select it, `action` is set to what there is to do, which returns the exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace narrowgate::cli {

using Action = std::function<int()>;

void add_devices(CLI::App& app, Action& action);
void add_info(CLI::App& app, Action& action);
void add_matmul(CLI::App& app, Action& action);
void add_quantize(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_formats(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_predict(CLI::App& app, Action& action);

/// The whole command: parses, acts, reports errors as one line on standard error; the exit code.
int run(int argc, const char* const* argv);

}  // namespace narrowgate::cli
