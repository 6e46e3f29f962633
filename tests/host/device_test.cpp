// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Opening devices, and the reference as a device. What needs XRT is in emulator_test.cpp.
#include "narrowgate/device.hpp"

#include <gtest/gtest.h>

#include "narrowgate/narrowgate.hpp"

namespace narrowgate {
namespace {

TEST(Device, ListsTheReferenceAndTheEmulatorEverywhere) {
  const std::vector<DeviceInfo> devices = Device::list();
  ASSERT_GE(devices.size(), 2U);
  EXPECT_EQ(devices[0].selector, "reference");
  EXPECT_TRUE(devices[0].usable);
  EXPECT_EQ(devices[1].selector, "emulator");
  EXPECT_TRUE(devices[1].simulated);
  EXPECT_TRUE(devices[1].usable || !devices[1].note.empty());
}

TEST(Device, DescribesTheReference) {
  const Device device = Device::open("reference");
  EXPECT_TRUE(device.is_open());
  EXPECT_EQ(device.describe().backend, "reference");
  EXPECT_EQ(device.describe().formats.size(), formats().size());
  EXPECT_EQ(device.describe().tile_rows, 0U);
}

TEST(Device, RefusesUnknownSelectors) {
  for (const char* selector : {"", "emulater", "0x1", "-1", "12:34", "0000:b3:00.8", "1234"}) {
    EXPECT_THROW(Device::open(selector), NoDeviceError) << selector;
  }
}

TEST(Device, RefusesATimeOutOfNothing) {
  OpenOptions options;
  options.timeout = std::chrono::milliseconds(0);
  EXPECT_THROW(Device::open("emulator", options), InvalidArgumentError);
}

TEST(Device, NamesItsBackends) {
  EXPECT_EQ(parse_backend("xrt"), Backend::kXrt);
  EXPECT_EQ(parse_backend("opencl"), Backend::kOpencl);
  EXPECT_THROW(parse_backend("cuda"), UnsupportedError);
}

TEST(Device, ThatIsEmptyOrClosedRefusesEveryUse) {
  const std::int8_t value = 1;
  const MatrixView one = MatrixView::row_major(&value, Format::kInt8, 1, 1);
  const Device empty;
  EXPECT_FALSE(empty.is_open());
  EXPECT_THROW(empty.describe(), ClosedError);
  EXPECT_THROW(pack(empty, Side::kA, one), ClosedError);
  Device closed = Device::open("reference");
  const Device copy = closed;
  closed.close();
  EXPECT_FALSE(copy.is_open());
  EXPECT_THROW(pack(copy, Side::kA, one), ClosedError);
  EXPECT_THROW(can_run(copy, {1, 1, 1, Format::kInt8, Format::kInt8, {}}), ClosedError);
  EXPECT_NO_THROW(closed.describe());
  closed.close();
}

TEST(Gemm, RefusesShapesThatDoNotMatchBeforeAnythingRuns) {
  const Device device = Device::open("reference");
  const std::int8_t a[6] = {}, b[6] = {};
  std::int32_t c[9] = {};
  const auto call = [&](std::size_t k_of_b) {
    return submit(device, MatrixView::row_major(a, Format::kInt8, 2, 3),
                  MatrixView::row_major(b, Format::kInt8, k_of_b, 2), {},
                  OutputView::row_major(c, 2, 2));
  };
  EXPECT_NO_THROW(call(3).wait());
  try {
    call(2);
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_STREQ(error.what(),
                 "A is 2 x 3 and B is 2 x 2: A must have as many columns as B has rows");
  }
}

TEST(Gemm, ReportsElementsOutOfRangeThroughTheJob) {
  const Device device = Device::open("reference");
  const std::int8_t a = 9, b = 1;
  std::int32_t c = 0;
  const MatrixView bad = MatrixView::row_major(&a, Format::kInt4, 1, 1);
  EXPECT_THROW(pack(device, Side::kA, bad), ValueRangeError);
  const Job job = submit(device, bad, MatrixView::row_major(&b, Format::kInt4, 1, 1), {},
                         OutputView::row_major(&c, 1, 1));
  try {
    job.wait();
    FAIL();
  } catch (const ValueRangeError& error) {
    EXPECT_STREQ(error.what(), "matrix A has 9 at (0, 0): the range of int4 is -8 to 7");
  }
}

TEST(Gemm, SaysBeforehandWhatItWouldRefuse) {
  const Device device = Device::open("reference");
  Problem problem{8, 8, 8, Format::kInt8, Format::kUint8, {}};
  EXPECT_TRUE(can_run(device, problem));
  problem.k = 1'000'000;
  const Verdict verdict = can_run(device, problem);
  EXPECT_FALSE(verdict);
  EXPECT_EQ(verdict.code, ErrorCode::kAccumulatorRange);
  EXPECT_NE(verdict.message.find("K = 1000000"), std::string::npos) << verdict.message;
}

TEST(Gemm, TakesResidentOperandsOnTheReference) {
  const Device device = Device::open("reference");
  std::int8_t a[2] = {3, 4}, b[2] = {5, 6};
  const Operand pa = pack(device, Side::kA, MatrixView::row_major(a, Format::kInt8, 1, 2));
  const Operand pb = pack(device, Side::kB, MatrixView::row_major(b, Format::kInt8, 2, 1));
  a[0] = b[0] = 0;  // packed: the caller's memory no longer counts
  std::int32_t c = 0;
  const Report report = gemm(device, pa, pb, {.a_zero = 1}, OutputView::row_major(&c, 1, 1));
  EXPECT_EQ(c, 2 * 5 + 3 * 6);
  EXPECT_EQ(report.macs, 2U);
  EXPECT_EQ(report.cycles, 0U);
  EXPECT_EQ(pa.device_bytes(), 0U);
}

TEST(Job, ThatIsEmptyRefusesEveryUse) {
  EXPECT_THROW(Job().wait(), InvalidArgumentError);
  EXPECT_THROW(Job().ready(), InvalidArgumentError);
  EXPECT_THROW(Operand().rows(), InvalidArgumentError);
  EXPECT_FALSE(Operand());
}

TEST(Error, NamesEveryCode) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kClosed); ++code) {
    EXPECT_NE(to_string(static_cast<ErrorCode>(code)), "unknown") << code;
  }
}

}  // namespace
}  // namespace narrowgate
