// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The host's half of the seams: packing, vector buffer, arguments and unpacking, checked against
// the reference by a card that is a plain function; and what happens when a card misbehaves.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "core/card_engine.hpp"
#include "fake_card.hpp"
#include "random_problem.hpp"

namespace narrowgate::testing {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<FakeState> fresh() { return std::make_shared<FakeState>(); }

class FakeAgainstReference : public ::testing::TestWithParam<std::tuple<Format, Format>> {};

TEST_P(FakeAgainstReference, AgreesInEveryBitForAllEpilogues) {
  const auto [a, b] = GetParam();
  const Device fake = open_fake(fresh());
  const Device reference = Device::open("reference");
  if (!can_share_blocks(a, b)) {
    EXPECT_THROW(result_bits(fake, random_call(1, a, b, 4), 1), ShapeError);
    return;
  }
  if (!can_run(fake, random_call(1, a, b, 4).problem)) {
    EXPECT_THROW(result_bits(fake, random_call(1, a, b, 4), 1), UnsupportedError);
    return;
  }
  const bool integers =
      narrowgate::info(a).is_plain_integer() && narrowgate::info(b).is_plain_integer();
  for (std::uint64_t i = 0; i < (integers ? 30 : 10); ++i) {
    const std::uint64_t seed = 7919 * i + 64 * static_cast<int>(a) + static_cast<int>(b);
    const RandomCall call = random_call(seed, a, b, static_cast<int>(i % kEpilogueKinds));
    ASSERT_EQ(result_bits(fake, call, seed), result_bits(reference, call, seed)) << call.line;
  }
}

std::vector<Format> all_formats() {
  std::vector<Format> all;
  for (const FormatInfo& format : formats()) all.push_back(format.format);
  return all;
}

INSTANTIATE_TEST_SUITE_P(AllFormatPairs, FakeAgainstReference,
                         ::testing::Combine(::testing::ValuesIn(all_formats()),
                                            ::testing::ValuesIn(all_formats())),
                         [](const auto& test) {
                           return std::string(narrowgate::info(std::get<0>(test.param)).name) +
                                  "_" + std::string(narrowgate::info(std::get<1>(test.param)).name);
                         });

// Int32 results of few rows and columns: slices of K side by side, whatever the zero-points; at the
// shortest K that is split, and at those whose last slice is short or has nothing.
TEST(CardEngine, SplitsALongKExactly) {
  const Device fake = open_fake(fresh());
  const Device reference = Device::open("reference");
  constexpr Format kPlain[] = {Format::kInt8, Format::kUint8, Format::kInt4, Format::kUint4};
  std::uint64_t seed = 8000;
  for (const Format a : kPlain) {
    for (const Format b : kPlain) {
      for (const auto& [m, n, k] : {std::array<std::size_t, 3>{16, 16, 512},
                                    {1, 1, 300 * 32 + 1},
                                    {5, 7, 1537},
                                    {16, 3, 8191},
                                    {17, 1, 2000}}) {
        const RandomCall call = random_call(++seed, a, b, 0, m, n, k);
        ASSERT_EQ(result_bits(fake, call, seed), result_bits(reference, call, seed)) << call.line;
      }
    }
  }
}

// 4-bit operands meet tiles of 64 rows, others of 48, in one group as well.
TEST(CardEngine, HasTallerTilesForFourBitOperandsOfAnImageWithLutRows) {
  nlohmann::json metadata = fake_metadata(48, 32, 512);
  metadata["kernel"]["defines"] = {{"NG_LUT_ROWS", 16}};
  metadata["formats"] = {"int8", "int4", "uint4", "mxfp4", "mxfp8_e4m3"};
  const Device fake = open_fake(fresh(), 10s, metadata);
  const Device reference = Device::open("reference");
  EXPECT_EQ(fake.describe().lut_rows, 16U);
  std::uint64_t seed = 8500;
  for (const auto& [a, b] : {std::pair{Format::kInt4, Format::kInt4},
                             {Format::kUint4, Format::kInt4},
                             {Format::kMxfp4, Format::kMxfp4},
                             {Format::kInt8, Format::kInt8},
                             {Format::kInt8, Format::kMxfp8E4m3}}) {
    for (int kind = 0; kind < kEpilogueKinds; ++kind) {
      for (const std::size_t m : {1U, 48U, 49U, 64U, 65U, 130U}) {
        const RandomCall call = random_call(++seed, a, b, kind, m, 40, 96);
        if (!can_run(fake, call.problem)) continue;
        ASSERT_EQ(result_bits(fake, call, seed), result_bits(reference, call, seed)) << call.line;
      }
    }
  }
  const std::size_t peak = 64 * 32 * 2;
  Problem problem;
  problem.m = problem.n = problem.k = 64;
  problem.a_format = Format::kInt4;
  for (const Format mixed : {Format::kInt8, Format::kMxfp8E4m3}) {
    problem.b_format = mixed;
    const Verdict verdict = can_run(fake, problem);
    EXPECT_EQ(verdict.code, ErrorCode::kUnsupported) << verdict.message;
    EXPECT_FALSE(verdict);
  }
  std::vector<std::int8_t> ones(64 * 64, 1);
  std::vector<std::int32_t> sums(64 * 64);
  const auto matrix = [&] { return MatrixView::row_major(ones.data(), Format::kInt4, 64, 64); };
  const Report report =
      gemm(fake, matrix(), matrix(), {}, OutputView::row_major(sums.data(), 64, 64));
  EXPECT_EQ(report.peak_macs_per_cycle, peak);
  EXPECT_EQ(sums, std::vector<std::int32_t>(64 * 64, 64));
}

TEST(CardEngine, FollowsTheGeometryOfTheImage) {
  const Device reference = Device::open("reference");
  for (const auto& [rows, cols, port] : {std::tuple{16U, 16U, 256U}, std::tuple{64U, 32U, 512U},
                                         std::tuple{8U, 16U, 128U}, std::tuple{112U, 128U, 512U}}) {
    const Device fake = open_fake(fresh(), 10s, fake_metadata(rows, cols, port));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const RandomCall call =
          random_call(seed, static_cast<Format>(seed % 4), static_cast<Format>(seed / 4 % 4),
                      static_cast<int>(seed % kEpilogueKinds));
      ASSERT_EQ(result_bits(fake, call, seed), result_bits(reference, call, seed))
          << call.line << " on " << rows << " x " << cols;
    }
    for (const auto& [a, b] : {std::pair{Format::kMxfp4, Format::kMxfp6E3m2},
                               {Format::kMxfp6E2m3, Format::kMxint8},
                               {Format::kNvfp4, Format::kNvfp4},
                               {Format::kE2m3, Format::kUint4Group},
                               {Format::kInt8Group, Format::kUint4}}) {
      for (std::uint64_t seed = 50; seed < 55; ++seed) {
        const RandomCall call = random_call(seed, a, b, 4);
        ASSERT_EQ(result_bits(fake, call, seed), result_bits(reference, call, seed))
            << call.line << " on " << rows << " x " << cols;
      }
    }
  }
}

