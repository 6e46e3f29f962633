// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A card through OpenCL: libxilinxopencl with the standard headers.
#include <CL/cl.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <type_traits>
#include <vector>

#include "core/capture.hpp"
#include "core/card.hpp"
#include "core/card_host.hpp"
#include "core/poll.hpp"
#include "narrowgate/error.hpp"
#include "opencl/registers.hpp"
#include "xrt/settings.hpp"

namespace narrowgate::internal {
namespace {

constexpr std::size_t kPage = 4096;
constexpr cl_device_info kDevicePcieBdf = 0x1120;  // CL_DEVICE_PCIE_BDF of XRT's extensions

void check(cl_int status, const std::string& what) {
  if (status == CL_SUCCESS) return;
  const std::string message = what + ": OpenCL error " + std::to_string(status);
  if (status == CL_DEVICE_NOT_AVAILABLE) {
    throw DeviceBusyError(message + "; another process holds the card");
  }
  throw DeviceError(message);
}

/// Owns an OpenCL object.
template <typename Object, auto kRelease>
struct Releaser {
  using pointer = Object;
  void operator()(Object object) const { kRelease(object); }
};
template <typename Object, auto kRelease>
using Handle = std::unique_ptr<std::remove_pointer_t<Object>, Releaser<Object, kRelease>>;
using Context = Handle<cl_context, clReleaseContext>;
using Program = Handle<cl_program, clReleaseProgram>;
using Kernel = Handle<cl_kernel, clReleaseKernel>;
using Queue = Handle<cl_command_queue, clReleaseCommandQueue>;
using Memory = Handle<cl_mem, clReleaseMemObject>;
using Event = Handle<cl_event, clReleaseEvent>;

struct FreeDeleter {
  void operator()(std::uint8_t* pointer) const { std::free(pointer); }
};

class OpenclBuffer : public CardBuffer {
 public:
  OpenclBuffer(std::mutex& api, cl_context context, cl_command_queue queue, std::size_t bytes)
      : api_(api), queue_(queue), size_(ceil_div(bytes, kPage) * kPage) {
    host_.reset(static_cast<std::uint8_t*>(std::aligned_alloc(kPage, size_)));
    if (!host_) throw DeviceError("there is no memory for " + std::to_string(size_) + " bytes");
    cl_int status = CL_SUCCESS;
    memory_.reset(clCreateBuffer(context, CL_MEM_READ_WRITE, size_, nullptr, &status));
    check(status, "the card has no room for " + std::to_string(size_) + " bytes");
  }
  ~OpenclBuffer() override {
    const std::lock_guard lock(api_);
    memory_.reset();
  }

  std::span<std::uint8_t> host() override { return {host_.get(), size_}; }
  void upload(std::size_t offset, std::size_t bytes) override {
    const std::lock_guard lock(api_);
    check(clEnqueueWriteBuffer(queue_, memory_.get(), CL_TRUE, offset, bytes, &host_.get()[offset],
                               0, nullptr, nullptr),
          "moving data to the card failed");
  }
  void download(std::size_t offset, std::size_t bytes) override {
    const std::lock_guard lock(api_);
    check(clEnqueueReadBuffer(queue_, memory_.get(), CL_TRUE, offset, bytes, &host_.get()[offset],
                              0, nullptr, nullptr),
          "moving data from the card failed");
  }
  std::uint64_t address() override { return address_; }
  cl_mem memory() const { return memory_.get(); }

  /// Asks where XRT has put it, once it is bound to a bank.
  void locate(cl_platform_id platform, cl_device_id device) {
    using Ask = cl_int (*)(cl_mem, cl_device_id, std::size_t, void*);
    const auto ask = reinterpret_cast<Ask>(
        clGetExtensionFunctionAddressForPlatform(platform, "xclGetMemObjDeviceAddress"));
    if (ask == nullptr) {
      throw NoRuntimeError("this OpenCL has no xclGetMemObjDeviceAddress: it must be XRT's");
    }
    check(ask(memory_.get(), device, sizeof address_, &address_),
          "the place of a buffer on the card is not known");
  }

