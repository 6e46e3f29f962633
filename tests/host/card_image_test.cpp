// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_image.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fake_card.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::testing {
namespace {

using internal::CardImage;
using internal::parse_card_image;

TEST(CardImage, ReadsWhatTheMetadataSay) {
  const CardImage image = parse_card_image(fake_metadata(112, 64, 512), "x.xclbin");
  EXPECT_EQ(image.name, "fake");
  EXPECT_EQ(image.kernel, "gemm");
  EXPECT_EQ(image.card, "a card of the tests");
  EXPECT_EQ(image.clock_mhz, 300.0);
  EXPECT_EQ(image.interface_hash, 0x0123456789abcdefU);
  EXPECT_EQ(image.geometry.tile_rows, 112U);
  EXPECT_EQ(image.geometry.tile_cols, 64U);
  EXPECT_EQ(image.geometry.port_bits, 512U);
  EXPECT_EQ(image.formats.size(), formats().size());
  EXPECT_EQ(image.argument("calls").id, 6);
  EXPECT_FALSE(image.argument("calls").pointer);
  EXPECT_TRUE(image.argument("v").pointer);
  EXPECT_EQ(image.counters.at(1).name, "read_a.busy");
  EXPECT_EQ(image.counters.at(1).offset, 0x820U);
}

TEST(CardImage, TakesAddressesAsTextToo) {
  nlohmann::json metadata = fake_metadata();
  metadata["kernel"]["args"][0]["offset"] = "0x1c";
  metadata["kernel"]["registers"]["counters"][0]["offset"] = "0x900";
  const CardImage image = parse_card_image(metadata, "x.xclbin");
  EXPECT_EQ(image.argument("a").offset, 0x1CU);
  EXPECT_EQ(image.counters.at(0).offset, 0x900U);
}

/// Expects a BadImageError in one line that names the file.
void refuses(const nlohmann::json& metadata, const std::string& part) {
  try {
    parse_card_image(metadata, "x.xclbin");
    FAIL() << metadata;
  } catch (const BadImageError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("x.xclbin"), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(CardImage, RefusesWhatItCannotUse) {
  nlohmann::json metadata = fake_metadata();
  metadata.erase("geometry");
  refuses(metadata, "geometry");
  refuses(fake_metadata(40, 32, 512), "40 lanes");
  refuses(fake_metadata(32, 32, 96), "ports of 96 bits");
  metadata = fake_metadata();
  metadata["formats"] = {"int8", "fp8"};
  refuses(metadata, "fp8");
  metadata = fake_metadata();
  metadata["kernel"]["args"].erase(6);
  refuses(metadata, "no argument 'calls'");
  metadata = fake_metadata();
  metadata["connectivity"]["gmem_q"] = 0;
  refuses(metadata, "gmem_v and gmem_q reach different memories");
  metadata = fake_metadata();
  metadata["kernel"]["interface_hash"] = "none";
  refuses(metadata, "cannot be used");
}

TEST(CardImage, MultipliesFourBitFormatsByOneAnotherOnlyWithLutRows) {
  nlohmann::json metadata = fake_metadata(48, 32, 512);
  metadata["kernel"]["defines"] = {{"NG_LUT_ROWS", 16}};
  metadata["formats"] = {"int8", "int4", "mxfp4"};
  const CardImage image = parse_card_image(metadata, "x.xclbin");
  EXPECT_EQ(image.geometry.for_a(Format::kInt8).tile_rows, 48U);
  EXPECT_EQ(image.geometry.for_a(Format::kMxfp4).tile_rows, 64U);
  const std::vector<std::pair<Format, Format>> pairs = {{Format::kInt8, Format::kInt8},
                                                        {Format::kInt4, Format::kInt4},
                                                        {Format::kInt4, Format::kMxfp4},
                                                        {Format::kMxfp4, Format::kInt4},
                                                        {Format::kMxfp4, Format::kMxfp4}};
  EXPECT_EQ(image.pairs, pairs);
  nlohmann::json mixed = metadata;
  mixed["pairs"] = nlohmann::json::parse(R"([["int4", "int4"], ["int8", "int4"]])");
  refuses(mixed, "multiplies int8 by int4");
  metadata["formats"] = {"int8", "uint4_group"};
  refuses(metadata, "lists format uint4_group");
  metadata = fake_metadata(48, 32, 512);
  metadata["kernel"]["defines"] = {{"NG_LUT_ROWS", 32}};
  refuses(metadata, "32 LUT rows do not fit the 64 slots of a panel of 48 rows");
}

TEST(CardImage, RefusesFilesThatAreNoImages) {
  const std::filesystem::path path = ::testing::TempDir() + "/not_an_image.xclbin";
  std::ofstream(path) << "this is not an image";
  EXPECT_THROW(internal::read_card_image(path), BadImageError);
  std::filesystem::remove(path);
  EXPECT_THROW(internal::read_card_image(path), MissingImageError);
}

}  // namespace
}  // namespace narrowgate::testing
