// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole way through the stock XRT, native and OpenCL, to a card whose kernel is a C++ function
// (functional_card/): equal bits, several threads, and every way in which a card can fail.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <narrowgate_sim/emulation.hpp>
#include <thread>

#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

class Emulator : public ::testing::TestWithParam<Backend> {
 protected:
  static Device open(const std::string& image, std::chrono::milliseconds timeout = 10s,
                     const std::string& selector = "emulator") {
    OpenOptions options;
    options.backend = GetParam();
    options.image = std::string(NG_FUNCTIONAL_IMAGES) + "/" + image + ".xclbin";
    options.timeout = timeout;
    return Device::open(selector, options);
  }

  static sim::CardStatus status() { return sim::Emulation::Instance().Status(0); }

  /// The proof that a device works.
  static void expect_works(const Device& device, std::uint64_t seed = 77) {
    const RandomCall call = random_call(seed, Format::kInt8, Format::kInt8, 0, 33, 5, 7);
    const Device reference = Device::open("reference");
    EXPECT_EQ(result_bits(device, call, seed), result_bits(reference, call, seed)) << call.line;
  }

  /// A call that does not end by itself on the image functional_hang.
  struct EndlessCall {
    RandomCall call = random_call(5, Format::kInt8, Format::kInt8, 0, 4, 4, 4);
    std::vector<std::int32_t> c = std::vector<std::int32_t>(16);
    Job job;
    explicit EndlessCall(const Device& device)
        : job(submit(device, call.a.view, call.b.view, call.problem.options,
                     OutputView::row_major(c.data(), 4, 4))) {}
  };

  /// Runs a call that hangs, does `harm` to the card half a second later, expects the error within
  /// ten seconds, and that the next open works though the lost handle is still there.
  template <typename ErrorType, typename Harm>
  static void expect_loss(std::chrono::milliseconds timeout, Harm&& harm) {
    const Device device = open("functional_hang", timeout);
    EndlessCall call(device);
    ASSERT_FALSE(call.job.wait(500ms));
    const auto start = Clock::now();
    harm(status());
    EXPECT_THROW(call.job.wait(), ErrorType);
    EXPECT_LT(Clock::now() - start, 10s);
    expect_works(open("functional"));
  }
};

TEST_P(Emulator, AgreesWithTheReferenceInEveryBit) {
  const Device device = open("functional");
  const Device reference = Device::open("reference");
  std::uint64_t seed = 500;
  for (const FormatInfo& a : formats()) {
    for (const FormatInfo& b : formats()) {
      if (!can_share_blocks(a.format, b.format) ||
          !can_run(device, random_call(seed + 1, a.format, b.format, 0, 40).problem)) {
        continue;  // NVFP4 with MX; scales that a card does not multiply
      }
      // All other pairs than those of integers have one epilogue: two problems of each.
      const bool integers = a.is_plain_integer() && b.is_plain_integer();
      for (int kind = integers ? 0 : kEpilogueKinds - 2; kind < kEpilogueKinds; ++kind) {
        const RandomCall call = random_call(++seed, a.format, b.format, kind, 40);
        ASSERT_EQ(result_bits(device, call, seed), result_bits(reference, call, seed)) << call.line;
      }
    }
  }
}

TEST_P(Emulator, DescribesTheCardAndItsImage) {
  const Device device = open("functional");
  const DeviceInfo& info = device.describe();
  EXPECT_EQ(info.selector, "emulator");
  EXPECT_EQ(info.backend, to_string(GetParam()));
  EXPECT_TRUE(info.simulated);
  EXPECT_NE(info.name.find("xilinx_u250"), std::string::npos) << info.name;
  EXPECT_EQ(info.image, "functional");
  EXPECT_EQ(info.kernel, "gemm");
  EXPECT_EQ(info.card, "u250-ddr4");
  EXPECT_EQ(info.interface_hash, "0x0123456789abcdef");
  EXPECT_EQ(info.tile_rows * info.tile_cols, 1024U);
  // All but FP8 in groups, which no card multiplies.
  const auto on_cards = std::ranges::count_if(
      formats(), [](const FormatInfo& format) { return !(format.is_group() && format.is_float); });
  EXPECT_EQ(info.formats.size(), static_cast<std::size_t>(on_cards));
}

TEST_P(Emulator, ReadsTheCycleCounter) {
  const Device device = open("functional");
  const RandomCall call = random_call(1, Format::kInt8, Format::kInt8, 0, 4, 4, 4);
  std::vector<std::int32_t> c(16);
  const Report report = gemm(device, call.a.view, call.b.view, call.problem.options,
                             OutputView::row_major(c.data(), 4, 4));
  EXPECT_EQ(report.cycles, 1234U);
}