 private:
  std::mutex& api_;
  cl_command_queue queue_;
  std::uint64_t address_ = 0;
  std::size_t size_;
  std::unique_ptr<std::uint8_t, FreeDeleter> host_;
  Memory memory_;
};

std::string device_text(cl_device_id device, cl_device_info what) {
  std::size_t size = 0;
  if (clGetDeviceInfo(device, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return {};
  std::string text(size, '\0');
  if (clGetDeviceInfo(device, what, size, text.data(), nullptr) != CL_SUCCESS) return {};
  return text.c_str();
}

/// XRT's accelerators. Other vendors' platforms may be there too where an ICD loader is.
std::vector<cl_device_id> list_devices() {
  cl_uint count = 0;
  if (clGetPlatformIDs(0, nullptr, &count) != CL_SUCCESS) return {};
  std::vector<cl_platform_id> platforms(count);
  clGetPlatformIDs(count, platforms.data(), nullptr);
  std::vector<cl_device_id> devices;
  for (cl_platform_id platform : platforms) {
    cl_uint found = 0;
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, 0, nullptr, &found) != CL_SUCCESS) {
      continue;
    }
    std::vector<cl_device_id> its(found);
    clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, found, its.data(), nullptr);
    devices.insert(devices.end(), its.begin(), its.end());
  }
  return devices;
}

cl_device_id choose_device(const CardSelector& selector) {
  const std::vector<cl_device_id> devices = list_devices();
  if (selector.bdf.empty() && selector.index < devices.size()) return devices[selector.index];
  for (cl_device_id device : devices) {
    if (!selector.bdf.empty() && device_text(device, kDevicePcieBdf) == selector.bdf) return device;
  }
  throw NoDeviceError("OpenCL has no device '" + selector.text + "': it has " +
                      std::to_string(devices.size()) + " accelerator(s)");
}

std::vector<unsigned char> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class OpenclCard : public Card {
 public:
  OpenclCard(const CardSelector& selector, const CardImage& image, std::unique_ptr<CardHost> host)
      : image_(image), host_(std::move(host)) {
    CaptureOutput capture;
    allow_register_reads();
    device_ = choose_device(selector);
    check(clGetDeviceInfo(device_, CL_DEVICE_PLATFORM, sizeof platform_, &platform_, nullptr),
          "the device's platform is not known");
    try {
      open();
    } catch (const DeviceError& error) {
      const std::string printed = capture.finish();
      throw DeviceError(printed.empty() ? error.what()
                                        : error.what() + (" (XRT said: " + printed + ")"));
    }
    info_.selector = selector.text;
    info_.backend = "opencl";
    info_.simulated = host_->simulated();
    info_.name = device_text(device_, CL_DEVICE_NAME);
    info_.bdf = device_text(device_, kDevicePcieBdf);
    describe_image(image_, info_);
  }
  ~OpenclCard() override { OpenclCard::close(); }

  const CardImage& image() const override { return image_; }
  const DeviceInfo& info() const override { return info_; }

  std::unique_ptr<CardBuffer> allocate(std::string_view argument, std::size_t bytes) override {
    const std::lock_guard lock(api_);
    auto buffer = std::make_unique<OpenclBuffer>(api_, context_.get(), queue_.get(), bytes);
    // XRT places a buffer in the bank of the first kernel argument that it is given to.
    cl_mem memory = buffer->memory();
    check(clSetKernelArg(placer_.get(), id(argument), sizeof(memory), &memory),
          "a buffer cannot be bound to argument " + std::string(argument));
    buffer->locate(platform_, device_);
    return buffer;
  }

  void start(const KernelRun& run) override {
    const std::lock_guard lock(api_);
    for_each_argument(run, [&](const char* name, auto& value) { set(name, value); });
    cl_event event = nullptr;
    check(clEnqueueTask(queue_.get(), kernel_.get(), 0, nullptr, &event),
          "the kernel cannot be started");
    running_.reset(event);
    // No clFlush: XRT starts commands at once, and its clFlush waits for their end.
  }

  bool finished(std::chrono::milliseconds patience) override {
    return poll_until(patience, [&] {
      cl_int state = CL_QUEUED;
      check(clGetEventInfo(running_.get(), CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof(state), &state,
                           nullptr),
            "waiting for the kernel failed");
      if (state < 0) throw DeviceError("the kernel ended in OpenCL state " + std::to_string(state));
      return state == CL_COMPLETE;
    });
  }

  bool has_registers() const override { return registers_.available(); }
  std::uint32_t read_register(std::uint32_t offset) override {
    const std::lock_guard lock(api_);
    return registers_.read(offset);
  }

  std::string death() const override { return host_->death(); }
  void terminate() noexcept override { host_->terminate(); }

  void close() noexcept override {
    CaptureOutput capture;
    registers_ = {};
    running_.reset();
    kernel_.reset();
    placer_.reset();
    queue_.reset();
    program_.reset();
    context_.reset();
  }

 private:
  void open() {
    const std::vector<unsigned char> binary = read_file(image_.path);
    const unsigned char* bytes = binary.data();
    const std::size_t size = binary.size();
    cl_int status = CL_SUCCESS;
    context_.reset(clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &status));
    check(status, "there is no OpenCL context");
    cl_int loaded = CL_SUCCESS;
    host_->load([&] {
      program_.reset(
          clCreateProgramWithBinary(context_.get(), 1, &device_, &size, &bytes, &loaded, &status));
      check(status, "OpenCL cannot load image " + image_.path.string());
    });
    check(loaded, "OpenCL cannot load image " + image_.path.string());
    check(clBuildProgram(program_.get(), 1, &device_, "", nullptr, nullptr),
          "OpenCL cannot build image " + image_.path.string());
    for (Kernel* kernel : {&kernel_, &placer_}) {
      kernel->reset(clCreateKernel(program_.get(), image_.kernel.c_str(), &status));
      check(status, "image " + image_.path.string() + " has no kernel " + image_.kernel);
    }
    queue_.reset(clCreateCommandQueue(context_.get(), device_,
                                      CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &status));
    check(status, "there is no command queue");
    registers_ = OpenclRegisters(device_, kernel_.get(), registers::kMagic);
  }

