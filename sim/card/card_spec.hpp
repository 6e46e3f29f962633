// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What card.json (an image's metadata) says about the memory system.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace narrowgate::sim {

using Picoseconds = std::int64_t;

/// Bad card description; what() is one line.
class CardError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Timing of one memory channel. Names follow JEDEC; an atom is what one burst of the device moves.
struct DramTiming {
  unsigned atom_bytes = 64;
  Picoseconds atom = 0;  ///< time of an atom on the data bus
  unsigned bank_groups = 4;
  unsigned banks_per_group = 4;
  unsigned row_bytes = 8192;
  Picoseconds cl = 0, cwl = 0, trcd = 0, trp = 0, tras = 0, trtp = 0, twr = 0;
  Picoseconds tccd_l = 0;  ///< between atoms of one bank group
  Picoseconds twtr = 0;    ///< end of write data to read command
  Picoseconds trtw = 0;    ///< end of read data to start of write data
  Picoseconds trefi = 0, trfc = 0;
  Picoseconds read_overhead = 0;   ///< path outside the device, there and back
  Picoseconds write_overhead = 0;  ///< end of write data to the response
  unsigned read_outstanding = 32;  ///< bursts accepted per port
  unsigned write_outstanding = 32;
  unsigned direction_batch = 32;    ///< atoms in one direction while the other waits
  unsigned reorder_window = 1;      ///< bursts of one direction to choose from; 1: strictly in turn
  unsigned reorder_age_limit = 64;  ///< times that a waiting burst may be passed over
  bool reorder_in_group = true;     ///< bursts that share a bank group may overtake each other
  bool reorder_ids = false;         ///< responses of different IDs may overtake each other
  Picoseconds jitter = 0;           ///< uniform 0 … jitter on each read burst, from a fixed seed
};

struct BankSpec {
  std::string tag;
  std::uint64_t base = 0;
  std::uint64_t bytes = 0;
  unsigned timing = 0;  ///< index into CardSpec::timings
};

struct CardSpec {
  std::string image;
  std::string card;
  std::string kernel;
  std::uint64_t clock_khz = 0;
  std::vector<DramTiming> timings;
  std::vector<BankSpec> banks;
  std::map<std::string, unsigned> bank_of_bundle;

  double PeriodPs() const { return 1e9 / static_cast<double>(clock_khz); }
};

/// Throws CardError with the field that is missing or out of range.
CardSpec ParseCardSpec(const nlohmann::json& metadata);

}  // namespace narrowgate::sim
