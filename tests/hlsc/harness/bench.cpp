// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <stdexcept>

namespace cosim {
namespace {

// docs/seams.md, section 8.
constexpr uint64_t kApCtrl = 0x000, kGie = 0x004, kIer = 0x008, kIsr = 0x00C, kMagic = 0x800,
                   kVersion = 0x804, kHash = 0x808, kNumCounters = 0x810;
constexpr uint32_t kStart = 1, kDone = 2, kIdle = 4, kContinue = 16;
constexpr uint64_t kRegionStride = 0x10000000;

}  // namespace

Bench::Bench(const NativeTrace& trace, const KernelJson& json, const Design& design,
             const StallProfile& profile, uint64_t seed)
    : trace_(trace),
      json_(json),
      dut_(design, static_cast<int>(seed & 0x3FFFFFFF) + 1),
      simulation_(dut_, profile, seed),
      random_(seed ^ 0x5DEECE66Dull),
      control_(simulation_),
      interrupt_(dut_, "interrupt") {
  simulation_.Add(&control_);
  CheckJson();
  for (const std::string& bundle : json_.bundles) {
    memories_[bundle] = std::make_unique<AxiMemory>(simulation_, bundle);
    simulation_.Add(memories_[bundle].get());
  }
  MakeAxis();
}

void Bench::CheckJson() {
  std::size_t found = 0;
  for (const NativeTrace::Info& info : trace_.arguments) {
    for (const KernelJson::Argument& argument : json_.arguments) {
      // An array of streams is one argument for each element.
      const std::string name = info.elements == 1 ? info.name : info.name + "_0";
      if (argument.name != name) continue;
      ++found;
      const char* kind = info.kind == Argument::Kind::kStream   ? "axis"
                         : info.kind == Argument::Kind::kMemory ? "pointer"
                                                                : "scalar";
      if (argument.kind != kind) {
        simulation_.Fail("JSON calls argument " + info.name + " a " + argument.kind);
      }
      if (info.kind == Argument::Kind::kScalar && argument.bits < info.width) {
        simulation_.Fail("JSON gives argument " + info.name + " " + std::to_string(argument.bits) +
                         " bits");
      }
    }
  }
  if (found < trace_.arguments.size()) simulation_.Fail("JSON lacks arguments");
}

void Bench::MakeAxis() {
  for (std::size_t i = 0; i < trace_.arguments.size(); ++i) {
    const NativeTrace::Info& info = trace_.arguments[i];
    if (info.kind != Argument::Kind::kStream) continue;
    for (int e = 0; e < info.elements; ++e) {
      const StreamId id(static_cast<int>(i), e);
      const std::string name = info.elements == 1 ? info.name : info.name + "_" + std::to_string(e);
      if (dut_.Find(name + "_TVALID").is_input) {
        const auto values = trace_.inputs.find(id);
        sources_[id] = std::make_unique<AxisSource>(
            simulation_, name, values == trace_.inputs.end() ? no_data_ : values->second);
        simulation_.Add(sources_[id].get());
      } else {
        const auto values = trace_.outputs.find(id);
        if (values == trace_.outputs.end()) {
          throw std::runtime_error("stream " + name + " has stimulus, but is an output of the RTL");
        }
        sinks_[id] = std::make_unique<AxisSink>(simulation_, name, info.width, values->second);
        simulation_.Add(sinks_[id].get());
      }
    }
  }
}

void Bench::Execute() {
  simulation_.Reset();
  CheckIdentity();
  for (std::size_t i = 0; i < trace_.runs.size(); ++i) {
    ExecuteRun(i);
    if (simulation_.failures().size() > 3) return;
  }
  Finish();
}

void Bench::CheckIdentity() {
  if (control_.Read(kMagic) != 0x4E474154) simulation_.Fail("wrong magic register");
  if (control_.Read(kVersion) != 2) simulation_.Fail("wrong version register");
  if (control_.Read64(kHash) != json_.interface_hash) {
    simulation_.Fail("the hash registers differ from the JSON");
  }
  if (control_.Read(kNumCounters) != json_.counters.size()) {
    simulation_.Fail("the number of counters differs from the JSON");
  }
  if ((control_.Read(kApCtrl) & kIdle) == 0) simulation_.Fail("not idle after reset");
}

void Bench::WriteArgument(const KernelJson::Argument& argument, const Bits& value) {
  for (std::size_t w = 0; w < value.words(); ++w) {
    control_.Write(argument.offset + 4 * w, value.Word(w));
  }
}

void Bench::PlaceMemories(const NativeRun& run) {
  for (auto& [bundle, memory] : memories_) memory->Clear();
  uint64_t index = 0;
  for (std::size_t i = 0; i < trace_.arguments.size(); ++i) {
    const NativeTrace::Info& info = trace_.arguments[i];
    if (info.kind != Argument::Kind::kMemory) continue;
    const int argument = static_cast<int>(i);
    const auto before = run.memory_before.find(argument);
    if (before != run.memory_before.end()) contents_[argument] = before->second;
    const uint64_t beat = static_cast<uint64_t>(info.width) / 8;
    bases_[argument] =
        ++index * kRegionStride + static_cast<uint64_t>(random_.Between(0, 4095)) * beat;
    if (index == 1) bases_[argument] += uint64_t{1} << 40;  // beyond 32 bits
    for (const KernelJson::Argument& json : json_.arguments) {
      if (json.name != info.name) continue;
      memories_.at(json.bundle)->Place(bases_[argument], contents_[argument]);
      WriteArgument(json, Bits(64, bases_[argument]));
    }
  }
}

void Bench::ExecuteRun(std::size_t index) {
  const NativeRun& run = trace_.runs[index];
  PlaceMemories(run);
  for (std::size_t i = 0; i < trace_.arguments.size(); ++i) {
    const NativeTrace::Info& info = trace_.arguments[i];
    if (info.kind != Argument::Kind::kScalar) continue;
    const auto value = run.scalars.find(static_cast<int>(i));
    for (const KernelJson::Argument& json : json_.arguments) {
      if (json.name != info.name) continue;
      WriteArgument(json, value == run.scalars.end() ? Bits(info.width) : value->second);
    }
  }
  for (auto& [bundle, memory] : memories_) {
    before_[bundle + ".beats_read"] = memory->beats_read();
    before_[bundle + ".beats_written"] = memory->beats_written();
    before_[bundle + ".bus_errors"] = memory->errors();
  }
  const bool by_interrupt = index % 2 == 1;
  control_.Write(kGie, by_interrupt ? 1 : 0);
  control_.Write(kIer, by_interrupt ? 1 : 0);
  simulation_.Progress();
  control_.Write(kApCtrl, kStart);
  WaitForDone(by_interrupt);
  CompareMemories(run);
  CheckCounters(run);
  control_.Write(kApCtrl, kContinue);
}

void Bench::WaitForDone(bool by_interrupt) {
  if (by_interrupt) {
    while (!interrupt_.High()) simulation_.Step();
    if ((control_.Read(kIsr) & 1) == 0) simulation_.Fail("interrupt without a bit in ISR");
    control_.Write(kIsr, 1);
    if (interrupt_.High()) simulation_.Fail("interrupt stays after ISR was toggled");
    if ((control_.Read(kApCtrl) & kDone) == 0) simulation_.Fail("interrupt without done");
  } else {
    while ((control_.Read(kApCtrl) & kDone) == 0) simulation_.Step();
    if (interrupt_.High()) simulation_.Fail("interrupt though it is disabled");
  }
}

void Bench::CompareMemories(const NativeRun& run) {
  for (const auto& [argument, expected] : run.memory_after) {
    const NativeTrace::Info& info = trace_.arguments[static_cast<std::size_t>(argument)];
    for (const KernelJson::Argument& json : json_.arguments) {
      if (json.name != info.name) continue;
      contents_[argument] = memories_.at(json.bundle)->Contents(bases_[argument]);
    }
    const std::vector<Bits>& actual = contents_[argument];
    for (std::size_t i = 0; i < expected.size() && i < actual.size(); ++i) {
      if (actual[i] == expected[i]) continue;
      simulation_.Fail(info.name + "[" + std::to_string(i) + "] is " + actual[i].Hex() +
                       ", in C simulation " + expected[i].Hex());
    }
  }
  for (auto& [bundle, memory] : memories_) {
    if (!memory->Quiet()) simulation_.Fail("done with unfinished transfers on " + bundle);
  }
}

void Bench::CheckCounters(const NativeRun& run) {
  const auto cycles = json_.counters.find("cycles");
  if (cycles == json_.counters.end()) throw std::runtime_error("JSON lacks the counter 'cycles'");
  cycles_.push_back(control_.Read64(cycles->second));
  if (simulation_.profile().name == "none" && run.max_cycles > 0 &&
      cycles_.back() > static_cast<uint64_t>(run.max_cycles)) {
    simulation_.Fail("start " + std::to_string(cycles_.size() - 1) + " takes " +
                     std::to_string(cycles_.back()) + " cycles, more than " +
                     std::to_string(run.max_cycles));
  }
  for (auto& [bundle, memory] : memories_) {
    CheckCounter(bundle + ".beats_read", memory->beats_read());
    CheckCounter(bundle + ".beats_written", memory->beats_written());
    CheckCounter(bundle + ".bus_errors", memory->errors());
  }
}

// `now` is what the port has seen since reset.
void Bench::CheckCounter(const std::string& name, uint64_t now) {
  const auto counter = json_.counters.find(name);
  if (counter == json_.counters.end()) throw std::runtime_error("JSON lacks counter " + name);
  const uint64_t counted = control_.Read64(counter->second), seen = now - before_[name];
  if (counted == seen) return;
  simulation_.Fail("counter " + name + " is " + std::to_string(counted) + ", the port has seen " +
                   std::to_string(seen));
}

void Bench::Finish() {
  constexpr int kDrainCycles = 4000, kQuietCycles = 40;
  constexpr std::size_t kPrefetch = 8;  // what input registers may take beyond what is used
  auto complete = [this] {
    for (const auto& [id, sink] : sinks_) {
      if (sink->received() < trace_.outputs.at(id).size()) return false;
    }
    return true;
  };
  for (int i = 0; i < kDrainCycles && !complete(); ++i) simulation_.Step();
  for (int i = 0; i < kQuietCycles; ++i) simulation_.Step();
  for (const auto& [id, sink] : sinks_) {
    if (sink->received() < trace_.outputs.at(id).size()) {
      simulation_.Fail(trace_.arguments[static_cast<std::size_t>(id.first)].name + " gives " +
                       std::to_string(sink->received()) + " values, in C simulation " +
                       std::to_string(trace_.outputs.at(id).size()));
    }
  }
  for (const auto& [id, source] : sources_) {
    const auto consumed = trace_.consumed.find(id);
    const std::size_t expected = consumed == trace_.consumed.end() ? 0 : consumed->second;
    if (source->taken() < expected || source->taken() > expected + kPrefetch) {
      simulation_.Fail(trace_.arguments[static_cast<std::size_t>(id.first)].name + " takes " +
                       std::to_string(source->taken()) + " values, in C simulation " +
                       std::to_string(expected));
    }
  }
  if ((control_.Read(kApCtrl) & kIdle) == 0) simulation_.Fail("not idle at the end");
}

}  // namespace cosim