  cl_uint id(std::string_view argument) const {
    return static_cast<cl_uint>(image_.argument(argument).id);
  }
  void set(const char* name, const CardBuffer& buffer) {
    cl_mem memory = static_cast<const OpenclBuffer&>(buffer).memory();
    check(clSetKernelArg(kernel_.get(), id(name), sizeof(memory), &memory),
          "argument " + std::string(name) + " cannot be set");
  }
  void set(const char* name, const std::uint32_t& value) {
    check(clSetKernelArg(kernel_.get(), id(name), sizeof(value), &value),
          "argument " + std::string(name) + " cannot be set");
  }

  const CardImage image_;
  std::unique_ptr<CardHost> host_;
  DeviceInfo info_;
  std::mutex api_;  // transfers, registers and starts one at a time; waiting is outside
  cl_device_id device_ = nullptr;
  cl_platform_id platform_ = nullptr;
  Context context_;
  Program program_;
  Queue queue_;
  Kernel kernel_;
  Kernel placer_;  // never runs: it binds buffers to banks
  Event running_;
  OpenclRegisters registers_;
};

}  // namespace

std::unique_ptr<Card> open_opencl_card(const CardSelector& selector, const CardImage& image,
                                       std::unique_ptr<CardHost> host) {
  return std::make_unique<OpenclCard>(selector, image, std::move(host));
}

bool opencl_built_in() { return true; }

}  // namespace narrowgate::internal
