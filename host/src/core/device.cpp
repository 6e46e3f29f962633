// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "narrowgate/device.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "core/card_engine.hpp"
#include "core/card_host.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

using namespace internal;  // NOLINT(google-build-using-namespace): the whole file is glue

/// XRT chooses between hardware and emulation once per process: what it was given first.
enum class RuntimeMode { kUndecided, kHardware, kEmulator };

struct OpenCards {
  std::mutex mutex;  // held while a card is being opened
  RuntimeMode mode = RuntimeMode::kUndecided;
  std::map<std::string, std::weak_ptr<CardEngine>> engines;
};

OpenCards& open_cards() {
  static OpenCards cards;
  return cards;
}

/// Whether `text` has the form of `pattern`: h a hexadecimal digit, o an octal one, d a decimal
/// one.
bool has_form(std::string_view text, std::string_view pattern) {
  const auto fits = [](char c, char form) {
    switch (form) {
      case 'h':
        return std::isxdigit(static_cast<unsigned char>(c)) != 0;
      case 'o':
        return c >= '0' && c <= '7';
      case 'd':
        return c >= '0' && c <= '9';
      default:
        return c == form;
    }
  };
  return std::equal(text.begin(), text.end(), pattern.begin(), pattern.end(), fits);
}

CardSelector parse_selector(std::string_view text) {
  CardSelector selector{std::string(text), 0, {}};
  if (has_form(text, "d") || has_form(text, "dd") || has_form(text, "ddd")) {
    selector.index = static_cast<unsigned>(std::stoul(selector.text));
  } else if (has_form(text, "hhhh:hh:hh.o") || has_form(text, "hh:hh.o")) {
    selector.bdf = (text.size() == 7 ? "0000:" : "") + selector.text;
    std::transform(selector.bdf.begin(), selector.bdf.end(), selector.bdf.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  } else if (selector.text != "emulator") {
    throw NoDeviceError("there is no device '" + selector.text +
                        "': it must be reference, emulator, an index such as 0, or a PCI address "
                        "such as 0000:b3:00.1");
  }
  return selector;
}

/// Finds the card in sysfs, so that a missing one is reported without loading XRT.
void check_card_exists(CardSelector& selector) {
  const std::vector<PciCard> cards = list_pci_cards();
  if (selector.bdf.empty()) {
    if (selector.index < cards.size()) {
      selector.bdf = cards[selector.index].bdf;
      return;
    }
  } else {
    for (const PciCard& card : cards) {
      if (card.bdf == selector.bdf) return;
    }
  }
  std::string there_are;
  for (const PciCard& card : cards) there_are += " " + card.bdf;
  throw NoDeviceError("there is no card '" + selector.text + "': this machine has " +
                      std::to_string(cards.size()) + " card(s) with XRT's driver" + there_are +
                      "; 'emulator' needs none");
}

/// The user may also have set up emulation for the whole process, as Vitis's manuals tell.
bool emulation_by_environment() { return std::getenv("XCL_EMULATION_MODE") != nullptr; }

RuntimeMode wanted_mode(const CardSelector& selector, RuntimeMode present) {
  if (selector.text == "emulator") return RuntimeMode::kEmulator;
  return present == RuntimeMode::kEmulator ? RuntimeMode::kEmulator : RuntimeMode::kHardware;
}

void check_image_fits(const CardImage& image, bool simulated) {
  if (image.emulation == simulated) return;
  throw BadImageError("image " + image.path.string() + " was built for " +
                      (image.emulation ? "the emulator" : "hardware") + ": it does not run on " +
                      (simulated ? "the emulator" : "a card"));
}

/// An earlier handle of the card keeps it, unless that one is lost: then the card is taken away.
void check_not_open(const std::weak_ptr<CardEngine>& earlier, const std::string& name) {
  const std::shared_ptr<CardEngine> engine = earlier.lock();
  if (!engine || !engine->is_open()) return;
  if (!engine->has_failed()) {
    throw DeviceBusyError("device '" + name +
                          "' is open in this process already: share its "
                          "Device, or close it first");
  }
  engine->close();
}

std::unique_ptr<Card> open_card(const CardSelector& selector, const CardImage& image,
                                RuntimeMode mode, Backend backend) {
  std::unique_ptr<CardHost> host;
  if (mode == RuntimeMode::kEmulator) {
    host = make_emulator_host(image, selector.index);
  } else {
    host = make_hardware_host();
  }
  return backend == Backend::kXrt ? open_xrt_card(selector, image, std::move(host))
                                  : open_opencl_card(selector, image, std::move(host));
}

void check_built_in(Backend backend) {
  if (backend == Backend::kXrt && !xrt_built_in()) {
    throw NoRuntimeError("native XRT is not built in: install libxrt-dev and build again");
  }
  if (backend == Backend::kOpencl && !opencl_built_in()) {
    throw NoRuntimeError(
        "OpenCL is not built in: install libxrt-dev and opencl-headers and build again");
  }
}

std::shared_ptr<CardEngine> open_card_engine(CardSelector selector, const OpenOptions& options) {
  if (options.timeout < std::chrono::milliseconds(1)) {
    throw InvalidArgumentError("a time-out of " + std::to_string(options.timeout.count()) +
                               " ms: it must be at least 1 ms");
  }
  check_built_in(options.backend);
  OpenCards& cards = open_cards();
  const std::lock_guard lock(cards.mutex);
  const RuntimeMode mode = wanted_mode(selector, cards.mode);
  if (cards.mode != RuntimeMode::kUndecided && cards.mode != mode) {
    throw DeviceBusyError(
        "this process has used a card of hardware already, and XRT chooses "
        "between hardware and emulation once per process");
  }
  const bool by_environment = mode == RuntimeMode::kHardware && emulation_by_environment();
  if (mode == RuntimeMode::kHardware && !by_environment) check_card_exists(selector);
  const CardImage image = read_card_image(find_image(options.image));
  check_image_fits(image, mode == RuntimeMode::kEmulator || by_environment);
  const std::string key = selector.bdf.empty() ? std::to_string(selector.index) : selector.bdf;
  check_not_open(cards.engines[key], selector.text);

  std::unique_ptr<Card> card = open_card(selector, image, mode, options.backend);
  cards.mode = mode;
  auto engine = std::make_shared<CardEngine>(std::move(card), options.timeout);
  cards.engines[key] = engine;
  return engine;
}

DeviceInfo describe_emulator() {
  DeviceInfo info;
  info.selector = "emulator";
  info.name = "simulated card behind XRT's hardware emulation";
  info.backend = "xrt";
  info.simulated = true;
  if (!emulator_built_in()) {
    info.usable = false;
    info.note =
        "not built in: install libxrt-dev, protobuf-compiler and libprotobuf-dev and "
        "build again";
    return info;
  }
  try {
    find_image(OpenOptions().image);
  } catch (const Error& error) {
    info.usable = false;
    info.note = error.what();
  }
  return info;
}

}  // namespace

