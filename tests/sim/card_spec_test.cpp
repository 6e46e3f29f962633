// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "card_spec.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace narrowgate::sim {
namespace {

nlohmann::json Metadata(const std::string& card) {
  nlohmann::json metadata;
  metadata["card"] =
      nlohmann::json::parse(std::ifstream(NG_SOURCE_DIR "/sim/cards/" + card + ".json"));
  metadata["image"] = "test";
  metadata["clock_mhz"] = 300;
  metadata["kernel"] = {{"top", "k"}};
  metadata["connectivity"] = {{"gmem", 1u}};
  return metadata;
}

std::string ErrorOf(const nlohmann::json& metadata) {
  try {
    ParseCardSpec(metadata);
  } catch (const CardError& error) {
    return error.what();
  }
  return "";
}

TEST(CardSpec, ReadsThePresets) {
  const CardSpec ddr = ParseCardSpec(Metadata("u250-ddr4"));
  ASSERT_EQ(ddr.banks.size(), 4u);
  EXPECT_EQ(ddr.banks[1].tag, "DDR[1]");
  EXPECT_EQ(ddr.banks[1].base, 0x5000000000u);
  EXPECT_EQ(ddr.timings[0].trfc, 350000);
  EXPECT_EQ(ddr.bank_of_bundle.at("gmem"), 1u);
  const CardSpec hbm = ParseCardSpec(Metadata("u55c-hbm2"));
  ASSERT_EQ(hbm.banks.size(), 32u);
  EXPECT_EQ(hbm.banks[31].base, 31 * 0x20000000ull);
  EXPECT_TRUE(hbm.timings[0].reorder_ids);
  EXPECT_EQ(hbm.timings[0].reorder_window, 32u);
  EXPECT_TRUE(hbm.timings[0].reorder_in_group);
  EXPECT_FALSE(ddr.timings[0].reorder_in_group);
  EXPECT_EQ(ddr.timings[0].reorder_age_limit, 16u);
}

TEST(CardSpec, EveryFigureHasASource) {
  for (const char* card : {"u250-ddr4", "u55c-hbm2"}) {
    const nlohmann::json metadata = Metadata(card);
    std::string named;
    for (const auto& [key, text] : metadata["card"]["sources"].items()) named += key + ", ";
    for (const auto& [name, timing] : metadata["card"]["timings"].items()) {
      for (const auto& [key, value] : timing.items()) {
        if (key == "jitter_ns") continue;  // off
        EXPECT_NE(named.find(key + ","), std::string::npos) << card << ": " << key;
      }
    }
  }
}

TEST(CardSpec, NamesWhatIsMissingOrOutOfRange) {
  nlohmann::json bad = Metadata("u250-ddr4");
  bad["card"]["timings"]["ddr4-2400-x64"].erase("trcd_ns");
  EXPECT_NE(ErrorOf(bad).find("trcd_ns"), std::string::npos);
  bad = Metadata("u250-ddr4");
  bad["card"]["timings"]["ddr4-2400-x64"]["row_bytes"] = 5000;
  EXPECT_NE(ErrorOf(bad).find("5000"), std::string::npos);
  bad = Metadata("u250-ddr4");
  bad["card"]["timings"]["ddr4-2400-x64"]["cl_ns"] = -1;
  EXPECT_NE(ErrorOf(bad).find("cl_ns"), std::string::npos);
  bad = Metadata("u250-ddr4");
  bad["clock_mhz"] = 0;
  EXPECT_NE(ErrorOf(bad).find("clock_mhz"), std::string::npos);
  bad = Metadata("u250-ddr4");
  bad["connectivity"]["gmem"] = 4u;
  EXPECT_NE(ErrorOf(bad).find("bank 4 of 4"), std::string::npos);
  bad = Metadata("u250-ddr4");
  bad["card"]["timings"]["ddr4-2400-x64"]["trefi_ns"] = 300;
  EXPECT_NE(ErrorOf(bad).find("trefi_ns"), std::string::npos);
  for (const int window : {0, 257}) {
    bad = Metadata("u250-ddr4");
    bad["card"]["timings"]["ddr4-2400-x64"]["reorder_window"] = window;
    EXPECT_NE(ErrorOf(bad).find("\"reorder_window\" is " + std::to_string(window)),
              std::string::npos);
  }
  bad = Metadata("u250-ddr4");
  bad["card"]["timings"]["ddr4-2400-x64"].erase("reorder_age_limit");
  EXPECT_NE(ErrorOf(bad).find("reorder_age_limit"), std::string::npos);
}

}  // namespace
}  // namespace narrowgate::sim
