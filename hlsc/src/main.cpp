// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// hlsc: compiles a kernel in HLS C++ to SystemVerilog. Exit code 2 when it refuses.
#include <CLI/CLI.hpp>
#include <iostream>

#include "compiler.h"
#include "diagnostics.h"

int main(int argc, char** argv) {
  CLI::App app{"hlsc: compiles a kernel in HLS C++ to SystemVerilog"};
  hlsc::CompilerOptions options;
  options.rtl_dir = HLSC_RTL_DIR;
  app.add_option("source", options.source, "C++ source of the kernel")->required();
  app.add_option("--top", options.top, "name of the top function")->required();
  app.add_option("-o,--output", options.output_dir, "folder for <top>.sv and <top>.json")
      ->required();
  app.add_option("--clock", options.clock_mhz, "target clock in MHz")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  app.add_option("-I,--include", options.includes, "include folder")->allow_extra_args(false);
  app.add_option("-D,--define", options.defines, "macro, NAME or NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--blackbox", options.black_boxes, "RTL black box (Vitis HLS JSON)")
      ->allow_extra_args(false);
  app.add_option("--rtl-dir", options.rtl_dir, "folder of the leaf modules")->capture_default_str();
  app.add_option("--multipliers", options.multipliers, "what makes products: dsp or fabric (LUTs)")
      ->check(CLI::IsMember({"dsp", "fabric"}))
      ->capture_default_str();
  app.add_option("--depfile", options.dependency_file, "write make dependencies here");
  app.add_flag("--keep-ir", options.keep_ir, "also write each process's intermediate code");
  app.add_flag("-q,--quiet", options.quiet, "print nothing on success");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    hlsc::Compile(options);
  } catch (const hlsc::Refusal& refusal) {
    std::cerr << refusal.what() << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "hlsc: error: " << error.what() << "\n";
    return 2;
  }
  return 0;
}
