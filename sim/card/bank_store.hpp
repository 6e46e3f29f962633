// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The card's memory: every bank at its full size, sparse, shared between the supervisor (which
// copies for the host) and the simulator (which reads and writes for the kernel). Pages cost memory
// once they are touched.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "axi_port.hpp"
#include "card_spec.hpp"

namespace narrowgate::sim {

class BankStore {
 public:
  /// Throws CardError if the address space cannot be had.
  explicit BankStore(const std::vector<BankSpec>& banks);
  ~BankStore();
  BankStore(const BankStore&) = delete;
  BankStore& operator=(const BankStore&) = delete;

  const std::vector<BankMemory>& banks() const { return banks_; }

  /// The memory behind [address, address + size), or null unless it lies in one bank.
  std::uint8_t* At(std::uint64_t address, std::uint64_t size) const;

  /// Remembers a buffer; Free gives its pages back to the system (they read 0 afterwards).
  void Allocate(std::uint64_t address, std::uint64_t size) { buffers_[address] = size; }
  void Free(std::uint64_t address);

 private:
  std::vector<BankMemory> banks_;
  std::map<std::uint64_t, std::uint64_t> buffers_;
};

}  // namespace narrowgate::sim
