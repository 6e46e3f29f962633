// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A small AXI4 memory behind one m_axi bundle, with random latency and back-pressure, that checks
// the master's manners: stable payload, whole incrementing beats, no burst over a 4 KiB boundary
// or outside the regions, WLAST in its place.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "simulation.hpp"

namespace cosim {

class AxiMemory : public Agent {
 public:
  AxiMemory(Simulation& simulation, const std::string& bundle);

  // Memory of one pointer argument: elements of the port's width from `base` on.
  void Place(uint64_t base, const std::vector<Bits>& contents);
  std::vector<Bits> Contents(uint64_t base) const;
  void Clear() { regions_.clear(); }

  int width() const { return rdata_.width(); }
  uint64_t beats_read() const { return beats_read_; }
  uint64_t beats_written() const { return beats_written_; }
  // Beats and responses that were answered with an error, though served all the same.
  uint64_t errors() const { return errors_; }
  bool Quiet() const {
    return reads_.empty() && writes_.empty() && data_.empty() && responses_.empty();
  }

  void Drive() override;
  void Sample() override;

 private:
  struct Burst {
    uint64_t address;
    uint64_t length;  // beats
    uint64_t id;
    uint64_t due;  // cycle of the first beat or of the response
    uint64_t done;
  };
  struct Beat {
    Bits data;
    uint64_t strobe;
    bool last;
  };
  struct Region {
    uint64_t base;
    std::vector<Bits> contents;
  };

  Burst TakeAddress(char channel, const Pin& address, const Pin& length, const Pin& size,
                    const Pin& burst, const std::optional<Pin>& id);
  Bits* At(uint64_t address, const char* what);
  uint64_t Response();
  void SampleReads();
  void SampleWrites();
  void MatchWrites();
  std::string Name(const std::string& signal) const { return "m_axi_" + bundle_ + "_" + signal; }
  std::optional<Pin> Optional(const std::string& signal);

  static constexpr std::size_t kOutstanding = 16;

  Simulation& simulation_;
  std::string bundle_;
  Pin araddr_, arlen_, arsize_, arburst_, arvalid_, arready_, rdata_, rresp_, rlast_, rvalid_,
      rready_;
  Pin awaddr_, awlen_, awsize_, awburst_, awvalid_, awready_, wdata_, wstrb_, wlast_, wvalid_,
      wready_, bresp_, bvalid_, bready_;
  std::optional<Pin> arid_, rid_, awid_, bid_, ruser_, buser_;
  StableCheck stable_ar_, stable_aw_, stable_w_;
  Stall stall_ar_, stall_r_, stall_aw_, stall_w_, stall_b_;
  Random random_;
  std::vector<Region> regions_;
  std::deque<Burst> reads_, writes_, responses_;
  std::deque<Beat> data_;
  bool offering_r_ = false, offering_b_ = false;
  uint64_t response_r_ = 0, response_b_ = 0;  // of what is offered
  uint64_t beats_read_ = 0, beats_written_ = 0, errors_ = 0;
};

}  // namespace cosim
