// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The library as it is on a machine without XRT. This program is linked with the files that stand
// in for the back ends; they take precedence over the library's own.
#include <gtest/gtest.h>

#include "narrowgate/narrowgate.hpp"

namespace narrowgate {
namespace {

TEST(NoRuntime, IsReportedWithThePackageToInstall) {
  for (const Backend backend : {Backend::kXrt, Backend::kOpencl}) {
    for (const char* selector : {"emulator", "0", "0000:b3:00.1"}) {
      OpenOptions options;
      options.backend = backend;
      try {
        Device::open(selector, options);
        FAIL() << selector;
      } catch (const NoRuntimeError& error) {
        EXPECT_NE(std::string(error.what()).find("libxrt-dev"), std::string::npos) << error.what();
      }
    }
  }
}

TEST(NoRuntime, LeavesTheReferenceUsable) {
  const std::vector<DeviceInfo> devices = Device::list();
  EXPECT_TRUE(devices.at(0).usable);
  EXPECT_FALSE(devices.at(1).usable);
  EXPECT_NE(devices.at(1).note.find("libxrt-dev"), std::string::npos) << devices.at(1).note;
  const std::int8_t two = 2, three = 3;
  std::int32_t c = 0;
  gemm(Device::open("reference"), MatrixView::row_major(&two, Format::kInt8, 1, 1),
       MatrixView::row_major(&three, Format::kInt8, 1, 1), {}, OutputView::row_major(&c, 1, 1));
  EXPECT_EQ(c, 6);
}

}  // namespace
}  // namespace narrowgate