TEST(CardEngine, ReusesResidentOperandsWithDifferentZeroPoints) {
  const auto state = fresh();
  const Device fake = open_fake(state);
  const Device reference = Device::open("reference");
  const RandomCall call = random_call(1, Format::kUint8, Format::kInt4, 0, 40, 50, 33);
  const Operand a = pack(fake, Side::kA, call.a.view);
  const Operand b = pack(fake, Side::kB, call.b.view);
  EXPECT_EQ(a.rows(), 40U);
  EXPECT_EQ(b.cols(), 50U);
  EXPECT_EQ(a.device_bytes(), 2 * 17 * 64U);
  EXPECT_EQ(b.device_bytes(), 2 * 9 * 64U);
  for (const std::int32_t zero : {0, 128, 255}) {
    GemmOptions options;
    options.a_zero = zero;
    options.b_zero = zero % 7;
    std::vector<std::int32_t> c(40 * 50), expected(40 * 50);
    const Report report = gemm(fake, a, b, options, OutputView::row_major(c.data(), 40, 50));
    gemm(reference, call.a.view, call.b.view, options,
         OutputView::row_major(expected.data(), 40, 50));
    EXPECT_EQ(c, expected) << call.line;
    EXPECT_EQ(report.bytes_uploaded, 128U + 4 * 64U + 2 * 512U + 0U * zero)
        << "only the descriptor and the vectors travel";
  }
  EXPECT_EQ(state->allocations, 4) << "v and c come from the pool the second time";
}