TEST_P(Emulator, MovesBuffersThatAreLargerThanOneMessage) {
  const Device device = open("functional");
  const Device reference = Device::open("reference");
  const RandomCall call = random_call(9, Format::kInt4, Format::kInt8, 1, 2, 1, 120'001);
  EXPECT_EQ(result_bits(device, call, 9), result_bits(reference, call, 9)) << call.line;
}

TEST_P(Emulator, ServesSeveralThreads) {
  const Device device = open("functional");
  const Device reference = Device::open("reference");
  const RandomCall shared = random_call(3, Format::kInt8, Format::kUint4, 0, 20, 33, 21);
  const Operand b = pack(device, Side::kB, shared.b.view);
  std::vector<std::future<void>> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      Rng rng(t);
      std::vector<OwnedMatrix> as;
      std::vector<std::vector<std::int32_t>> results(6, std::vector<std::int32_t>(20 * 33));
      std::vector<Job> jobs;
      for (int i = 0; i < 6; ++i) {
        as.push_back(random_matrix(rng, Format::kInt8, 20, 21, Order::kRowMajor));
        jobs.push_back(
            submit(device, as.back().view, b, {},
                   OutputView::row_major(results[static_cast<std::size_t>(i)].data(), 20, 33)));
      }
      for (std::size_t i = 0; i < 6; ++i) {
        jobs[i].wait();
        std::vector<std::int32_t> expected(20 * 33);
        gemm(reference, as[i].view, shared.b.view, {},
             OutputView::row_major(expected.data(), 20, 33));
        EXPECT_EQ(results[i], expected) << "thread " << t << " call " << i;
      }
    }));
  }
  for (auto& thread : threads) thread.get();
}

TEST_P(Emulator, OpensAgainAfterClose) {
  for (std::uint64_t i = 0; i < 3; ++i) {
    Device device = open("functional");
    expect_works(device, i);
    device.close();
  }
}

TEST_P(Emulator, IsOpenOnceInAProcess) {
  Device device = open("functional");
  EXPECT_THROW(open("functional"), DeviceBusyError);
  EXPECT_THROW(open("functional", 10s, "0"), DeviceBusyError) << "the same card by its index";
  device.close();
  expect_works(open("functional", 10s, "0"));
}

TEST_P(Emulator, RefusesAKernelThatIsNotTheImages) {
  EXPECT_THROW(open("functional_otherhash"), InterfaceMismatchError);
  expect_works(open("functional"));
}

TEST_P(Emulator, ReportsAMissingAndADamagedImage) {
  EXPECT_THROW(open("no_such_image"), MissingImageError);
  const fs::path damaged = fs::path(::testing::TempDir()) / "damaged.xclbin";
  fs::copy_file(std::string(NG_FUNCTIONAL_IMAGES) + "/functional.xclbin", damaged,
                fs::copy_options::overwrite_existing);
  fs::resize_file(damaged, 5000);
  OpenOptions options;
  options.backend = GetParam();
  options.image = damaged.string();
  EXPECT_THROW(Device::open("emulator", options), BadImageError);
  fs::remove(damaged);
  expect_works(open("functional"));
}

TEST_P(Emulator, ReportsACrashOfTheSimulator) {
  {
    const Device device = open("functional_crash");
    EndlessCall call(device);
    EXPECT_THROW(call.job.wait(), DeviceLostError);
    EXPECT_THROW(EndlessCall again(device), DeviceLostError);
  }
  expect_works(open("functional"));
}

TEST_P(Emulator, FailsACallWithBusErrorsAndWorksOn) {
  const Device device = open("functional_buserror");
  const RandomCall call = random_call(5, Format::kInt8, Format::kInt8, 0, 4, 4, 4);
  std::vector<std::int32_t> c(16);
  try {
    gemm(device, call.a.view, call.b.view, call.problem.options,
         OutputView::row_major(c.data(), 4, 4));
    FAIL() << "a call with bus errors succeeded";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("3 on gmem_a"), std::string::npos) << error.what();
  }
  expect_works(device);
}

TEST_P(Emulator, ReportsAHangWithinTheTimeOut) {
  const auto start = Clock::now();
  expect_loss<DeviceTimeoutError>(1s, [](const sim::CardStatus&) {});
  EXPECT_LT(Clock::now() - start, 8s);
}

TEST_P(Emulator, SurvivesAKilledSimulator) {
  expect_loss<DeviceLostError>(30s, [](const sim::CardStatus& card) {
    ASSERT_GT(card.simulator, 0);
    kill(card.simulator, SIGKILL);
  });
}

TEST_P(Emulator, SurvivesAKilledSupervisor) {
  expect_loss<DeviceLostError>(30s, [](const sim::CardStatus& card) {
    ASSERT_GT(card.supervisor, 0);
    kill(card.supervisor, SIGKILL);
  });
}

TEST_P(Emulator, SurvivesAStoppedSupervisor) {
  expect_loss<DeviceTimeoutError>(1s, [](const sim::CardStatus& card) {
    ASSERT_GT(card.supervisor, 0);
    kill(card.supervisor, SIGSTOP);
  });
}

TEST_P(Emulator, PrintsNothingAndLeavesNothingBehind) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("empty_" + std::to_string(getpid()));
  fs::create_directory(folder);
  const fs::path before = fs::current_path();
  fs::current_path(folder);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  {
    const Device device = open("functional");
    expect_works(device);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(fs::is_empty(folder)) << *fs::directory_iterator(folder);
  fs::current_path(before);
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Backends, Emulator, ::testing::Values(Backend::kXrt, Backend::kOpencl),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace
}  // namespace narrowgate::testing
