// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "dut.hpp"

#include <stdexcept>

namespace cosim {

Dut::Dut(const Design& design, int seed) : model_(design.make(seed)) {
  for (const Port& port : design.ports(*model_)) ports_.emplace(port.name, port);
}

const Port& Dut::Find(const std::string& name) const {
  const auto found = ports_.find(name);
  if (found == ports_.end()) throw std::runtime_error("the RTL has no port '" + name + "'");
  return found->second;
}

uint64_t Pin::Get64() const {
  if (port_.width <= 8) return *static_cast<const uint8_t*>(port_.data);
  if (port_.width <= 16) return *static_cast<const uint16_t*>(port_.data);
  if (port_.width <= 32) return *static_cast<const uint32_t*>(port_.data);
  if (port_.width <= 64) return *static_cast<const uint64_t*>(port_.data);
  const uint32_t* words = static_cast<const uint32_t*>(port_.data);
  return words[0] | static_cast<uint64_t>(words[1]) << 32;
}

Bits Pin::Get() const {
  if (port_.width <= 64) return Bits(port_.width, Get64());
  Bits value(port_.width);
  for (std::size_t i = 0; i < value.words(); ++i) {
    value.SetWord(i, static_cast<const uint32_t*>(port_.data)[i]);
  }
  return value;
}

void Pin::Set(const Bits& value) const {
  Bits cut(port_.width);
  for (std::size_t i = 0; i < cut.words(); ++i) cut.SetWord(i, value.Word(i));
  if (port_.width <= 8) {
    *static_cast<uint8_t*>(port_.data) = static_cast<uint8_t>(cut.Word(0));
  } else if (port_.width <= 16) {
    *static_cast<uint16_t*>(port_.data) = static_cast<uint16_t>(cut.Word(0));
  } else if (port_.width <= 32) {
    *static_cast<uint32_t*>(port_.data) = cut.Word(0);
  } else if (port_.width <= 64) {
    *static_cast<uint64_t*>(port_.data) = cut.Low64();
  } else {
    for (std::size_t i = 0; i < cut.words(); ++i) {
      static_cast<uint32_t*>(port_.data)[i] = cut.Word(i);
    }
  }
}

}  // namespace cosim
