// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What stands around a card besides its runtime: nothing for hardware; for the emulator, XRT's
// environment and the two processes that play the card.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/card_image.hpp"

namespace narrowgate::internal {

class CardHost {
 public:
  virtual ~CardHost() = default;
  /// Calls `load_image`, the one call into the runtime that loads the image.
  virtual void load(const std::function<void()>& load_image) = 0;
  /// Why the card is known to have died, or empty.
  virtual std::string death() const = 0;
  /// Makes blocked calls into the runtime come back, if that can be done.
  virtual void terminate() noexcept = 0;
  virtual bool simulated() const = 0;
};

std::unique_ptr<CardHost> make_hardware_host();

/// Prepares XRT's environment for the simulated card, once per process. Throws NoRuntimeError when
/// something that it needs is not installed or not built in.
std::unique_ptr<CardHost> make_emulator_host(const CardImage& image, unsigned index);

/// Whether make_emulator_host() can work in this build.
bool emulator_built_in();

/// A card of this machine that XRT's driver serves.
struct PciCard {
  std::string bdf;
  std::string name;
};

/// The cards, found in sysfs without loading XRT (whose first use decides between hardware and
/// emulation for the whole process).
std::vector<PciCard> list_pci_cards();

/// How a card is to be opened.
struct CardSelector {
  std::string text;  ///< what the user gave
  unsigned index = 0;
  std::string bdf;  ///< if given, it decides
};

/// Opens a card and loads the image. Throws NoRuntimeError when the back end is not built in.
std::unique_ptr<class Card> open_xrt_card(const CardSelector& selector, const CardImage& image,
                                          std::unique_ptr<CardHost> host);
std::unique_ptr<class Card> open_opencl_card(const CardSelector& selector, const CardImage& image,
                                             std::unique_ptr<CardHost> host);
bool xrt_built_in();
bool opencl_built_in();

}  // namespace narrowgate::internal
