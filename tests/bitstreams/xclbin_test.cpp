// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>
#include <zip.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <narrowgate_xclbin/xclbin.hpp>
#include <random>

#include "axlf_format.hpp"

namespace narrowgate::xclbin {
namespace {

using nlohmann::json;

// A kernel with two bundles on a card with two DDR banks.
ImageContents Contents() {
  ImageContents contents;
  contents.manifest = json::parse(R"({
    "name": "demo", "clock_mhz": 300, "formats": ["int8"],
    "geometry": {"tile_rows": 32, "tile_cols": 32, "port_bits": 512},
    "connectivity": {"gmem_a": "DDR[1]", "gmem_b": "DDR[0]"}})");
  contents.kernel = json::parse(R"({
    "top": "demo_kernel", "clock_mhz": 300, "interface_hash": "0x0011223344556677",
    "ports": {"m_axi": [
      {"bundle": "gmem_a", "data_width": 512, "addr_width": 64, "id_width": 1, "reads": true, "writes": false},
      {"bundle": "gmem_b", "data_width": 256, "addr_width": 64, "id_width": 1, "reads": false, "writes": true}],
      "s_axilite": {"addr_width": 12}},
    "args": [{"name": "a", "id": 0, "kind": "pointer", "bits": 64, "offset": 16, "bundle": "gmem_a"},
             {"name": "b", "id": 1, "kind": "pointer", "bits": 64, "offset": "0x1c", "bundle": "gmem_b"},
             {"name": "k", "id": 2, "kind": "scalar", "bits": 32, "offset": 40}]})");
  contents.card = json::parse(R"({
    "name": "card", "platform": "xilinx_demo_card_1", "part": "xcu250",
    "memories": [{"tag": "DDR", "kind": "ddr4", "banks": 2, "base": "0x4000000000", "stride": "0x1000000000",
                  "bytes": "0x400000000", "timing": "t"}]})");
  contents.files.push_back(
      {"launch_hw_emu.sh", {'#', '!', '/', 'b', 'i', 'n', '/', 's', 'h', '\n'}, true});
  std::vector<std::uint8_t> program(100000);
  std::mt19937 random(1);
  for (std::uint8_t& byte : program) byte = static_cast<std::uint8_t>(random());
  contents.files.push_back({"ng-simulator", program, true});
  return contents;
}

// The image in a file of its own.
class ImageFile {
 public:
  explicit ImageFile(const std::vector<std::uint8_t>& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("ng_image_" + std::to_string(getpid()) + ".xclbin")) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  ~ImageFile() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ErrorCode ErrorOf(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (message) *message = error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.code();
  }
  ADD_FAILURE() << "no error";
  return ErrorCode::kCannotWrite;
}

TEST(Xclbin, ReadsBackWhatItWrote) {
  const ImageContents contents = Contents();
  const ImageFile file(BuildImage(contents));
  const ImageInfo info = ReadImage(file.path());
  EXPECT_TRUE(info.emulation());
  EXPECT_EQ(info.platform, "xilinx_demo_card_1");
  EXPECT_EQ(info.metadata, MakeMetadata(contents));
  EXPECT_EQ(info.metadata["kernel"], contents.kernel);
  EXPECT_EQ(info.metadata["connectivity"], json::parse(R"({"gmem_a": 1, "gmem_b": 0})"));
  EXPECT_NO_THROW(VerifyContents(info));
}

TEST(Xclbin, EqualContentsGiveEqualBytesAndUuid) {
  const std::vector<std::uint8_t> first = BuildImage(Contents());
  EXPECT_EQ(first, BuildImage(Contents()));
  ImageContents other = Contents();
  other.files[1].bytes[77] ^= 1;
  EXPECT_NE(ParseImage(first, "first").uuid, ParseImage(BuildImage(other), "other").uuid);
}