TEST(CardEngine, ReportsTheCountersOfTheCard) {
  const Device fake = open_fake(fresh());
  const RandomCall call = random_call(3, Format::kInt8, Format::kInt8, 0, 3, 5, 7);
  std::vector<std::int32_t> c(15);
  const Report report = gemm(fake, call.a.view, call.b.view, call.problem.options,
                             OutputView::row_major(c.data(), 3, 5));
  const auto counter = [](std::uint64_t i) { return (i + 1) << 32 | (1000 * i + 7); };
  EXPECT_EQ(report.cycles, counter(0));
  EXPECT_EQ(report.macs, 105U);
  EXPECT_EQ(report.peak_macs_per_cycle, 1024U);
  ASSERT_EQ(report.stages.size(), 1U);
  EXPECT_EQ(report.stages[0].name, "read_a");
  EXPECT_EQ(report.stages[0].busy, counter(1));
  EXPECT_EQ(report.stages[0].stall_in, counter(2));
  EXPECT_EQ(report.stages[0].stall_out, counter(3));
  ASSERT_EQ(report.ports.size(), 2U);
  EXPECT_EQ(report.ports[1].name, "gmem_c");
  EXPECT_EQ(report.ports[1].beats_written, counter(8));
  EXPECT_EQ(report.bytes_read, 64 * (counter(4) + counter(7)));
  EXPECT_EQ(report.bytes_written, 64 * (counter(5) + counter(8)));
  EXPECT_EQ(report.bytes_downloaded, 4096U);
}

// Each register is a round trip: the upper words of counters that cannot have any are not read.
TEST(CardEngine, ReadsNoUpperWordsAfterAShortRun) {
  const auto state = fresh();
  state->short_run = true;
  const Device fake = open_fake(state);
  const RandomCall call = random_call(3, Format::kInt8, Format::kInt8, 0, 3, 5, 7);
  std::vector<std::int32_t> c(15);
  const Report report = gemm(fake, call.a.view, call.b.view, call.problem.options,
                             OutputView::row_major(c.data(), 3, 5));
  EXPECT_EQ(report.cycles, 7U);
  EXPECT_EQ(report.stages.at(0).stall_out, 3007U);
  EXPECT_EQ(state->upper_words_read, 1);  // of the cycles
}

TEST(CardEngine, RunsManyCallsFromSeveralThreads) {
  const Device fake = open_fake(fresh());
  const Device reference = Device::open("reference");
  std::vector<std::future<void>> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      std::vector<RandomCall> calls;
      std::vector<std::vector<std::int32_t>> results;
      std::vector<Job> jobs;
      for (std::uint64_t i = 0; i < 12; ++i) {
        calls.push_back(random_call(100 * t + i, Format::kInt8, Format::kUint4, 0));
        const Problem& p = calls.back().problem;
        results.emplace_back(p.m * p.n);
      }
      for (std::size_t i = 0; i < calls.size(); ++i) {
        const Problem& p = calls[i].problem;
        jobs.push_back(submit(fake, calls[i].a.view, calls[i].b.view, p.options,
                              OutputView::row_major(results[i].data(), p.m, p.n)));
      }
      for (std::size_t i = 0; i < calls.size(); ++i) {
        jobs[i].wait();
        EXPECT_TRUE(jobs[i].ready());
        const Problem& p = calls[i].problem;
        std::vector<std::int32_t> expected(p.m * p.n);
        gemm(reference, calls[i].a.view, calls[i].b.view, p.options,
             OutputView::row_major(expected.data(), p.m, p.n));
        EXPECT_EQ(results[i], expected) << calls[i].line;
      }
    }));
  }
  for (auto& thread : threads) thread.get();
}

