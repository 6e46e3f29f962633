// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#ifndef HLSC_SCHEDULER_H_
#define HLSC_SCHEDULER_H_

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "process.h"

namespace hlsc {

// Schedules one pipelined loop; throws Refusal if it cannot run at its II.
class LoopScheduler {
 public:
  LoopScheduler(Process& process, PipelinedLoop& loop);
  void Run();

 private:
  struct Time {
    int cycle;
    double ns;  // after the start of the cycle
  };
  // cycle(to) >= cycle(from) + latency - II · distance
  struct Edge {
    const llvm::Instruction* from;
    const llvm::Instruction* to;
    int latency;
    int distance;
    bool memory;
  };

  void AddAccessOrder();  // FIFO accesses in program order
  void AddMemoryOrder();  // loads and stores that may touch one word
  void AddMemoryPair(llvm::Instruction* first, llvm::Instruction* second);
  int CarriedDistance(llvm::Instruction* from, llvm::Instruction* to);  // 0: never
  void CheckPorts();
  llvm::Instruction* OversubscribedAccess();
  [[noreturn]] void RefusePorts(const Memory& memory);

  Time Ready(const llvm::Instruction* leaf) const;
  bool NeedsRegisters(const llvm::Instruction& i) const;
  bool IsLogic(const llvm::Instruction* leaf) const;
  Time Place(const llvm::Instruction& i, const std::vector<Edge>& edges);
  bool Fixpoint(const std::vector<Edge>& edges);
  int CarriedReady(const llvm::PHINode& phi);
  void FindCarried();
  bool IsExitLate();
  void CheckExit();
  void Finish();
  [[noreturn]] void RefuseUnschedulable();

  Process& process_;
  PipelinedLoop& loop_;
  std::vector<llvm::Instruction*> nodes_;
  std::unordered_map<const llvm::Instruction*, std::vector<const llvm::Instruction*>> inputs_;
  std::unordered_map<const llvm::Instruction*, double> finish_;
  std::vector<Edge> edges_;
  std::set<const llvm::Instruction*> carried_;  // empty until a loop fails without
  const llvm::Instruction* culprit_ = nullptr;
  const llvm::Instruction* tight_ = nullptr;
};

}  // namespace hlsc

#endif  // HLSC_SCHEDULER_H_
