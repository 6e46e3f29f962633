// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#ifndef HLSC_COMPILER_H_
#define HLSC_COMPILER_H_

#include <string>
#include <vector>

namespace hlsc {

struct CompilerOptions {
  std::string source, top, output_dir;
  double clock_mhz = 300;
  std::vector<std::string> includes, defines, black_boxes;
  std::string rtl_dir;  // the leaf modules
  std::string dependency_file;
  std::string multipliers = "dsp";  // or "fabric"
  bool keep_ir = false;             // write <top>.ll beside the result, for people who debug hlsc
  bool quiet = false;
};

// Writes <output_dir>/<top>.sv and <top>.json; throws Refusal.
void Compile(const CompilerOptions& options);

}  // namespace hlsc

#endif  // HLSC_COMPILER_H_