/// A call whose operands and result live as long as the object.
struct SmallCall {
  RandomCall call = random_call(5, Format::kInt8, Format::kInt8, 0, 4, 4, 4);
  std::vector<std::int32_t> c = std::vector<std::int32_t>(16);
  Job submit_to(const Device& device) {
    return submit(device, call.a.view, call.b.view, call.problem.options,
                  OutputView::row_major(c.data(), 4, 4));
  }
};

TEST(CardEngine, WaitsOnlyAsLongAsItIsTold) {
  const auto state = fresh();
  state->run_ms = 300;
  const Device fake = open_fake(state);
  SmallCall call;
  const Job job = call.submit_to(fake);
  EXPECT_FALSE(job.ready());
  EXPECT_FALSE(job.wait(20ms));
  EXPECT_TRUE(job.wait(10s));
  EXPECT_TRUE(job.ready());
  EXPECT_GE(job.report().run_s, 0.25);
}

TEST(CardEngine, OverlapsUploadWithComputation) {
  const auto state = fresh();
  state->run_ms = 100;
  const Device fake = open_fake(state);
  SmallCall first, second;
  const Job a = first.submit_to(fake);
  const Job b = second.submit_to(fake);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(state->runs, 1);
  EXPECT_EQ(state->allocations, 8) << "the second call is on the card while the first one runs";
  a.wait();
  b.wait();
}

TEST(CardEngine, ReportsAHangWithinTheLimitAndFailsCallsInTheQueue) {
  const auto state = fresh();
  state->hang = true;
  const Device fake = open_fake(state, 200ms);
  SmallCall first, second;
  const auto start = std::chrono::steady_clock::now();
  const Job a = first.submit_to(fake);
  const Job b = second.submit_to(fake);
  EXPECT_THROW(a.wait(), DeviceTimeoutError);
  EXPECT_THROW(b.wait(), DeviceTimeoutError);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  EXPECT_TRUE(state->terminated);
  SmallCall third;
  EXPECT_THROW(third.submit_to(fake), DeviceTimeoutError);
}

TEST(CardEngine, AllowsLongRunsThatMakeProgress) {
  const auto state = fresh();
  state->crawl = true;
  const Device fake = open_fake(state, 200ms);
  SmallCall call;
  const Job job = call.submit_to(fake);
  EXPECT_FALSE(job.wait(900ms));
  state->crawl = false;
  state->hang = true;
  EXPECT_THROW(job.wait(), DeviceTimeoutError);
}

TEST(CardEngine, ComesBackWhenTheRuntimeDoesNot) {
  const auto state = fresh();
  const Device fake = open_fake(state, 200ms);
  state->stuck = true;
  SmallCall call;
  EXPECT_THROW(call.submit_to(fake).wait(), DeviceTimeoutError);
  EXPECT_TRUE(state->terminated);
}

TEST(CardEngine, ReportsADeadCard) {
  for (const bool by_register : {true, false}) {
    const auto state = fresh();
    const Device fake = open_fake(state);
    SmallCall call;
    call.submit_to(fake).wait();
    (by_register ? state->dead_magic : state->says_dead) = true;
    try {
      call.submit_to(fake).wait();
      FAIL() << "a dead card answered";
    } catch (const DeviceLostError& error) {
      EXPECT_NE(std::string(error.what()).find(by_register ? "0xDEAD0000" : "killed by the test"),
                std::string::npos)
          << error.what();
    }
  }
}

TEST(CardEngine, SurvivesAFailedTransfer) {
  const auto state = fresh();
  const Device fake = open_fake(state);
  SmallCall call;
  state->fail_transfer = true;
  EXPECT_THROW(call.submit_to(fake).wait(), DeviceError);
  EXPECT_THROW(pack(fake, Side::kA, call.call.a.view), DeviceError);
  state->fail_transfer = false;
  EXPECT_NO_THROW(call.submit_to(fake).wait());
}

