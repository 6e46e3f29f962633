// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "kernel_driver.hpp"

#include <fmt/format.h>

#include <map>

namespace narrowgate::sim {
namespace {

constexpr unsigned kResetCycles = 16;
constexpr unsigned kPollInterval = 64;        // cycles between looks at AP_CTRL
constexpr unsigned kMaxAccessCycles = 10000;  // a control port that takes longer is broken

}  // namespace

KernelDriver::KernelDriver(const CardSpec& spec, KernelModel& model,
                           const std::vector<BankMemory>& memory, const DriverOptions& options,
                           Log log)
    : model_(model),
      log_(std::move(log)),
      control_(model.control()),
      period_ps_(1'000'000'000 / spec.clock_khz),
      period_rest_(1'000'000'000 % spec.clock_khz),
      clock_khz_(spec.clock_khz) {
  BuildMemory(spec, memory, options.stalls);
  if (!options.waveform.empty()) {
    waveform_ = model_.OpenWaveform(options.waveform);
    log_(waveform_ ? "waveform: " + options.waveform
                   : "waveform: not written, this image was built without waveforms");
  }
  model_.SetReset(true);
  for (unsigned i = 0; i < kResetCycles; ++i) Cycle();
  model_.SetReset(false);
  for (unsigned i = 0; i < kResetCycles; ++i) Cycle();
}

KernelDriver::~KernelDriver() {
  if (waveform_) model_.CloseWaveform();
}

void KernelDriver::BuildMemory(const CardSpec& spec, const std::vector<BankMemory>& memory,
                               const StallOptions& stalls) {
  std::map<unsigned, unsigned> ports_of_bank;
  for (const AxiSignals& port : model_.ports()) {
    const auto it = spec.bank_of_bundle.find(port.bundle);
    if (it == spec.bank_of_bundle.end())
      throw CardError("card: bundle " + port.bundle + " is not connected");
    ++ports_of_bank[it->second];
  }
  std::map<unsigned, std::pair<DramChannel*, unsigned>>
      channel_of_bank;  // and the next port's number
  for (const auto& [bank, ports] : ports_of_bank) {
    channels_.push_back(
        std::make_unique<DramChannel>(spec.timings[spec.banks[bank].timing], ports));
    channel_of_bank[bank] = {channels_.back().get(), 0};
  }
  for (const AxiSignals& port : model_.ports()) {
    const unsigned bank = spec.bank_of_bundle.at(port.bundle);
    auto& [channel, next] = channel_of_bank[bank];
    ports_.push_back(std::make_unique<AxiPort>(port, spec.timings[spec.banks[bank].timing],
                                               *channel, next++, memory[bank], stalls, log_));
  }
}

void KernelDriver::Cycle() {
  for (const auto& port : ports_) port->Step(now_);
  control_.Step();
  for (const auto& channel : channels_) channel->Advance(now_);
  model_.Eval(true);
  if (waveform_) model_.DumpWaveform(total_cycles_ * 1'000'000'000 / clock_khz_);
  control_.Settle();
  if (waveform_) {
    model_.Eval(false);
    model_.DumpWaveform((2 * total_cycles_ + 1) * 500'000'000 / clock_khz_);
  } else {
    model_.Fall();
  }
  ++total_cycles_;
  ++run_cycles_;
  now_ += static_cast<Picoseconds>(period_ps_);
  rest_ += period_rest_;
  if (rest_ >= clock_khz_) {
    rest_ -= clock_khz_;
    ++now_;
  }
}

void KernelDriver::Access() {
  for (unsigned i = 0; control_.busy(); ++i) {
    if (i == kMaxAccessCycles) throw CardError("the kernel's control port does not answer");
    Cycle();
  }
}

void KernelDriver::BeginRun() {
  bool idle = true;
  for (const auto& port : ports_) idle &= port->idle();
  if (running_ || !idle) return;
  for (const auto& channel : channels_) channel->Reset();
  for (const auto& port : ports_) port->Reset();
  now_ = 0;
  rest_ = run_cycles_ = 0;
}

void KernelDriver::EndRun() {
  std::string line = fmt::format("run {}: {} cycles on the clock", ++runs_, run_cycles_);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const AxiPortStats& stats = ports_[i]->stats();
    line += fmt::format("; {} read {} wrote {} beats", model_.ports()[i].bundle, stats.beats_read,
                        stats.beats_written);
    if (stats.errors != 0) line += fmt::format(" ({} bursts refused)", stats.errors);
  }
  log_(line);
}

void KernelDriver::WriteRegister(std::uint32_t address, std::uint32_t value) {
  if (address >> model_.control().address_bits != 0) return;
  const bool start = address == kApCtrl && (value & kStart) != 0;
  if (start) BeginRun();
  control_.StartWrite(address, value);
  Access();
  if (address != kApCtrl) return;
  if (value & kContinue) latched_ &= ~kDone;
  if (start) running_ = true;
}

std::uint32_t KernelDriver::ReadRegister(std::uint32_t address) {
  if (address >> model_.control().address_bits != 0) return 0;
  control_.StartRead(address);
  Access();
  std::uint32_t value = control_.read_data();
  if (address == kApCtrl) {
    value |= latched_;
    latched_ = 0;
  }
  return value;
}

void KernelDriver::PollStatus() {
  control_.StartRead(kApCtrl);
  Access();
  const std::uint32_t value = control_.read_data();
  latched_ |= value & (kDone | kReady);
  const bool at_rest = (latched_ & kDone) != 0 || (value & kIdle) != 0;
  if (!at_rest || (value & kStart) != 0) return;
  running_ = false;
  EndRun();
}

void KernelDriver::Run(std::uint64_t cycles) {
  const std::uint64_t end = total_cycles_ + cycles;
  while (running_ && total_cycles_ < end) {
    for (unsigned i = 0; i < kPollInterval; ++i) Cycle();
    PollStatus();
  }
}

}  // namespace narrowgate::sim
