// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Reads and writes card images (.xclbin): the axlf container that the Xilinx Runtime loads in
// hardware emulation. Nothing here needs XRT to be installed. All functions are reentrant; none
// prints.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace narrowgate::xclbin {

/// What is wrong with an image.
enum class ErrorCode {
  kCannotRead,      ///< the file is missing or cannot be read
  kCannotWrite,     ///< the file cannot be written
  kNotAnImage,      ///< no axlf magic at the start
  kTruncated,       ///< a header or section reaches beyond the end of the file
  kBadSection,      ///< a section's content contradicts itself
  kMissingSection,  ///< a section that this project's images always have is absent
  kBadMetadata,     ///< the metadata is not JSON or lacks a key
  kBadManifest,     ///< (writing) the manifest or kernel description lacks something
};

/// The only exception that this library throws on bad input; what() is one line.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

/// Section kinds of the container, with the numbers that XRT gives them.
enum class SectionKind : std::uint32_t {
  kBitstream = 0,
  kEmbeddedMetadata = 2,
  kMemTopology = 6,
  kConnectivity = 7,
  kIpLayout = 8,
  kClockFreqTopology = 11,
  kBuildMetadata = 14,
  kUserMetadata = 16,
  kGroupTopology = 26,
  kGroupConnectivity = 27,
};

/// One entry of the section table; `offset` and `size` are checked to lie inside the file.
struct Section {
  std::uint32_t kind = 0;
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

using Uuid = std::array<std::uint8_t, 16>;

/// What an image says about itself.
struct ImageInfo {
  std::filesystem::path path;
  Uuid uuid{};
  std::string platform;    ///< platform VBNV, the device name that XRT shows
  std::uint16_t mode = 0;  ///< 1 hardware, 4 hardware emulation
  std::vector<Section> sections;
  nlohmann::json metadata;  ///< section "narrowgate": see ReadImage

  bool emulation() const { return mode == 4; }
};

/// Reads the headers and the metadata of the image at `path` (not its bitstream).
/// `metadata` holds image, kernel, geometry, formats, card and connectivity; all six are checked to
/// be there.
ImageInfo ReadImage(const std::filesystem::path& path);

/// The same on an image in memory; `name` stands in for the path in messages.
ImageInfo ParseImage(std::span<const std::uint8_t> bytes, const std::string& name);

/// The bytes of one section of the image at info.path. Throws kMissingSection.
std::vector<std::uint8_t> ReadSection(const ImageInfo& info, SectionKind kind);

/// Compares all sections with the UUID, which is a hash of them. Throws kBadSection if the image
/// was damaged.
void VerifyContents(const ImageInfo& info);

/// "01234567-89ab-cdef-0123-456789abcdef".
std::string ToString(const Uuid& uuid);

/// A file that goes into the BITSTREAM zip.
struct BundledFile {
  std::string name;  ///< path inside the zip
  std::vector<std::uint8_t> bytes;
  bool executable = false;
};

/// What an image is made of.
struct ImageContents {
  nlohmann::json manifest;  ///< bitstreams/<image>.json
  nlohmann::json kernel;    ///< <top>.json as hlsc writes it
  nlohmann::json card;      ///< sim/cards/<preset>.json
  std::vector<BundledFile> files;
};

/// Makes the image. Equal contents give equal bytes and an equal UUID.
std::vector<std::uint8_t> BuildImage(const ImageContents& contents);

/// The metadata that BuildImage puts into the section "narrowgate" (seam 10).
nlohmann::json MakeMetadata(const ImageContents& contents);

}  // namespace narrowgate::xclbin
