// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole stack through the OpenCL C API of XRT (libxilinxopencl).
#include <CL/cl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <narrowgate_sim/emulation.hpp>
#include <random>
#include <thread>
#include <vector>

namespace narrowgate::sim {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

// Context, program, queue and kernel of the test image on the first device.
class OpenClCard {
 public:
  OpenClCard() {
    Emulation& emulation = Emulation::Instance();
    emulation.Prepare(xclbin::ReadImage(NG_ADD_IMAGE), {});
    if (!emulation.WaitUntilClosed(0, std::chrono::seconds(10)))
      throw std::runtime_error("still open");
    cl_platform_id platform = nullptr;
    Check(clGetPlatformIDs(1, &platform, nullptr), "platform");
    Check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, 1, &device_, nullptr), "device");
    cl_int error = 0;
    context_ = clCreateContext(nullptr, 1, &device_, nullptr, nullptr, &error);
    Check(error, "context");
    std::ifstream in(NG_ADD_IMAGE, std::ios::binary);
    const std::vector<unsigned char> bytes((std::istreambuf_iterator<char>(in)), {});
    const unsigned char* data = bytes.data();
    const std::size_t size = bytes.size();
    {
      LoadScope load(emulation);
      program_ = clCreateProgramWithBinary(context_, 1, &device_, &size, &data, nullptr, &error);
      Check(error, "program");
      load.Finish();
    }
    queue_ =
        clCreateCommandQueue(context_, device_, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE, &error);
    Check(error, "queue");
    kernel_ = clCreateKernel(program_, "add_kernel", &error);
    Check(error, "kernel");
  }

  ~OpenClCard() {
    clReleaseKernel(kernel_);
    clReleaseCommandQueue(queue_);
    clReleaseProgram(program_);
    clReleaseContext(context_);
  }

  // Wrong results of adding `addend` to random data.
  std::size_t AddAndCount(cl_uint beats, cl_uint addend, cl_uint delay, cl_uint seed) {
    const std::size_t bytes = beats * 64u;
    std::mt19937 random(seed);
    std::vector<cl_uint> in(beats * 16u), out(in.size());
    for (cl_uint& word : in) word = static_cast<cl_uint>(random());
    cl_int error = 0;
    cl_mem from = clCreateBuffer(context_, CL_MEM_READ_ONLY, bytes, nullptr, &error);
    cl_mem to = clCreateBuffer(context_, CL_MEM_WRITE_ONLY, bytes, nullptr, &error);
    clSetKernelArg(kernel_, 0, sizeof from, &from);
    clSetKernelArg(kernel_, 1, sizeof to, &to);
    clSetKernelArg(kernel_, 2, sizeof beats, &beats);
    clSetKernelArg(kernel_, 3, sizeof addend, &addend);
    clSetKernelArg(kernel_, 4, sizeof delay, &delay);
    Check(clEnqueueWriteBuffer(queue_, from, CL_TRUE, 0, bytes, in.data(), 0, nullptr, nullptr),
          "write");
    Check(clEnqueueTask(queue_, kernel_, 0, nullptr, nullptr), "task");
    Check(clFinish(queue_), "finish");
    Check(clEnqueueReadBuffer(queue_, to, CL_TRUE, 0, bytes, out.data(), 0, nullptr, nullptr),
          "read");
    clReleaseMemObject(from);
    clReleaseMemObject(to);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < in.size(); ++i) wrong += out[i] != in[i] + addend;
    return wrong;
  }

  // Wrong words after moving a buffer to the card and back, in parts and out of order, and whole.
  std::size_t MoveAndCount(std::size_t bytes, std::size_t part, cl_uint seed) {
    std::mt19937 random(seed);
    std::vector<cl_uint> in(bytes / 4), whole(in.size()), parts(in.size());
    for (cl_uint& word : in) word = static_cast<cl_uint>(random());
    cl_int error = 0;
    cl_mem buffer = clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &error);
    Check(error, "buffer");
    cl_uint unused = 0;  // the arguments tell the bank
    clSetKernelArg(kernel_, 0, sizeof buffer, &buffer);
    clSetKernelArg(kernel_, 1, sizeof buffer, &buffer);
    for (cl_uint i = 2; i < 5; ++i) clSetKernelArg(kernel_, i, sizeof unused, &unused);
    for (std::size_t end = bytes; end > 0; end -= std::min(end, part)) {
      const std::size_t at = end - std::min(end, part);
      Check(clEnqueueWriteBuffer(queue_, buffer, CL_TRUE, at, end - at, &in[at / 4], 0, nullptr,
                                 nullptr),
            "write");
    }
    Check(clEnqueueReadBuffer(queue_, buffer, CL_TRUE, 0, bytes, whole.data(), 0, nullptr, nullptr),
          "read");
    for (std::size_t at = 0; at < bytes; at += part) {
      Check(clEnqueueReadBuffer(queue_, buffer, CL_TRUE, at, std::min(part, bytes - at),
                                &parts[at / 4], 0, nullptr, nullptr),
            "read");
    }
    clReleaseMemObject(buffer);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < in.size(); ++i) wrong += (whole[i] != in[i]) + (parts[i] != in[i]);
    return wrong;
  }

 private:
  static void Check(cl_int error, const char* what) {
    if (error != CL_SUCCESS)
      throw std::runtime_error(std::string(what) + ": OpenCL error " + std::to_string(error));
  }

  cl_device_id device_ = nullptr;
  cl_context context_ = nullptr;
  cl_program program_ = nullptr;
  cl_command_queue queue_ = nullptr;
  cl_kernel kernel_ = nullptr;
};

