// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Makes the stock Xilinx Runtime (2.13 and later) see simulated cards, and keeps the process alive
// when one dies.
//
//     auto& emulation = sim::Emulation::Instance();
//     emulation.Prepare(xclbin::ReadImage(path), {});          // before XRT is first touched
//     xrt::device device{0};
//     {
//       sim::LoadScope load(emulation);                        // around load_xclbin /
//       clCreateProgramWithBinary uuid = device.load_xclbin(path); load.Finish();
//     }
//     ... if (!emulation.Status(0).alive) ... the card died: close the device and open it again
//
// XRT reads its environment, xrt.ini and emconfig.json once per process, hence one Emulation per
// process. Thread safety: every member may be called from any thread; LoadScopes exclude one
// another. Nothing prints.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <narrowgate_xclbin/xclbin.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace narrowgate::sim {

/// Thrown when the emulation cannot be set up; what() is one line that names the remedy.
class EmulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct EmulationOptions {
  unsigned cards = 1;                 ///< how many cards XRT shall see, 1 … 16
  std::filesystem::path waveform;     ///< FST file to write; needs an image built with waveforms
  std::filesystem::path log;          ///< where the card's simulate.log is kept; empty: not kept
  std::filesystem::path library_dir;  ///< where libxrt_hwemu.so.2 lies; empty: searched for
  double stall_probability = 0;  ///< 0 … 0.9: random back-pressure on every AXI channel (tests)
  unsigned stall_seed = 1;
};

/// One simulated card as the operating system sees it.
struct CardStatus {
  bool loaded = false;   ///< an image is loaded and has not been closed
  bool alive = false;    ///< loaded, and both processes run
  pid_t supervisor = 0;  ///< owns XRT's socket; XRT waits for it, so never wait for it yourself
  pid_t simulator = 0;   ///< runs the Verilated kernel, child of the supervisor
  std::string reason;    ///< why it is not alive, one line
};

/// The process's emulation environment: a temporary folder, removed at exit (by the card when the
/// process is killed).
class Emulation {
 public:
  static Emulation& Instance();

  /// Writes emconfig.json, xrt.ini and XRT's library folder, and sets the environment variables.
  /// The first call decides on the device's name and the number of cards; later calls return at
  /// once unless they ask for more cards. waveform, log and the stalls apply to the next load.
  /// Throws EmulationError, and xclbin::Error if the image is damaged (XRT would end the process).
  void Prepare(const xclbin::ImageInfo& image, const EmulationOptions& options);

  bool prepared() const;
  const std::filesystem::path& directory() const;

  /// The variables that Prepare has set (name, value): EMCONFIG_PATH, XRT_INI_PATH, XILINX_XRT,
  /// XCL_EMULATION_MODE, SDACCEL_EM_RUN_DIR, NARROWGATE_*. USER is changed only inside a LoadScope.
  std::vector<std::pair<std::string, std::string>> Environment() const;

  /// State of card `index` (XRT's device index). Costs a few system calls.
  CardStatus Status(unsigned index) const;

  /// Waits until XRT has finished closing card `index`; true at once if nothing was loaded. XRT may
  /// close a device in a thread of its own, some time after the last reference to it is gone, and
  /// crashes when the device is opened meanwhile: call this before opening a card that has been
  /// closed. false: still open when `limit` was over.
  bool WaitUntilClosed(unsigned index, std::chrono::milliseconds limit) const;

  /// Bytes that XRT moves in one message: longer transfers are cut into pieces of this size.
  static constexpr std::size_t kPacketBytes = 1 << 20;

 private:
  friend class LoadScope;
  struct State;
  Emulation();
  ~Emulation();
  std::unique_ptr<State> state_;
};

/// Put around the one call that loads an image, in the thread that makes it. Ends XRT 2.13's
/// ten-second sleep early, makes SIGPIPE harmless, gives back the signal handlers that XRT takes,
/// removes the files that it leaves beside the executable, and has Finish() put the new card under
/// guard: should its supervisor die, every later call of XRT is answered at once and the card reads
/// as dead (magic 0xDEAD0000, done set).
class LoadScope {
 public:
  explicit LoadScope(Emulation& emulation);
  ~LoadScope();
  LoadScope(const LoadScope&) = delete;
  LoadScope& operator=(const LoadScope&) = delete;

  /// To be called when the load has succeeded.
  void Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace narrowgate::sim
