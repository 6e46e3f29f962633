// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "sections.hpp"

#include <fmt/format.h>

#include <cstring>

#include "axlf_format.hpp"
#include "json_fields.hpp"

namespace narrowgate::xclbin {
namespace {

const JsonOrigin kManifest{"manifest"};
const JsonOrigin kKernel{"kernel description"};
const JsonOrigin kCard{"card"};

template <typename T>
void Append(Bytes& to, const T& value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  to.insert(to.end(), bytes, bytes + sizeof value);
}

Bytes ToBytes(const std::string& text) { return {text.begin(), text.end()}; }

template <std::size_t N>
void CopyName(char (&to)[N], const std::string& name, const JsonOrigin& origin) {
  if (name.size() >= N) {
    throw Error(origin.code,
                fmt::format("{}: the name \"{}\" has {} characters, the container takes {}",
                            origin.name, name, name.size(), N - 1));
  }
  std::memcpy(to, name.data(), name.size());
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string PortName(const nlohmann::json& arg) {
  if (Get<std::string>(arg, "kind", kKernel) == "scalar") return "S_AXI_CONTROL";
  return "M_AXI_" + Upper(Get<std::string>(arg, "bundle", kKernel));
}

std::size_t BankOfBundle(const ImageContents& contents, const std::vector<MemoryBank>& banks,
                         const std::string& bundle) {
  const nlohmann::json& connectivity = Field(contents.manifest, "connectivity", kManifest);
  const auto tag = Get<std::string>(connectivity, bundle.c_str(), {"manifest: connectivity"});
  for (std::size_t i = 0; i < banks.size(); ++i) {
    if (banks[i].tag == tag) return i;
  }
  throw Error(ErrorCode::kBadManifest,
              fmt::format("manifest: {} is connected to {}, which card {} does not have", bundle,
                          tag, Get<std::string>(contents.card, "name", kCard)));
}

std::uint8_t MemoryType(const std::string& kind) {
  if (kind == "ddr4") return kMemDdr4;
  if (kind == "hbm2") return kMemHbm;
  throw Error(ErrorCode::kBadManifest,
              "card: unknown kind of memory \"" + kind + "\" (ddr4, hbm2)");
}

}  // namespace

std::vector<MemoryBank> CardBanks(const ImageContents& contents) {
  std::vector<MemoryBank> banks;
  for (const nlohmann::json& group : Field(contents.card, "memories", kCard)) {
    const auto count = Get<unsigned>(group, "banks", kCard);
    const std::uint64_t base = GetAddress(group, "base", kCard);
    const std::uint64_t stride = GetAddress(group, "stride", kCard);
    for (unsigned i = 0; i < count; ++i) {
      banks.push_back({fmt::format("{}[{}]", Get<std::string>(group, "tag", kCard), i),
                       MemoryType(Get<std::string>(group, "kind", kCard)), base + i * stride,
                       GetAddress(group, "bytes", kCard), false});
    }
  }
  const nlohmann::json& ports = Field(contents.kernel, "ports", kKernel);
  for (const nlohmann::json& port : Field(ports, "m_axi", kKernel)) {
    banks[BankOfBundle(contents, banks, Get<std::string>(port, "bundle", kKernel))].used = true;
  }
  return banks;
}

Bytes MemTopology(const std::vector<MemoryBank>& banks) {
  Bytes out;
  Append(out, static_cast<std::uint64_t>(banks.size()));
  for (const MemoryBank& bank : banks) {
    MemData data{};
    data.type = bank.type;
    data.used = bank.used;
    data.size_kib = bank.bytes / 1024;
    data.base_address = bank.base;
    CopyName(data.tag, bank.tag, kCard);
    Append(out, data);
  }
  return out;
}

Bytes IpLayout(const ImageContents& contents) {
  const auto top = Get<std::string>(contents.kernel, "top", kKernel);
  IpData data{};
  data.type = kIpKernel;
  data.properties = kApCtrlChain << 8;
  data.base_address = kControlBase;
  CopyName(data.name, fmt::format("{0}:{0}_1", top), kKernel);
  Bytes out;
  Append(out, std::uint64_t{1});
  Append(out, data);
  return out;
}

Bytes Connectivity(const ImageContents& contents, const std::vector<MemoryBank>& banks) {
  Bytes connections;
  std::int32_t count = 0;
  for (const nlohmann::json& arg : Field(contents.kernel, "args", kKernel)) {
    if (Get<std::string>(arg, "kind", kKernel) != "pointer") continue;
    const std::size_t bank =
        BankOfBundle(contents, banks, Get<std::string>(arg, "bundle", kKernel));
    Append(connections,
           Connection{Get<std::int32_t>(arg, "id", kKernel), 0, static_cast<std::int32_t>(bank)});
    ++count;
  }
  Bytes out;
  Append(out, count);
  out.insert(out.end(), connections.begin(), connections.end());
  return out;
}

Bytes ClockFreqTopology(const ImageContents& contents) {
  ClockFreq clock{};
  clock.freq_mhz =
      static_cast<std::uint16_t>(Get<double>(contents.manifest, "clock_mhz", kManifest));
  clock.type = kClockData;
  CopyName(clock.name, "DATA_CLK", kManifest);
  Bytes out;
  Append(out, std::int16_t{1});
  Append(out, clock);
  return out;
}

Bytes BuildMetadata(const ImageContents& contents) {
  nlohmann::json xclbin;
  xclbin["generated_by"] = {{"name", "narrowgate"}, {"version", "2022.1"}};
  xclbin["packages"] = nlohmann::json::array();
  xclbin["image"] = Get<std::string>(contents.manifest, "name", kManifest);
  nlohmann::json root;
  root["build_metadata"] = {{"schema_version", {{"major", "1"}, {"minor", "0"}, {"patch", "0"}}},
                            {"xclbin", xclbin},
                            {"dsa", {{"vendor", "xilinx"}}}};
  return ToBytes(root.dump());
}

Bytes EmbeddedMetadata(const ImageContents& contents) {
  const auto top = Get<std::string>(contents.kernel, "top", kKernel);
  const nlohmann::json& ports = Field(contents.kernel, "ports", kKernel);
  std::string body;
  for (const nlohmann::json& port : Field(ports, "m_axi", kKernel)) {
    body += fmt::format(
        "<port name=\"M_AXI_{}\" mode=\"master\" range=\"0xFFFFFFFFFFFFFFFF\" dataWidth=\"{}\" "
        "portType=\"addressable\" base=\"0x0\"/>\n",
        Upper(Get<std::string>(port, "bundle", kKernel)),
        Get<unsigned>(port, "data_width", kKernel));
  }
  body += fmt::format(
      "<port name=\"S_AXI_CONTROL\" mode=\"slave\" range=\"0x{:X}\" dataWidth=\"32\" "
      "portType=\"addressable\" base=\"0x0\"/>\n",
      kControlRange);
  for (const nlohmann::json& arg : Field(contents.kernel, "args", kKernel)) {
    const auto kind = Get<std::string>(arg, "kind", kKernel);
    if (kind == "axis") continue;
    const bool pointer = kind == "pointer";
    const unsigned bytes = pointer ? 8 : (Get<unsigned>(arg, "bits", kKernel) + 7) / 8;
    body += fmt::format(
        "<arg name=\"{}\" addressQualifier=\"{}\" id=\"{}\" port=\"{}\" size=\"0x{:X}\" "
        "offset=\"0x{:X}\" "
        "hostOffset=\"0x0\" hostSize=\"0x{:X}\" type=\"{}\"/>\n",
        Get<std::string>(arg, "name", kKernel), pointer ? 1 : 0, Get<unsigned>(arg, "id", kKernel),
        PortName(arg), bytes, GetAddress(arg, "offset", kKernel), bytes,
        pointer ? "void*" : "uint");
  }
  return ToBytes(fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<project name="{name}">
<platform vendor="xilinx" boardid="{board}" name="{platform}" featureRomTime="0"><version major="1" minor="0"/><description/><board name="{board}" vendor="xilinx" fpga="{part}"/>
<device name="fpga0" fpgaDevice="{part}" addrWidth="64"><core name="OCL_REGION_0" target="hw_em" type="clc_region" clockFreq="{clock:f}MHz" numComputeUnits="1">
<kernel name="{top}" language="ip" vlnv="narrowgate:kernel:{top}:1.0" preferredWorkGroupSizeMultiple="0" workGroupSize="1" interrupt="true" hwControlProtocol="ap_ctrl_chain">
{body}<compileWorkGroupSize x="1" y="1" z="1"/><maxWorkGroupSize x="1" y="1" z="1"/>
<instance name="{top}_1"><addrRemap base="0x{base:X}" range="0x{range:X}" port="S_AXI_CONTROL"/></instance>
</kernel></core></device></platform></project>
)",
      fmt::arg("name", Get<std::string>(contents.manifest, "name", kManifest)),
      fmt::arg("board", Get<std::string>(contents.card, "name", kCard)),
      fmt::arg("platform", Get<std::string>(contents.card, "platform", kCard)),
      fmt::arg("part", Get<std::string>(contents.card, "part", kCard)),
      fmt::arg("clock", Get<double>(contents.manifest, "clock_mhz", kManifest)),
      fmt::arg("top", top), fmt::arg("body", body), fmt::arg("base", kControlBase),
      fmt::arg("range", kControlRange)));
}

}  // namespace narrowgate::xclbin