TEST(CardEngine, FailsACallWithBusErrorsAndWorksOn) {
  const auto state = fresh();
  const Device fake = open_fake(state);
  SmallCall call;
  for (const std::uint64_t errors : {std::uint64_t{1}, std::uint64_t{5} << 32 | 7}) {
    state->bus_errors = errors;
    try {
      call.submit_to(fake).wait();
      FAIL() << "a call with bus errors succeeded";
    } catch (const DeviceError& error) {
      EXPECT_EQ(std::string(error.what()),
                "the card's memory answered the kernel with errors (limit 0): " +
                    std::to_string(errors) + " on gmem_c; the result is not valid");
    }
    state->bus_errors = 0;
    EXPECT_NO_THROW(call.submit_to(fake).wait());
  }
}

TEST(CardEngine, RefusesAKernelThatIsNotTheImages) {
  const auto state = fresh();
  state->hash = 0xFEDCBA9876543210ULL;
  try {
    open_fake(state);
    FAIL() << "the mismatch was not noticed";
  } catch (const InterfaceMismatchError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("0x0123456789abcdef"), std::string::npos) << message;
    EXPECT_NE(message.find("0xfedcba9876543210"), std::string::npos) << message;
  }
  EXPECT_TRUE(state->closed);
}

TEST(CardEngine, RefusesFormatsThatTheImageDoesNotTake) {
  nlohmann::json metadata = fake_metadata();
  metadata["formats"] = {"int8"};
  const Device fake = open_fake(fresh(), 10s, metadata);
  const RandomCall call = random_call(5, Format::kInt8, Format::kUint4, 0, 4, 4, 4);
  EXPECT_THROW(pack(fake, Side::kB, call.b.view), UnsupportedError);
  const Verdict verdict = can_run(fake, call.problem);
  EXPECT_FALSE(verdict);
  EXPECT_EQ(verdict.code, ErrorCode::kUnsupported);
  EXPECT_EQ(verdict.message, "image 'fake' does not take uint4: it takes int8");
}

TEST(CardEngine, ReleasesEverythingOnClose) {
  const auto state = fresh();
  SmallCall call;
  Device fake = open_fake(state);
  const Operand a = pack(fake, Side::kA, call.call.a.view);
  const Job job = call.submit_to(fake);
  fake.close();
  EXPECT_TRUE(job.ready()) << "close() waits for calls in flight";
  EXPECT_NO_THROW(job.wait());
  EXPECT_EQ(state->buffers, 0);
  EXPECT_TRUE(state->closed);
  EXPECT_FALSE(fake.is_open());
  EXPECT_THROW(pack(fake, Side::kA, call.call.a.view), ClosedError);
  EXPECT_THROW(call.submit_to(fake), ClosedError);
  fake.close();
}

TEST(CardEngine, ClosesWithTheLastHandle) {
  const auto state = fresh();
  SmallCall call;
  Job job;
  Operand a;
  {
    const Device fake = open_fake(state);
    a = pack(fake, Side::kA, call.call.a.view);
    job = call.submit_to(fake);
  }
  EXPECT_TRUE(state->closed);
  EXPECT_EQ(state->buffers, 0);
  EXPECT_NO_THROW(job.wait());
}

TEST(CardEngine, RefusesOperandsOfOtherDevicesAndSides) {
  const Device one = open_fake(fresh());
  const Device other = open_fake(fresh());
  SmallCall call;
  const Operand a = pack(one, Side::kA, call.call.a.view);
  const Operand b = pack(one, Side::kB, call.call.b.view);
  const OutputView c = OutputView::row_major(call.c.data(), 4, 4);
  EXPECT_THROW(gemm(other, a, b, {}, c), InvalidArgumentError);
  EXPECT_THROW(gemm(one, b, a, {}, c), InvalidArgumentError);
  EXPECT_THROW(gemm(one, Operand(), b, {}, c), InvalidArgumentError);
  EXPECT_NO_THROW(gemm(one, a, b, {}, c));
}

}  // namespace
}  // namespace narrowgate::testing
