// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "axi_port.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace narrowgate::sim {
namespace {

constexpr unsigned kMaxReports = 20;          // per port; more would only fill the log
constexpr unsigned kWriteBufferBeats = 1024;  // taken from the kernel, not yet scheduled

void Drive(const Signal& signal, bool value) {
  if (signal.data) *static_cast<std::uint8_t*>(signal.data) = value;
}

}  // namespace

AxiPort::AxiPort(const AxiSignals& signals, const DramTiming& timing, DramChannel& channel,
                 unsigned index, BankMemory memory, const StallOptions& stalls, Log log)
    : signals_(signals),
      timing_(timing),
      channel_(channel),
      index_(index),
      memory_(memory),
      stall_threshold_(
          static_cast<std::uint32_t>(std::clamp(stalls.probability, 0.0, 0.95) * 4294967295.0)),
      stall_seed_(stalls.seed + 7919 * index),
      log_(std::move(log)) {
  Reset();
}

void AxiPort::Reset() {
  reads_.clear();
  writes_.clear();
  reading_ = responding_ = nullptr;
  r_valid_ = false;
  writes_without_data_ = write_beats_waiting_ = 0;
  held_[0] = held_[1] = {};
  reads_rest_ = writes_rest_ = false;
  stats_ = {};
  random_.seed(stall_seed_);
  for (const Signal* signal : {&signals_.awready, &signals_.wready, &signals_.bvalid,
                               &signals_.arready, &signals_.rvalid}) {
    Drive(*signal, false);
  }
}

bool AxiPort::Stall() { return stall_threshold_ != 0 && random_() < stall_threshold_; }

void AxiPort::Report(const std::string& what) {
  if (++reports_ <= kMaxReports) log_(fmt::format("AXI {}: {}", signals_.bundle, what));
}

std::unique_ptr<AxiPort::Burst> AxiPort::NewBurst() {
  if (spare_.empty()) return std::make_unique<Burst>();
  std::unique_ptr<Burst> burst = std::move(spare_.back());
  spare_.pop_back();
  return burst;
}

// Whether two bursts of a direction are answered in the order of their addresses.
bool AxiPort::SameOrder(const Burst& a, const Burst& b) const {
  return !timing_.reorder_ids || a.id == b.id;
}

void AxiPort::Enter(Bursts& bursts, std::unique_ptr<Burst> burst) {
  burst->first = std::none_of(bursts.begin(), bursts.end(),
                              [&](const auto& b) { return SameOrder(*b, *burst); });
  bursts.push_back(std::move(burst));
}

void AxiPort::Retire(Bursts& bursts, const Burst* burst) {
  auto it =
      std::find_if(bursts.begin(), bursts.end(), [&](const auto& b) { return b.get() == burst; });
  const auto next =
      std::find_if(it + 1, bursts.end(), [&](const auto& b) { return SameOrder(*b, *burst); });
  if (next != bursts.end()) (*next)->first = true;
  spare_.push_back(std::move(*it));
  bursts.erase(it);
}

// What is wrong with a burst, if anything. Only whole-width incrementing bursts are served.
AxiPort::Response AxiPort::CheckBurst(bool write, std::uint64_t address, unsigned beats) {
  const std::uint64_t bytes = std::uint64_t{beats} * signals_.data_bytes;
  const Signal& size = write ? signals_.awsize : signals_.arsize;
  const Signal& kind = write ? signals_.awburst : signals_.arburst;
  const char* what = write ? "write" : "read";
  if (size.data && (1u << size.Get()) != signals_.data_bytes) {
    Report(fmt::format("{} of {} bytes a beat on a port of {}", what, 1u << size.Get(),
                       signals_.data_bytes));
    return kSlaveError;
  }
  if (kind.data && kind.Get() != 1) {
    Report(fmt::format("{} burst of type {} (only 1, INCR, is served)", what, kind.Get()));
    return kSlaveError;
  }
  if (address % signals_.data_bytes != 0) {
    Report(fmt::format("{} at {:#x} is not aligned to the port's {} bytes", what, address,
                       signals_.data_bytes));
    return kSlaveError;
  }
  if (address / 4096 != (address + bytes - 1) / 4096) {
    Report(fmt::format("{} of {} bytes at {:#x} crosses a 4 KiB boundary", what, bytes, address));
    return kSlaveError;
  }
  if (address < memory_.base || address - memory_.base > memory_.bytes - bytes) {
    Report(fmt::format("{} at {:#x} is outside its bank ({:#x}, {:#x} bytes)", what, address,
                       memory_.base, memory_.bytes));
    return kDecodeError;
  }
  return kOkay;
}

