// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// All that one run measures, what was promised of it, and how both are shown and kept.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cpu/cpu.hpp"
#include "measure.hpp"

namespace bench {

/// Of one image.
struct ImageResults {
  narrowgate::DeviceInfo device;
  double open_s = 0;
  std::vector<Product> products;
};

struct Results {
  std::vector<Packing> packing;
  std::vector<ImageResults> images;
  std::vector<Product> pinned;  ///< host and simulator together on one core
  std::vector<cpu::Row> cpu;    ///< on that core
  bool equal() const;           ///< every row to the reference
};

/// One promise.
struct Promise {
  std::string what;
  double target;
  double measured;
  const char* unit;
  bool at_most;  ///< else at least
  bool exact;    ///< the same on every machine, so a miss is an error
  bool met() const { return at_most ? measured <= target : measured >= target; }
};

/// Those that the rows of this run decide.
std::vector<Promise> promises_of(const Results& results);

nlohmann::json to_json(const Results& results, const std::vector<Promise>& promises);

void print_header();
void print(const Product& product);
void print(const Packing& packing);
void print(const std::vector<cpu::Row>& rows);
void print(const std::vector<Promise>& promises);
void print_published();

}  // namespace bench