TEST(Xclbin, BitstreamIsAZipThatKeepsTheExecutableBit) {
  const ImageContents contents = Contents();
  const ImageFile file(BuildImage(contents));
  const std::vector<std::uint8_t> bytes =
      ReadSection(ReadImage(file.path()), SectionKind::kBitstream);
  zip_error_t error;
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
  ASSERT_NE(archive, nullptr);
  const zip_int64_t index = zip_name_locate(archive, "behav_waveform/xsim/ng-simulator", 0);
  ASSERT_GE(index, 0);
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, static_cast<zip_uint64_t>(index), 0, &system,
                                   &attributes);
  EXPECT_EQ(attributes >> 16, 0100755u);
  std::vector<std::uint8_t> program(contents.files[1].bytes.size());
  zip_file_t* entry = zip_fopen_index(archive, static_cast<zip_uint64_t>(index), 0);
  EXPECT_EQ(zip_fread(entry, program.data(), program.size()),
            static_cast<zip_int64_t>(program.size()));
  EXPECT_EQ(program, contents.files[1].bytes);
  zip_fclose(entry);
  EXPECT_GE(zip_name_locate(archive, "behav_waveform/xsim/card.json", 0), 0);
  zip_close(archive);
}

TEST(Xclbin, SectionsDescribeKernelAndCardToXrt) {
  const ImageFile file(BuildImage(Contents()));
  const ImageInfo info = ReadImage(file.path());
  const std::vector<std::uint8_t> topology = ReadSection(info, SectionKind::kMemTopology);
  ASSERT_EQ(topology.size(), 8 + 2 * sizeof(MemData));
  MemData bank{};
  std::memcpy(&bank, topology.data() + 8 + sizeof bank, sizeof bank);
  EXPECT_STREQ(bank.tag, "DDR[1]");
  EXPECT_EQ(bank.base_address, 0x5000000000u);
  EXPECT_EQ(bank.size_kib, 16u << 20);
  EXPECT_EQ(bank.used, 1);
  const std::vector<std::uint8_t> connectivity = ReadSection(info, SectionKind::kConnectivity);
  ASSERT_EQ(connectivity.size(), 4 + 2 * sizeof(Connection));
  Connection connection{};
  std::memcpy(&connection, connectivity.data() + 4, sizeof connection);
  EXPECT_EQ(connection.arg_index, 0);
  EXPECT_EQ(connection.mem_data_index, 1);
  const std::vector<std::uint8_t> xml = ReadSection(info, SectionKind::kEmbeddedMetadata);
  const std::string text(xml.begin(), xml.end());
  EXPECT_NE(
      text.find(
          R"(<arg name="b" addressQualifier="1" id="1" port="M_AXI_GMEM_B" size="0x8" offset="0x1C")"),
      std::string::npos);
  EXPECT_NE(
      text.find(
          R"(<arg name="k" addressQualifier="0" id="2" port="S_AXI_CONTROL" size="0x4" offset="0x28")"),
      std::string::npos);
}

TEST(Xclbin, SectionsAreAlignedAndInOrder) {
  const std::vector<std::uint8_t> bytes = BuildImage(Contents());
  std::uint64_t end = sizeof(AxlfFile);
  for (const Section& section : ParseImage(bytes, "image").sections) {
    EXPECT_EQ(section.offset % 8, 0u);
    EXPECT_GE(section.offset, end);
    end = section.offset + section.size;
  }
  EXPECT_LE(end, bytes.size());
}

TEST(Xclbin, NamesAMissingFile) {
  std::string message;
  EXPECT_EQ(ErrorOf([] { ReadImage("/nonexistent/image.xclbin"); }, &message),
            ErrorCode::kCannotRead);
  EXPECT_NE(message.find("/nonexistent/image.xclbin"), std::string::npos);
  EXPECT_EQ(ErrorOf([] { ReadImage("/tmp"); }), ErrorCode::kCannotRead);
}

TEST(Xclbin, RefusesWhatIsNoImage) {
  const std::vector<std::uint8_t> text = {'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd'};
  EXPECT_EQ(ErrorOf([&] { ParseImage(text, "text"); }), ErrorCode::kNotAnImage);
  EXPECT_EQ(ErrorOf([&] { ParseImage({}, "empty"); }), ErrorCode::kNotAnImage);
}

TEST(Xclbin, RefusesEveryTruncation) {
  const std::vector<std::uint8_t> bytes = BuildImage(Contents());
  std::mt19937 random(2);
  for (int i = 0; i < 300; ++i) {
    const std::size_t size = 8 + random() % (bytes.size() - 8);
    EXPECT_EQ(ErrorOf([&] { ParseImage(std::span(bytes).first(size), "cut"); }),
              ErrorCode::kTruncated)
        << size;
  }
}