void AxiPort::AcceptAddress(bool write, Picoseconds now) {
  std::unique_ptr<Burst> burst = NewBurst();
  const std::uint64_t address = (write ? signals_.awaddr : signals_.araddr).Get();
  burst->id = (write ? signals_.awid : signals_.arid).Get();
  burst->beats = static_cast<unsigned>((write ? signals_.awlen : signals_.arlen).Get()) + 1;
  burst->moved = 0;
  burst->complete = burst->first = false;
  burst->snapshot.clear();
  burst->response = CheckBurst(write, address, burst->beats);
  DramBurst& dram = burst->dram;
  dram.bytes = burst->beats * signals_.data_bytes;
  dram.beat_bytes = signals_.data_bytes;
  dram.write = write;
  dram.arrival = now;
  dram.offset = burst->response == kOkay ? address - memory_.base : 0;
  if (burst->response != kOkay) {
    ++stats_.errors;  // answered without the memory, as soon as possible
    dram.atoms = dram.atoms_done = 0;
    dram.beats_done = burst->beats;
    std::fill_n(dram.ready, burst->beats, now);
  } else if (!write) {
    channel_.Push(index_, &dram);
  }
  if (write) {
    ++writes_without_data_;
    Enter(writes_, std::move(burst));
  } else {
    Enter(reads_, std::move(burst));
  }
}

// An address must stay on the bus until it is taken.
void AxiPort::CheckStable(bool write) {
  Held& held = held_[write];
  const bool valid = (write ? signals_.awvalid : signals_.arvalid).Test();
  const std::uint64_t address = valid ? (write ? signals_.awaddr : signals_.araddr).Get() : 0;
  const std::uint64_t length = valid ? (write ? signals_.awlen : signals_.arlen).Get() : 0;
  if (held.active && (!valid || address != held.address || length != held.length)) {
    Report(fmt::format("{} address {:#x} was withdrawn or changed before it was taken",
                       write ? "write" : "read", held.address));
  }
  const bool ready =
      *static_cast<std::uint8_t*>((write ? signals_.awready : signals_.arready).data) != 0;
  held = {valid && !ready, address, length};
}

// The oldest read whose next beat is there.
AxiPort::Burst* AxiPort::NextRead(Picoseconds now) {
  for (const auto& burst : reads_) {
    if (burst->first && burst->moved < burst->dram.beats_done &&
        burst->dram.ready[burst->moved] <= now) {
      return burst.get();
    }
    if (!timing_.reorder_ids) break;
  }
  return nullptr;
}

void AxiPort::PresentBeat(Burst& burst) {
  auto* to = static_cast<std::uint8_t*>(signals_.rdata.data);
  if (!burst.snapshot.empty()) {
    std::memcpy(to, burst.snapshot.data() + burst.moved * signals_.data_bytes, signals_.data_bytes);
  } else if (burst.response == kOkay) {
    std::memcpy(to,
                memory_.data + burst.dram.offset + std::uint64_t{burst.moved} * signals_.data_bytes,
                signals_.data_bytes);
  } else {
    std::memset(to, 0, signals_.data_bytes);
  }
  signals_.rid.Set(burst.id);
  signals_.rresp.Set(burst.response);
  Drive(signals_.rlast, burst.moved + 1 == burst.beats);
}

void AxiPort::StepRead(Picoseconds now) {
  const bool ready = reads_.size() < timing_.read_outstanding && !Stall();
  Drive(signals_.arready, ready);
  if (signals_.arvalid.Test() || held_[0].active) {
    CheckStable(false);
    if (ready && signals_.arvalid.Test()) AcceptAddress(false, now);
  }
  if (!r_valid_ && !reads_.empty()) {
    const auto has_beat = [&] {
      return reading_->moved < reading_->dram.beats_done &&
             reading_->dram.ready[reading_->moved] <= now;
    };
    // A burst goes on while it has data; without, one of another ID may come in between.
    if (!reading_ || (timing_.reorder_ids && !has_beat())) reading_ = NextRead(now);
    if (reading_ && has_beat() && !Stall()) {
      PresentBeat(*reading_);
      r_valid_ = true;
    }
  }
  Drive(signals_.rvalid, r_valid_);
  reads_rest_ = reads_.empty() && ready && stall_threshold_ == 0;
  if (!r_valid_ || !signals_.rready.Test()) return;
  r_valid_ = false;
  ++stats_.beats_read;
  if (++reading_->moved < reading_->beats) return;
  Retire(reads_, reading_);
  reading_ = nullptr;
}

