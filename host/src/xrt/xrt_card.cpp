// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A card through native XRT.
#include <cstring>
#include <mutex>

#include "core/capture.hpp"
#include "core/card.hpp"
#include "core/card_host.hpp"
#include "core/poll.hpp"
#include "core/throw.hpp"
#include "narrowgate/error.hpp"
#include "xrt/settings.hpp"
#include "xrt/xrt_compat.hpp"

namespace narrowgate::internal {
namespace {

// XRT 2.13 unmaps whole pages of memory that it has allocated in bytes: never give it part of one.
constexpr std::size_t kPage = 4096;

/// What went wrong, in the library's terms. XRT throws std::system_error and its kin.
[[noreturn]] void throw_xrt_error(const std::string& what, const std::exception& error,
                                  const std::string& printed = {}) {
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  std::string message = what + ": " + one_line(error.what());
  if (!printed.empty()) message += " (XRT said: " + printed + ")";
  if (system != nullptr) {
    switch (system->code().value()) {
      case EBUSY:
        throw DeviceBusyError(message + "; another process holds the card");
      case EOPNOTSUPP:
        message += "; the image was built for another shell";
        break;
      case EKEYREJECTED:
        message += "; the image's signature was rejected";
        break;
      case ETIMEDOUT:
        message += "; the card's management does not answer";
        break;
      case EDEADLK:
        message += "; a compute unit hangs: reset the card with xrt-smi";
        break;
      default:
        break;
    }
  }
  throw DeviceError(message);
}

template <typename Call>
auto translate(const char* what, Call&& call) {
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw_xrt_error(what, error);
  }
}

class XrtBuffer : public CardBuffer {
 public:
  XrtBuffer(std::mutex& api, const xrt::device& device, std::size_t bytes, xrt::memory_group group)
      : api_(api), bo_(device, ceil_div(bytes, kPage) * kPage, group) {
    host_ = {bo_.map<std::uint8_t*>(), bo_.size()};
  }
  ~XrtBuffer() override {
    const std::lock_guard lock(api_);
    bo_ = {};
  }

  std::span<std::uint8_t> host() override { return host_; }
  void upload(std::size_t offset, std::size_t bytes) override {
    sync(XCL_BO_SYNC_BO_TO_DEVICE, offset, bytes);
  }
  void download(std::size_t offset, std::size_t bytes) override {
    sync(XCL_BO_SYNC_BO_FROM_DEVICE, offset, bytes);
  }
  std::uint64_t address() override { return bo_.address(); }
  const xrt::bo& bo() const { return bo_; }

 private:
  void sync(xclBOSyncDirection direction, std::size_t offset, std::size_t bytes) {
    const std::lock_guard lock(api_);
    translate("moving data to or from the card failed",
              [&] { bo_.sync(direction, bytes, offset); });
  }

  std::mutex& api_;
  xrt::bo bo_;
  std::span<std::uint8_t> host_;
};

class XrtCard : public Card {
 public:
  XrtCard(const CardSelector& selector, const CardImage& image, std::unique_ptr<CardHost> host)
      : image_(image), host_(std::move(host)) {
    CaptureOutput capture;
    allow_register_reads();
    try {
      device_ = selector.bdf.empty() ? xrt::device(selector.index) : xrt::device(selector.bdf);
    } catch (const std::exception& error) {
      throw NoDeviceError("XRT cannot open device '" + selector.text +
                          "': " + one_line(error.what()));
    }
    try {
      host_->load([&] { loaded_ = compat::load(device_, image_.path.string(), image_.kernel); });
      run_ = xrt::run(loaded_.kernel);
    } catch (const std::exception& error) {
      throw_xrt_error("XRT cannot load image " + image_.path.string(), error, capture.finish());
    }
    describe(selector);
  }
  ~XrtCard() override { XrtCard::close(); }

  const CardImage& image() const override { return image_; }
  const DeviceInfo& info() const override { return info_; }

  std::unique_ptr<CardBuffer> allocate(std::string_view argument, std::size_t bytes) override {
    const std::lock_guard lock(api_);
    return translate("the card has no room for a buffer", [&] {
      const int group = loaded_.kernel.group_id(image_.argument(argument).id);
      return std::make_unique<XrtBuffer>(api_, device_, bytes,
                                         static_cast<xrt::memory_group>(group));
    });
  }

  void start(const KernelRun& run) override {
    const std::lock_guard lock(api_);
    translate("the kernel cannot be started", [&] {
      for_each_argument(run, [&](const char* name, auto& value) { set(name, value); });
      run_.start();
    });
  }

  bool finished(std::chrono::milliseconds patience) override {
    // Not by run.wait(patience): XRT 2.13 in emulation comes back only when the run has ended.
    return poll_until(patience, [&] {
      const ert_cmd_state state =
          translate("waiting for the kernel failed", [&] { return run_.state(); });
      if (state == ERT_CMD_STATE_ERROR || state == ERT_CMD_STATE_ABORT) {
        throw DeviceError("the kernel ended in command state " + std::to_string(state));
      }
      if (state != ERT_CMD_STATE_COMPLETED) return false;
      translate("waiting for the kernel failed", [&] { run_.wait(); });  // lets it start again
      return true;
    });
  }

  bool has_registers() const override { return true; }
  std::uint32_t read_register(std::uint32_t offset) override {
    const std::lock_guard lock(api_);
    return translate("a register cannot be read",
                     [&] { return loaded_.kernel.read_register(offset); });
  }

  std::string death() const override { return host_->death(); }
  void terminate() noexcept override { host_->terminate(); }

  void close() noexcept override {
    try {
      CaptureOutput capture;
      run_ = {};
      loaded_ = {};
      device_ = {};
    } catch (const std::exception&) {
      // XRT's destructors do not throw; should they, the card is gone all the same.
    }
  }

 private:
  void set(const char* name, const CardBuffer& buffer) {
    run_.set_arg(image_.argument(name).id, static_cast<const XrtBuffer&>(buffer).bo());
  }
  void set(const char* name, const std::uint32_t& value) {
    run_.set_arg(image_.argument(name).id, value);
  }

  void describe(const CardSelector& selector) {
    info_.selector = selector.text;
    info_.backend = "xrt";
    info_.simulated = host_->simulated();
    // Only descriptions: a card that does not tell them works all the same.
    try {
      info_.name = device_.get_info<xrt::info::device::name>();
      info_.bdf = device_.get_info<xrt::info::device::bdf>();
    } catch (const std::exception& error) {
      info_.note = one_line(error.what());
    }
    describe_image(image_, info_);
  }

  const CardImage image_;
  std::unique_ptr<CardHost> host_;
  DeviceInfo info_;
  std::mutex api_;  // transfers, registers and starts one at a time; waiting is outside
  xrt::device device_;
  compat::LoadedKernel loaded_;
  xrt::run run_;
};

}  // namespace

std::unique_ptr<Card> open_xrt_card(const CardSelector& selector, const CardImage& image,
                                    std::unique_ptr<CardHost> host) {
  return std::make_unique<XrtCard>(selector, image, std::move(host));
}

bool xrt_built_in() { return true; }

}  // namespace narrowgate::internal
