// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The axlf container as bytes on disk (little-endian), version 2. Field names follow XRT's
// <xclbin.h>.
#pragma once

#include <cstdint>

namespace narrowgate::xclbin {

constexpr char kMagic[8] = {'x', 'c', 'l', 'b', 'i', 'n', '2', '\0'};
constexpr std::uint16_t kModeHardwareEmulation = 4;
constexpr std::uint32_t kMaxSections = 0x10000;

struct AxlfSectionHeader {
  std::uint32_t kind;
  char name[16];
  std::uint32_t padding;
  std::uint64_t offset;
  std::uint64_t size;
};
static_assert(sizeof(AxlfSectionHeader) == 40);

struct AxlfFile {
  char magic[8];
  std::int32_t signature_length;  // -1: not signed
  std::uint8_t reserved[28];      // 0xFF
  std::uint8_t key_block[256];
  std::uint64_t unique_id;
  // The header proper.
  std::uint64_t length;  // of the whole file
  std::uint64_t time_stamp;
  std::uint64_t feature_rom_time_stamp;
  std::uint16_t version_patch;
  std::uint8_t version_major;
  std::uint8_t version_minor;
  std::uint16_t mode;
  std::uint16_t action_mask;
  std::uint8_t rom_uuid[16];
  char platform_vbnv[64];
  std::uint8_t uuid[16];
  char debug_bin[16];
  std::uint32_t section_count;
  std::uint32_t padding;
};
static_assert(sizeof(AxlfFile) == 456);

struct MemData {
  std::uint8_t type;
  std::uint8_t used;
  std::uint8_t padding[6];
  std::uint64_t size_kib;
  std::uint64_t base_address;
  char tag[16];
};
static_assert(sizeof(MemData) == 40);
constexpr std::uint8_t kMemDdr4 = 1;
constexpr std::uint8_t kMemHbm = 6;

struct Connection {
  std::int32_t arg_index;
  std::int32_t ip_layout_index;
  std::int32_t mem_data_index;
};
static_assert(sizeof(Connection) == 12);

struct IpData {
  std::uint32_t type;
  std::uint32_t properties;  // bit 0 interrupt enable, bits 8..15 control protocol
  std::uint64_t base_address;
  char name[64];
};
static_assert(sizeof(IpData) == 80);
constexpr std::uint32_t kIpKernel = 1;
constexpr std::uint32_t kApCtrlChain = 1;

struct ClockFreq {
  std::uint16_t freq_mhz;
  std::uint8_t type;
  std::uint8_t unused[5];
  char name[128];
};
static_assert(sizeof(ClockFreq) == 136);
constexpr std::uint8_t kClockData = 1;

/// Where the control registers of the only compute unit lie in the card's address space.
constexpr std::uint64_t kControlBase = 0x1800000;
constexpr std::uint64_t kControlRange = 0x10000;

}  // namespace narrowgate::xclbin