std::string_view to_string(Backend backend) noexcept {
  return backend == Backend::kXrt ? "xrt" : "opencl";
}

Backend parse_backend(std::string_view name) {
  for (const Backend backend : {Backend::kXrt, Backend::kOpencl}) {
    if (to_string(backend) == name) return backend;
  }
  throw UnsupportedError("unknown back end '" + std::string(name) +
                         "': it must be one of xrt, opencl");
}

Device Device::open(std::string_view selector, const OpenOptions& options) {
  if (selector == "reference") return Device(make_reference_engine());
  return Device(open_card_engine(parse_selector(selector), options));
}

std::vector<DeviceInfo> Device::list() {
  std::vector<DeviceInfo> devices;
  devices.push_back(make_reference_engine()->describe());
  devices.push_back(describe_emulator());
  unsigned index = 0;
  for (const PciCard& card : list_pci_cards()) {
    DeviceInfo info;
    info.selector = std::to_string(index++);
    info.name = card.name;
    info.bdf = card.bdf;
    info.backend = "xrt";
    info.usable = xrt_built_in();
    if (!info.usable) info.note = "native XRT is not built in: install libxrt-dev and build again";
    devices.push_back(info);
  }
  return devices;
}

const DeviceInfo& Device::describe() const {
  if (!engine_) throw ClosedError("an empty Device stands for no device: make one with open()");
  return engine_->describe();
}

void Device::close() noexcept {
  if (engine_) engine_->close();
}

bool Device::is_open() const noexcept { return engine_ && engine_->is_open(); }

internal::Engine& Device::engine() const {
  if (!engine_) throw ClosedError("an empty Device stands for no device: make one with open()");
  if (!engine_->is_open()) throw ClosedError("the device has been closed");
  return *engine_;
}

}  // namespace narrowgate
