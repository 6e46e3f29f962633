// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Draws a kernel's dataflow graph from the JSON that hlsc wrote: processes, streams with width and
// depth, memory ports. Output is Graphviz.
//
//   draw_kernel gemm.json > gemm.dot
#include <fmt/core.h>

#include <exception>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace {

using nlohmann::json;

std::string ProcessNode(const json& process) {
  const std::string name = process.at("name");
  const bool black_box = process.at("kind") == "blackbox";
  std::string label = name;
  int depth = 0;
  for (const json& loop : process.value("loops", json::array())) {
    depth = std::max(depth, loop.value("depth", 0));
  }
  if (depth > 0) label += fmt::format("\\n{} stages", depth);
  if (black_box) label += "\\nRTL";
  return fmt::format(
      "  \"{}\" [shape=box, style=\"rounded,filled\", fillcolor=\"{}\", label=\"{}\"];\n", name,
      black_box ? "#ffe3b3" : "#dcebff", label);
}

// A process with more outputs than this tells the others what to do; its streams carry no data.
constexpr int kMostOutputs = 8;

std::string ControlEdge(const json& stream) {
  return fmt::format("  \"{}\" -> \"{}\" [color=\"#c8c8c8\", arrowsize=0.5, constraint=false];\n",
                     stream.at("from").get<std::string>(), stream.at("to").get<std::string>());
}

std::string StreamEdge(const json& stream) {
  return fmt::format("  \"{}\" -> \"{}\" [label=\"{} × {}\"];\n",
                     stream.at("from").get<std::string>(), stream.at("to").get<std::string>(),
                     stream.at("width").get<int>(), stream.at("depth").get<int>());
}

std::string PortEdges(const json& port) {
  const std::string bundle = port.at("bundle");
  std::string text = fmt::format(
      "  \"{0}\" [shape=cylinder, style=filled, fillcolor=\"#e2f3dc\", label=\"{0}\\n{1} "
      "bits\"];\n",
      bundle, port.at("data_width").get<int>());
  if (port.contains("reader")) {
    text += fmt::format("  \"{}\" -> \"{}\";\n", bundle, port.at("reader").get<std::string>());
  }
  if (port.contains("writer")) {
    text += fmt::format("  \"{}\" -> \"{}\";\n", port.at("writer").get<std::string>(), bundle);
  }
  return text;
}

std::string Draw(const json& kernel) {
  std::string text = fmt::format(
      "digraph \"{}\" {{\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n"
      "  edge [fontname=\"sans-serif\", fontsize=9];\n",
      kernel.at("top").get<std::string>());
  for (const json& process : kernel.at("processes")) text += ProcessNode(process);
  for (const json& port : kernel.at("ports").at("m_axi")) text += PortEdges(port);
  std::map<std::string, int> outputs;
  for (const json& stream : kernel.at("streams")) ++outputs[stream.at("from")];
  for (const json& stream : kernel.at("streams")) {
    text += outputs[stream.at("from")] > kMostOutputs ? ControlEdge(stream) : StreamEdge(stream);
  }
  return text + "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: draw_kernel KERNEL.json > KERNEL.dot\n");
    return 2;
  }
  try {
    std::ifstream file(argv[1]);
    if (!file) throw std::runtime_error(fmt::format("cannot open {}", argv[1]));
    fmt::print("{}", Draw(json::parse(file)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "draw_kernel: {}\n", error.what());
    return 2;
  }
  return 0;
}
