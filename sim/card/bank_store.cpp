// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "bank_store.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace narrowgate::sim {

BankStore::BankStore(const std::vector<BankSpec>& banks) {
  for (const BankSpec& spec : banks) {
    void* data = mmap(nullptr, spec.bytes, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED) {
      throw CardError(fmt::format("card: no address space for {} of {} bytes: {}", spec.tag,
                                  spec.bytes, std::strerror(errno)));
    }
    banks_.push_back({spec.base, spec.bytes, static_cast<std::uint8_t*>(data)});
  }
}

BankStore::~BankStore() {
  for (const BankMemory& bank : banks_) munmap(bank.data, bank.bytes);
}

std::uint8_t* BankStore::At(std::uint64_t address, std::uint64_t size) const {
  for (const BankMemory& bank : banks_) {
    if (address < bank.base || address - bank.base >= bank.bytes) continue;
    const std::uint64_t offset = address - bank.base;
    return size <= bank.bytes - offset ? bank.data + offset : nullptr;
  }
  return nullptr;
}

void BankStore::Free(std::uint64_t address) {
  const auto it = buffers_.find(address);
  if (it == buffers_.end()) return;
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t first = (address + kPage - 1) / kPage * kPage;
  const std::uint64_t last = (address + it->second) / kPage * kPage;
  std::uint8_t* data = last > first ? At(first, last - first) : nullptr;
  if (data) madvise(data, last - first, MADV_REMOVE);
  buffers_.erase(it);
}

}  // namespace narrowgate::sim