TEST(Xclbin, RefusesSectionsThatReachBeyondTheFile) {
  std::vector<std::uint8_t> bytes = BuildImage(Contents());
  AxlfSectionHeader section{};
  std::memcpy(&section, bytes.data() + sizeof(AxlfFile), sizeof section);
  section.size = ~std::uint64_t{0} - section.offset + 2;  // offset + size wraps to 1
  std::memcpy(bytes.data() + sizeof(AxlfFile), &section, sizeof section);
  EXPECT_EQ(ErrorOf([&] { ParseImage(bytes, "image"); }), ErrorCode::kTruncated);
}

TEST(Xclbin, SurvivesRandomDamageToTheHeaders) {
  const std::vector<std::uint8_t> good = BuildImage(Contents());
  const ImageInfo info = ParseImage(good, "good");
  const std::size_t headers = sizeof(AxlfFile) + info.sections.size() * sizeof(AxlfSectionHeader);
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> bad = good;
    for (int j = 0; j < 4; ++j) bad[random() % headers] = static_cast<std::uint8_t>(random());
    try {
      ParseImage(bad, "bad");
    } catch (const Error&) {
    }
  }
}

TEST(Xclbin, RefusesForeignImagesAndBrokenMetadata) {
  ImageInfo info = ParseImage(BuildImage(Contents()), "image");
  std::vector<std::uint8_t> bytes = BuildImage(Contents());
  for (std::size_t i = 0; i < info.sections.size(); ++i) {
    if (info.sections[i].name != "narrowgate") continue;
    std::vector<std::uint8_t> foreign = bytes;
    foreign[sizeof(AxlfFile) + i * sizeof(AxlfSectionHeader) + 4] = 'x';
    EXPECT_EQ(ErrorOf([&] { ParseImage(foreign, "foreign"); }), ErrorCode::kMissingSection);
    bytes[info.sections[i].offset] = '[';
  }
  EXPECT_EQ(ErrorOf([&] { ParseImage(bytes, "image"); }), ErrorCode::kBadMetadata);
}

TEST(Xclbin, FindsDamageToTheContents) {
  std::vector<std::uint8_t> bytes = BuildImage(Contents());
  bytes[5000] ^= 1;
  const ImageFile file(bytes);
  EXPECT_EQ(ErrorOf([&] { VerifyContents(ReadImage(file.path())); }), ErrorCode::kBadSection);
}

TEST(Xclbin, NamesWhatAManifestLacks) {
  for (const char* key : {"name", "clock_mhz", "geometry", "formats", "connectivity"}) {
    ImageContents contents = Contents();
    contents.manifest.erase(key);
    std::string message;
    EXPECT_EQ(ErrorOf([&] { BuildImage(contents); }, &message), ErrorCode::kBadManifest);
    EXPECT_NE(message.find(key), std::string::npos) << message;
  }
}

TEST(Xclbin, RefusesABankThatTheCardLacks) {
  ImageContents contents = Contents();
  contents.manifest["connectivity"]["gmem_a"] = "DDR[2]";
  std::string message;
  EXPECT_EQ(ErrorOf([&] { BuildImage(contents); }, &message), ErrorCode::kBadManifest);
  EXPECT_NE(message.find("gmem_a is connected to DDR[2]"), std::string::npos) << message;
  contents.manifest["connectivity"].erase("gmem_a");
  EXPECT_EQ(ErrorOf([&] { BuildImage(contents); }), ErrorCode::kBadManifest);
}

TEST(Xclbin, RefusesNamesLongerThanTheContainerTakes) {
  ImageContents contents = Contents();
  contents.card["platform"] = std::string(64, 'p');
  EXPECT_EQ(ErrorOf([&] { BuildImage(contents); }), ErrorCode::kBadManifest);
  contents = Contents();
  contents.kernel["top"] = std::string(40, 't');
  EXPECT_EQ(ErrorOf([&] { BuildImage(contents); }), ErrorCode::kBadManifest);
}

TEST(Xclbin, PrintsUuids) {
  Uuid uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::uint8_t>(17 * i);
  EXPECT_EQ(ToString(uuid), "00112233-4455-6677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace narrowgate::xclbin