// AXI leaves open what a read returns that is under way while its bytes are written. Here it is
// always what was there before, however long the controller puts the read off.
void AxiPort::KeepOldData(std::uint64_t offset) {
  for (const auto& read : reads_) {
    if (read->response != kOkay || !read->snapshot.empty()) continue;
    const std::uint64_t begin = read->dram.offset;
    if (offset < begin || offset >= begin + read->dram.bytes) continue;
    const std::uint8_t* data = memory_.data + begin;
    read->snapshot.assign(data, data + read->dram.bytes);
  }
}

void AxiPort::TakeBeat(Picoseconds now) {
  // Data come in the order of the addresses.
  Burst& burst =
      **std::find_if(writes_.begin(), writes_.end(), [](const auto& b) { return !b->complete; });
  if (burst.response == kOkay) {
    if (!reads_.empty()) {
      KeepOldData(burst.dram.offset + std::uint64_t{burst.moved} * signals_.data_bytes);
    }
    std::uint8_t* to =
        memory_.data + burst.dram.offset + std::uint64_t{burst.moved} * signals_.data_bytes;
    const auto* from = static_cast<const std::uint8_t*>(signals_.wdata.data);
    const auto* strobe = static_cast<const std::uint8_t*>(signals_.wstrb.data);
    bool all = true;
    for (unsigned i = 0; i < signals_.data_bytes / 8; ++i) all &= strobe[i] == 0xFF;
    if (all && signals_.data_bytes >= 8) {
      std::memcpy(to, from, signals_.data_bytes);
    } else {
      for (unsigned i = 0; i < signals_.data_bytes; ++i) {
        if (strobe[i / 8] >> (i % 8) & 1) to[i] = from[i];
      }
    }
  }
  ++stats_.beats_written;
  ++burst.moved;
  const bool last = burst.moved == burst.beats;
  if (signals_.wlast.Test() != last) {
    Report(fmt::format("WLAST is {} on beat {} of {}", !last, burst.moved, burst.beats));
  }
  if (!last) return;
  burst.complete = true;
  --writes_without_data_;
  if (burst.response != kOkay) {
    burst.dram.ready[0] = now;
    return;
  }
  burst.dram.arrival = now;
  write_beats_waiting_ += burst.beats;
  channel_.Push(index_, &burst.dram);
}

AxiPort::Burst* AxiPort::NextWriteResponse(Picoseconds now) {
  for (const auto& entry : writes_) {
    Burst& burst = *entry;
    const bool scheduled = burst.complete && burst.dram.atoms_done == burst.dram.atoms;
    if (burst.first && scheduled && burst.dram.ready[0] <= now) return &burst;
    if (!timing_.reorder_ids) break;
  }
  return nullptr;
}

void AxiPort::StepWrite(Picoseconds now) {
  if (responding_) {
    Drive(signals_.bvalid, true);
  } else {
    if (!writes_.empty() && !Stall()) responding_ = NextWriteResponse(now);
    if (responding_) {
      signals_.bid.Set(responding_->id);
      signals_.bresp.Set(responding_->response);
    }
    Drive(signals_.bvalid, responding_ != nullptr);
  }
  // Data is taken only for addresses accepted in an earlier cycle.
  const bool w_ready =
      writes_without_data_ != 0 && write_beats_waiting_ < kWriteBufferBeats && !Stall();
  Drive(signals_.wready, w_ready);
  if (w_ready && signals_.wvalid.Test()) TakeBeat(now);
  const bool aw_ready = writes_.size() < timing_.write_outstanding && !Stall();
  Drive(signals_.awready, aw_ready);
  if (signals_.awvalid.Test() || held_[1].active) {
    CheckStable(true);
    if (aw_ready && signals_.awvalid.Test()) AcceptAddress(true, now);
  }
  writes_rest_ = writes_.empty() && aw_ready && stall_threshold_ == 0;
  if (!responding_ || !signals_.bready.Test()) return;
  if (responding_->response == kOkay) write_beats_waiting_ -= responding_->beats;
  Retire(writes_, responding_);
  responding_ = nullptr;
}

}  // namespace narrowgate::sim
