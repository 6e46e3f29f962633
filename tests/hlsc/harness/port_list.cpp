// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "port_list.hpp"

#include <regex>
#include <stdexcept>

namespace cosim {

std::vector<PortDeclaration> ParsePorts(const std::string& verilog, const std::string& module) {
  std::smatch match;
  const std::regex header("(^|\n)module\\s+" + module + "\\s*(#\\s*\\([^;]*?\\)\\s*)?\\(");
  if (!std::regex_search(verilog, match, header)) {
    throw std::runtime_error("no module '" + module + "' in the RTL");
  }
  const std::size_t begin = static_cast<std::size_t>(match.position() + match.length());
  const std::string ports = verilog.substr(begin, verilog.find(");", begin) - begin);
  static const std::regex port(
      "\\b(input|output)\\s+(?:wire|logic|reg)?\\s*(?:\\[\\s*(\\d+)\\s*:\\s*0\\s*\\])?\\s*(\\w+)");
  std::vector<PortDeclaration> list;
  for (std::sregex_iterator it(ports.begin(), ports.end(), port), end; it != end; ++it) {
    const std::string msb = (*it)[2];
    list.push_back({(*it)[3], (*it)[1] == "input", msb.empty() ? 1 : std::stoi(msb) + 1});
  }
  return list;
}

}  // namespace cosim
