// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "generator.hpp"

#include <vector>

#include "random_process.hpp"

namespace fuzz {
namespace {

Stream MakeStream(Dice& dice, const std::string& name, int mask = 0) {
  return {name, dice.Width(), dice.Percent(50), mask};
}

struct Generated {
  std::string source;
  std::string arguments;
  std::string stimulus;
};

std::string Argument(const Stream& s) {
  return "hls::stream<" + TypeName(s.width, s.is_signed) + ">& " + s.name;
}

// One process that does anything.
Generated SingleProcess(Dice& dice, const std::string& top) {
  std::vector<Stream> inputs, outputs;
  const int in = dice.Between(1, 3), out = dice.Between(1, 2);
  for (int i = 0; i < in; ++i) inputs.push_back(MakeStream(dice, "a" + std::to_string(i)));
  for (int i = 0; i < out; ++i) outputs.push_back(MakeStream(dice, "y" + std::to_string(i)));
  Process process(dice, top, inputs, outputs, false);
  Generated generated{process.Source(), "", ""};
  for (const Stream& s : inputs) {
    generated.arguments += s.name + ", ";
    generated.stimulus +=
        "run.Stream(\"" + s.name + "\", " + std::to_string(process.max_reads()) + ");\n";
  }
  for (const Stream& s : outputs) generated.arguments += s.name + ", ";
  return generated;
}

// A chain of two or three processes, sometimes with a stream from the first to the last.
Generated Dataflow(Dice& dice, const std::string& top) {
  const int stages = dice.Between(2, 3);
  std::vector<Stream> links = {MakeStream(dice, "a0")};
  for (int s = 1; s < stages; ++s) {
    links.push_back(MakeStream(dice, "f" + std::to_string(s), dice.Percent(30) ? 3 : 0));
  }
  links.push_back(MakeStream(dice, "y0"));
  const bool bypass = stages == 3 && dice.Percent(60);
  const Stream around = MakeStream(dice, "bypass", dice.Percent(50) ? 1 : 0);
  Generated generated;
  std::string calls, streams;
  for (int s = 0; s < stages; ++s) {
    const std::string name = top + "_stage" + std::to_string(s);
    std::vector<Stream> in = {links[static_cast<std::size_t>(s)]};
    std::vector<Stream> out = {links[static_cast<std::size_t>(s) + 1]};
    if (bypass && s == 0) out.push_back(around);
    if (bypass && s == 2) in.push_back(around);
    calls += "  " + name + "(";
    for (const Stream& x : in) calls += x.name + ", ";
    for (const Stream& x : out) calls += x.name + ", ";
    calls += "n, k);\n";
    if (s > 0) {
      const Stream& link = in.front();
      streams += "  hls::stream<" + TypeName(link.width, link.is_signed) + "> " + link.name + ";\n";
      if (dice.Percent(40)) {
        streams += "#pragma HLS STREAM variable = " + link.name +
                   " depth = " + std::to_string(1 << dice.Between(1, 5)) + "\n";
      }
    }
    generated.source += Process(dice, name, in, out, true).Source() + "\n";
  }
  if (bypass) {
    streams += "  hls::stream<" + TypeName(around.width, around.is_signed) +
               "> bypass;\n"
               "#pragma HLS STREAM variable = bypass depth = 32\n";
  }
  generated.source +=
      "void " + top + "(" + Argument(links.front()) + ", " + Argument(links.back()) +
      ", ap_uint<5> n, ap_int<14> k) {\n#pragma HLS DATAFLOW\n" + streams + calls + "}\n";
  generated.arguments = "a0, y0, ";
  generated.stimulus = "run.Stream(\"a0\", 24);\n";
  return generated;
}

}  // namespace

std::string GenerateKernel(uint64_t seed) {
  Dice dice(seed * 0x9E3779B97F4A7C15ull + 1);
  const std::string top = "fuzz_" + std::to_string(seed);
  const Generated g = dice.Percent(22) ? Dataflow(dice, top) : SingleProcess(dice, top);
  return "// Copyright Narrowgate contributors\n// SPDX-License-Identifier: Apache-2.0\n"
         "// Random kernel of seed " +
         std::to_string(seed) +
         ".\n// hlsc: --clock 50\n#include <ap_int.h>\n#include <hls_stream.h>\n\n" + g.source +
         "\n#ifndef __HLSC__\n#include \"kernel.hpp\"\n\nCOSIM_KERNEL(" + top + ", " + g.arguments +
         "n, k) {\nrun.Scalar(\"n\", run.Pick(0, 24));\nrun.RandomScalar(\"k\");\n" + g.stimulus +
         "}\n#endif  // __HLSC__\n";
}

}  // namespace fuzz
