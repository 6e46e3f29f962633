// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Opening, listing and describing devices.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "narrowgate/format.hpp"

namespace narrowgate {

namespace internal {
class Engine;
}

/// Through which interface a card is driven. The reference device uses neither.
enum class Backend : std::uint8_t {
  kXrt,     ///< native XRT (libxrt_coreutil)
  kOpencl,  ///< OpenCL (libxilinxopencl)
};

std::string_view to_string(Backend backend) noexcept;
/// "xrt" or "opencl"; throws UnsupportedError.
Backend parse_backend(std::string_view name);

struct OpenOptions {
  Backend backend = Backend::kXrt;

  /// A name ("gemm_int8") or a path (it has a '/' or ends in ".xclbin"). A name is looked for as
  /// NAME.xclbin in the folders of $NARROWGATE_IMAGE_PATH (separated by ':'), beside the executable
  /// in bitstreams/ and ../bitstreams/, and in the installation's share/narrowgate/bitstreams/.
  std::string image = "gemm_int8";

  /// A call fails with DeviceTimeoutError when the device has made no progress (not one more beat
  /// on its memory ports) for this long. At least 1 ms.
  std::chrono::milliseconds timeout{10'000};
};

/// What a device and the image on it are.
struct DeviceInfo {
  std::string selector;    ///< what Device::open takes to get this device
  std::string name;        ///< e.g. "xilinx_u250_gen3x16_xdma_4_1_202210_1"
  std::string bdf;         ///< PCI address, empty for the reference
  std::string backend;     ///< "reference", "xrt" or "opencl"
  bool simulated = false;  ///< the emulator
  bool usable = true;      ///< false when something that it needs is missing; see `note`
  std::string note;        ///< one line; empty when there is nothing to say

  // Filled by Device::describe() for a card that is open; empty or 0 otherwise.
  std::string image;  ///< name of the image
  std::filesystem::path image_path;
  std::string kernel;
  std::string card;            ///< card preset of the image, e.g. its memory
  std::string interface_hash;  ///< "0x" and 16 digits
  double clock_mhz = 0;
  unsigned tile_rows = 0;  ///< the array multiplies tile_rows × tile_cols a cycle
  unsigned tile_cols = 0;
  unsigned lut_rows = 0;                         ///< rows more where A and B have 4-bit codes
  unsigned port_bits = 0;                        ///< width of a memory port, i.e. of a beat
  std::vector<Format> formats;                   ///< operand formats that the image takes
  std::vector<std::pair<Format, Format>> pairs;  ///< of A and B that it multiplies; empty: all
};

/// An open device. Handles are cheap to copy and refer to the same device. It closes when close()
/// is called or the last handle is gone, after the calls in flight have ended. All functions may be
/// called from several threads.
class Device {
 public:
  Device() = default;  ///< refers to nothing: every use throws ClosedError

  /// Opens a device and, if it is a card, loads the image. `selector` is
  ///  - "reference": plain C++ on the host that defines the numerics; `options` are ignored;
  ///  - "emulator": the simulated card behind XRT's hw_emu. The first use sets XRT's environment
  ///    variables for the process (XRT chooses between hardware and emulation once per process);
  ///  - an index ("0") or a PCI address ("0000:b3:00.1") of a card.
  /// A card can be open once in a process (DeviceBusyError), unless the earlier handle is lost.
  /// Throws NoRuntimeError, NoDeviceError, MissingImageError, BadImageError,
  /// InterfaceMismatchError, UnsupportedError, DeviceBusyError, DeviceError.
  static Device open(std::string_view selector, const OpenOptions& options = {});

  /// The devices that this machine offers: the reference, the emulator, and every card. Never
  /// throws for missing software: such devices have usable = false and a note. Loads nothing.
  static std::vector<DeviceInfo> list();

  /// This device and its image.
  const DeviceInfo& describe() const;

  /// Waits for the work in flight, stops the worker threads and releases the device. Operands left
  /// over become unusable (ClosedError). Calling it again does nothing. Never throws.
  void close() noexcept;

  bool is_open() const noexcept;

  /// For the library's own functions.
  internal::Engine& engine() const;
  explicit Device(std::shared_ptr<internal::Engine> engine) : engine_(std::move(engine)) {}

 private:
  std::shared_ptr<internal::Engine> engine_;
};

/// The folders in which an image name is looked for, in order.
std::vector<std::filesystem::path> image_search_path();

/// The file that `image` (see OpenOptions::image) means. Throws MissingImageError.
std::filesystem::path find_image(std::string_view image);

}  // namespace narrowgate
