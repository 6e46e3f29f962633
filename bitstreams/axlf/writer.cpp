// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <narrowgate_xclbin/xclbin.hpp>

#include "axlf_format.hpp"
#include "content_hash.hpp"
#include "json_fields.hpp"
#include "sections.hpp"
#include "zip.hpp"

namespace narrowgate::xclbin {
namespace {

struct NewSection {
  SectionKind kind;
  const char* name;
  Bytes bytes;
};

std::uint64_t Align8(std::uint64_t value) { return (value + 7) & ~std::uint64_t{7}; }

Bytes ToBytes(const std::string& text) { return {text.begin(), text.end()}; }

Bytes MakeBitstream(const ImageContents& contents, const nlohmann::json& metadata) {
  std::vector<BundledFile> files;
  const std::string folder = "behav_waveform/xsim/";
  for (const BundledFile& file : contents.files) {
    files.push_back({folder + file.name, file.bytes, file.executable});
  }
  files.push_back({folder + "card.json", ToBytes(metadata.dump()), false});
  return MakeZip(files);
}

std::vector<NewSection> MakeSections(const ImageContents& contents) {
  const nlohmann::json metadata = MakeMetadata(contents);
  const std::vector<MemoryBank> banks = CardBanks(contents);
  const Bytes topology = MemTopology(banks);
  const Bytes connectivity = Connectivity(contents, banks);
  std::vector<NewSection> sections;
  sections.push_back({SectionKind::kBitstream, "bitstream", MakeBitstream(contents, metadata)});
  sections.push_back({SectionKind::kEmbeddedMetadata, "embedded", EmbeddedMetadata(contents)});
  sections.push_back({SectionKind::kMemTopology, "mem_topology", topology});
  sections.push_back({SectionKind::kGroupTopology, "group_topology", topology});
  sections.push_back({SectionKind::kIpLayout, "ip_layout", IpLayout(contents)});
  sections.push_back({SectionKind::kConnectivity, "connectivity", connectivity});
  sections.push_back({SectionKind::kGroupConnectivity, "group_connect", connectivity});
  sections.push_back({SectionKind::kClockFreqTopology, "clock_freq", ClockFreqTopology(contents)});
  sections.push_back({SectionKind::kBuildMetadata, "build", BuildMetadata(contents)});
  sections.push_back({SectionKind::kUserMetadata, "narrowgate", ToBytes(metadata.dump())});
  return sections;
}

AxlfFile MakeHeader(const ImageContents& contents, const std::vector<NewSection>& sections,
                    std::uint64_t length) {
  ContentHash hash;
  for (const NewSection& section : sections) hash.Add(section.bytes);
  const Uuid uuid = hash.MakeUuid();
  AxlfFile header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.signature_length = -1;
  std::memset(header.reserved, 0xFF, sizeof header.reserved);
  std::memcpy(&header.unique_id, uuid.data(), sizeof header.unique_id);
  header.length = length;
  header.version_major = 2;
  header.version_minor = 1;
  header.mode = kModeHardwareEmulation;
  const auto platform = Get<std::string>(contents.card, "platform", {"card"});
  if (platform.size() >= sizeof header.platform_vbnv) {
    throw Error(ErrorCode::kBadManifest, "card: \"platform\" has " +
                                             std::to_string(platform.size()) +
                                             " characters, the container takes 63");
  }
  std::memcpy(header.platform_vbnv, platform.data(), platform.size());
  std::memcpy(header.uuid, uuid.data(), uuid.size());
  header.section_count = static_cast<std::uint32_t>(sections.size());
  return header;
}

}  // namespace

nlohmann::json MakeMetadata(const ImageContents& contents) {
  const JsonOrigin manifest{"manifest"};
  const std::vector<MemoryBank> banks = CardBanks(contents);
  nlohmann::json metadata;
  metadata["image"] = Get<std::string>(contents.manifest, "name", manifest);
  metadata["clock_mhz"] = Get<double>(contents.manifest, "clock_mhz", manifest);
  metadata["kernel"] = contents.kernel;
  metadata["geometry"] = Field(contents.manifest, "geometry", manifest);
  metadata["formats"] = Field(contents.manifest, "formats", manifest);
  if (contents.manifest.contains("pairs")) metadata["pairs"] = contents.manifest.at("pairs");
  metadata["card"] = contents.card;
  nlohmann::json connectivity = nlohmann::json::object();
  for (const auto& [bundle, tag] : Field(contents.manifest, "connectivity", manifest).items()) {
    for (std::size_t i = 0; i < banks.size(); ++i) {
      if (tag == banks[i].tag) connectivity[bundle] = i;
    }
  }
  metadata["connectivity"] = connectivity;
  return metadata;
}

std::vector<std::uint8_t> BuildImage(const ImageContents& contents) {
  const std::vector<NewSection> sections = MakeSections(contents);
  std::uint64_t offset = Align8(sizeof(AxlfFile) + sections.size() * sizeof(AxlfSectionHeader));
  std::vector<AxlfSectionHeader> table;
  for (const NewSection& section : sections) {
    AxlfSectionHeader entry{};
    entry.kind = static_cast<std::uint32_t>(section.kind);
    std::strncpy(entry.name, section.name, sizeof entry.name - 1);
    entry.offset = offset;
    entry.size = section.bytes.size();
    table.push_back(entry);
    offset = Align8(offset + entry.size);
  }
  Bytes image(offset, 0);
  const AxlfFile header = MakeHeader(contents, sections, image.size());
  std::memcpy(image.data(), &header, sizeof header);
  std::memcpy(image.data() + sizeof header, table.data(), table.size() * sizeof table[0]);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    std::memcpy(image.data() + table[i].offset, sections[i].bytes.data(), sections[i].bytes.size());
  }
  return image;
}

}  // namespace narrowgate::xclbin
