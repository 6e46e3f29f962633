// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "axi_memory.hpp"

#include <sstream>

namespace cosim {
namespace {

std::string Hex(uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

int Log2(int value) {
  int bits = 0;
  while ((1 << bits) < value) ++bits;
  return bits;
}

}  // namespace

AxiMemory::AxiMemory(Simulation& s, const std::string& bundle)
    : simulation_(s),
      bundle_(bundle),
      araddr_(s.dut(), Name("ARADDR")),
      arlen_(s.dut(), Name("ARLEN")),
      arsize_(s.dut(), Name("ARSIZE")),
      arburst_(s.dut(), Name("ARBURST")),
      arvalid_(s.dut(), Name("ARVALID")),
      arready_(s.dut(), Name("ARREADY")),
      rdata_(s.dut(), Name("RDATA")),
      rresp_(s.dut(), Name("RRESP")),
      rlast_(s.dut(), Name("RLAST")),
      rvalid_(s.dut(), Name("RVALID")),
      rready_(s.dut(), Name("RREADY")),
      awaddr_(s.dut(), Name("AWADDR")),
      awlen_(s.dut(), Name("AWLEN")),
      awsize_(s.dut(), Name("AWSIZE")),
      awburst_(s.dut(), Name("AWBURST")),
      awvalid_(s.dut(), Name("AWVALID")),
      awready_(s.dut(), Name("AWREADY")),
      wdata_(s.dut(), Name("WDATA")),
      wstrb_(s.dut(), Name("WSTRB")),
      wlast_(s.dut(), Name("WLAST")),
      wvalid_(s.dut(), Name("WVALID")),
      wready_(s.dut(), Name("WREADY")),
      bresp_(s.dut(), Name("BRESP")),
      bvalid_(s.dut(), Name("BVALID")),
      bready_(s.dut(), Name("BREADY")),
      arid_(Optional("ARID")),
      rid_(Optional("RID")),
      awid_(Optional("AWID")),
      bid_(Optional("BID")),
      ruser_(Optional("RUSER")),
      buser_(Optional("BUSER")),
      stable_ar_(s.dut(), s, Name("ARVALID"), Name("ARREADY"),
                 {Name("ARADDR"), Name("ARLEN"), Name("ARSIZE"), Name("ARBURST")}),
      stable_aw_(s.dut(), s, Name("AWVALID"), Name("AWREADY"),
                 {Name("AWADDR"), Name("AWLEN"), Name("AWSIZE"), Name("AWBURST")}),
      stable_w_(s.dut(), s, Name("WVALID"), Name("WREADY"),
                {Name("WDATA"), Name("WSTRB"), Name("WLAST")}),
      stall_ar_(s.OutputStall()),
      stall_r_(s.InputStall()),
      stall_aw_(s.OutputStall()),
      stall_w_(s.OutputStall()),
      stall_b_(s.InputStall()),
      random_(s.NextSeed()) {}

std::optional<Pin> AxiMemory::Optional(const std::string& signal) {
  if (!simulation_.dut().Has(Name(signal))) return std::nullopt;
  return Pin(simulation_.dut(), Name(signal));
}

void AxiMemory::Place(uint64_t base, const std::vector<Bits>& contents) {
  regions_.push_back({base, contents});
}

std::vector<Bits> AxiMemory::Contents(uint64_t base) const {
  for (const Region& region : regions_) {
    if (region.base == base) return region.contents;
  }
  return {};
}

Bits* AxiMemory::At(uint64_t address, const char* what) {
  const uint64_t bytes = static_cast<uint64_t>(width()) / 8;
  for (Region& region : regions_) {
    if (address < region.base) continue;
    const uint64_t index = (address - region.base) / bytes;
    if (index < region.contents.size()) return &region.contents[index];
  }
  simulation_.Fail(bundle_ + " " + what + " " + Hex(address) + ", outside its memory");
  return nullptr;
}

AxiMemory::Burst AxiMemory::TakeAddress(char channel, const Pin& address, const Pin& length,
                                        const Pin& size, const Pin& burst,
                                        const std::optional<Pin>& id) {
  const uint64_t bytes = static_cast<uint64_t>(width()) / 8;
  const Burst taken{
      address.Get64(), length.Get64() + 1, id ? id->Get64() : 0,
      simulation_.cycle() + static_cast<uint64_t>(simulation_.profile().memory_latency) +
          static_cast<uint64_t>(random_.Between(0, simulation_.profile().memory_jitter)),
      0};
  const std::string who = bundle_ + " A" + channel + ": ";
  if (taken.address % bytes != 0) {
    simulation_.Fail(who + "address " + Hex(taken.address) + " is not a whole beat");
  }
  if (size.Get64() != static_cast<uint64_t>(Log2(static_cast<int>(bytes)))) {
    simulation_.Fail(who + "SIZE " + std::to_string(size.Get64()) + " is not the port's width");
  }
  if (burst.Get64() != 1) simulation_.Fail(who + "burst is not incrementing");
  const uint64_t last = taken.address + taken.length * bytes - 1;
  if (taken.address / 4096 != last / 4096) {
    simulation_.Fail(who + "burst " + Hex(taken.address) + ".." + Hex(last) +
                     " crosses a 4 KiB boundary");
  }
  simulation_.Progress();
  return taken;
}

// Now and then something other than OKAY: the kernel must count it, and go on as if it were not.
uint64_t AxiMemory::Response() {
  const bool error = random_.Between(0, 99) < simulation_.profile().error_percent;
  if (!error) return 0;
  ++errors_;
  return static_cast<uint64_t>(random_.Between(1, 3));
}

void AxiMemory::Drive() {
  arready_.Set(stall_ar_.Go() && reads_.size() < kOutstanding);
  awready_.Set(stall_aw_.Go() && writes_.size() < kOutstanding);
  wready_.Set(stall_w_.Go() && data_.size() < kOutstanding);
  const bool r_go = stall_r_.Go(), b_go = stall_b_.Go();
  if (!offering_r_) {
    offering_r_ = r_go && !reads_.empty() && simulation_.cycle() >= reads_.front().due;
    response_r_ = offering_r_ ? Response() : static_cast<uint64_t>(random_.Between(0, 3));
  }
  rvalid_.Set(offering_r_);
  rresp_.Set(response_r_);
  if (offering_r_) {
    const Burst& burst = reads_.front();
    const uint64_t bytes = static_cast<uint64_t>(width()) / 8;
    const Bits* data = At(burst.address + burst.done * bytes, "reads");
    rdata_.Set(data != nullptr ? *data : Bits(width()));
    rlast_.Set(burst.done + 1 == burst.length);
    if (rid_) rid_->Set(burst.id);
  } else {
    rdata_.Set(Bits(width(), 0xDEADBEEFDEADBEEFull));
    rlast_.Set(0);
    if (rid_) rid_->Set(0);
  }
  if (!offering_b_) {
    offering_b_ = b_go && !responses_.empty() && simulation_.cycle() >= responses_.front().due;
    response_b_ = offering_b_ ? Response() : static_cast<uint64_t>(random_.Between(0, 3));
  }
  bvalid_.Set(offering_b_);
  bresp_.Set(response_b_);
  if (bid_) bid_->Set(offering_b_ ? responses_.front().id : 0);
  if (ruser_) ruser_->Set(0);
  if (buser_) buser_->Set(0);
}

void AxiMemory::Sample() {
  stable_ar_.Sample();
  stable_aw_.Sample();
  stable_w_.Sample();
  SampleReads();
  SampleWrites();
}

void AxiMemory::SampleReads() {
  if (arvalid_.High() && arready_.High()) {
    reads_.push_back(TakeAddress('R', araddr_, arlen_, arsize_, arburst_, arid_));
  }
  if (!offering_r_ || !rready_.High()) return;
  offering_r_ = false;
  ++beats_read_;
  simulation_.Progress();
  if (++reads_.front().done == reads_.front().length) reads_.pop_front();
}

void AxiMemory::SampleWrites() {
  if (awvalid_.High() && awready_.High()) {
    writes_.push_back(TakeAddress('W', awaddr_, awlen_, awsize_, awburst_, awid_));
  }
  if (wvalid_.High() && wready_.High()) {
    data_.push_back({wdata_.Get(), wstrb_.Get64(), wlast_.High()});
    ++beats_written_;
    simulation_.Progress();
  }
  MatchWrites();
  if (offering_b_ && bready_.High()) {
    offering_b_ = false;
    responses_.pop_front();
    simulation_.Progress();
  }
}

void AxiMemory::MatchWrites() {
  const uint64_t bytes = static_cast<uint64_t>(width()) / 8;
  while (!writes_.empty() && !data_.empty()) {
    Burst& burst = writes_.front();
    const Beat beat = data_.front();
    data_.pop_front();
    if (beat.strobe != ~0ull >> (64 - bytes)) {
      simulation_.Fail(bundle_ + " W: WSTRB " + Hex(beat.strobe) + " is not the whole beat");
    }
    if (Bits* place = At(burst.address + burst.done * bytes, "writes")) *place = beat.data;
    const bool last = ++burst.done == burst.length;
    if (beat.last != last) {
      simulation_.Fail(bundle_ + " W: WLAST at beat " + std::to_string(burst.done) + " of " +
                       std::to_string(burst.length));
    }
    if (!last) continue;
    burst.due = simulation_.cycle() +
                static_cast<uint64_t>(random_.Between(1, 1 + simulation_.profile().memory_jitter));
    responses_.push_back(burst);
    writes_.pop_front();
  }
}

}  // namespace cosim