TEST(OpenClStack, ComputesExactly) {
  OpenClCard card;
  for (const cl_uint beats : {1u, 63u, 64u, 65u, 5000u}) {
    EXPECT_EQ(card.AddAndCount(beats, 0x80000001u + beats, 0, beats), 0u)
        << beats << " beats, seed " << beats;
  }
}

TEST(OpenClStack, PartsOfABufferLandInTheirPlaces) {
  OpenClCard card;
  EXPECT_EQ(card.MoveAndCount(5 << 19, 3 << 18, 9), 0u) << "seed 9";
}

TEST(OpenClStack, LoadsInLessThanASecond) {
  const auto start = Clock::now();
  OpenClCard card;
  EXPECT_LT(Seconds(start), 1.0);
  RecordProperty("load_ms", static_cast<int>(Seconds(start) * 1000));
}

TEST(OpenClStack, RunsTakeMilliseconds) {
  OpenClCard card;
  const auto start = Clock::now();
  for (cl_uint i = 0; i < 20; ++i) EXPECT_EQ(card.AddAndCount(64, i, 0, i), 0u);
  EXPECT_LT(Seconds(start) / 20, 0.1);
}

void KillInMidRun(pid_t CardStatus::* victim) {
  OpenClCard card;
  const CardStatus status = Emulation::Instance().Status(0);
  ASSERT_TRUE(status.alive) << status.reason;
  Clock::time_point killed;
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    killed = Clock::now();
    kill(status.*victim, SIGKILL);
  });
  try {
    card.AddAndCount(10, 1, 0xFFFFFFFF, 1);  // no result is right, an error is
  } catch (const std::runtime_error&) {
  }
  killer.join();
  EXPECT_LT(Seconds(killed), 5.0);
  EXPECT_FALSE(Emulation::Instance().Status(0).alive);
}

TEST(OpenClStack, SurvivesTheSimulatorsDeath) { KillInMidRun(&CardStatus::simulator); }
TEST(OpenClStack, SurvivesTheSupervisorsDeath) { KillInMidRun(&CardStatus::supervisor); }

}  // namespace
}  // namespace narrowgate::sim
