// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <fstream>
#include <narrowgate_xclbin/xclbin.hpp>

#include "axlf_format.hpp"
#include "content_hash.hpp"
#include "json_fields.hpp"

namespace narrowgate::xclbin {
namespace {

// Random access to the image, from a file or from memory.
class Source {
 public:
  virtual ~Source() = default;
  virtual std::uint64_t Size() const = 0;
  virtual void Read(std::uint64_t offset, void* to, std::uint64_t size) = 0;
};

class MemorySource : public Source {
 public:
  explicit MemorySource(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t Size() const override { return bytes_.size(); }
  void Read(std::uint64_t offset, void* to, std::uint64_t size) override {
    std::memcpy(to, bytes_.data() + offset, size);
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class FileSource : public Source {
 public:
  explicit FileSource(const std::filesystem::path& path) : path_(path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      throw Error(ErrorCode::kCannotRead, path.string() + ": no such image file");
    }
    size_ = std::filesystem::file_size(path, error);
    file_.open(path, std::ios::binary);
    if (error || !file_) throw Error(ErrorCode::kCannotRead, path.string() + ": cannot be read");
  }
  std::uint64_t Size() const override { return size_; }
  void Read(std::uint64_t offset, void* to, std::uint64_t size) override {
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
    if (!file_) throw Error(ErrorCode::kCannotRead, path_.string() + ": read error");
  }

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
};

std::string FixedString(const char* text, std::size_t capacity) {
  return {text, strnlen(text, capacity)};
}

AxlfFile ReadHeader(Source& source, const std::string& name) {
  if (source.Size() < sizeof(kMagic)) {
    throw Error(ErrorCode::kNotAnImage,
                name + ": not a card image (" + std::to_string(source.Size()) + " bytes)");
  }
  AxlfFile header{};
  source.Read(0, header.magic, sizeof header.magic);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0) {
    throw Error(ErrorCode::kNotAnImage,
                name + ": not a card image (it does not begin with \"xclbin2\")");
  }
  if (source.Size() < sizeof header) {
    throw Error(ErrorCode::kTruncated, name + ": truncated: " + std::to_string(source.Size()) +
                                           " bytes, the header alone has " +
                                           std::to_string(sizeof header));
  }
  source.Read(0, &header, sizeof header);
  if (header.length > source.Size()) {
    throw Error(ErrorCode::kTruncated, name + ": truncated: " + std::to_string(source.Size()) +
                                           " of " + std::to_string(header.length) + " bytes");
  }
  return header;
}

std::vector<Section> ReadSectionTable(Source& source, const AxlfFile& header,
                                      const std::string& name) {
  const std::uint64_t room = (source.Size() - sizeof header) / sizeof(AxlfSectionHeader);
  if (header.section_count > kMaxSections || header.section_count > room) {
    throw Error(ErrorCode::kTruncated, name + ": " + std::to_string(header.section_count) +
                                           " sections announced, room for " + std::to_string(room));
  }
  std::vector<Section> sections;
  for (std::uint32_t i = 0; i < header.section_count; ++i) {
    AxlfSectionHeader entry{};
    source.Read(sizeof header + i * sizeof entry, &entry, sizeof entry);
    if (entry.offset > source.Size() || entry.size > source.Size() - entry.offset) {
      throw Error(ErrorCode::kTruncated,
                  name + ": section " + std::to_string(i) + " (kind " + std::to_string(entry.kind) +
                      ") reaches to byte " + std::to_string(entry.offset) + " + " +
                      std::to_string(entry.size) + " of " + std::to_string(source.Size()));
    }
    sections.push_back(
        {entry.kind, FixedString(entry.name, sizeof entry.name), entry.offset, entry.size});
  }
  return sections;
}

const Section* Find(const std::vector<Section>& sections, SectionKind kind,
                    const char* name = nullptr) {
  for (const Section& section : sections) {
    if (section.kind == static_cast<std::uint32_t>(kind) && (!name || section.name == name))
      return &section;
  }
  return nullptr;
}

nlohmann::json ReadMetadata(Source& source, const std::vector<Section>& sections,
                            const std::string& name) {
  const Section* section = Find(sections, SectionKind::kUserMetadata, "narrowgate");
  if (!section) {
    throw Error(ErrorCode::kMissingSection,
                name + ": no section \"narrowgate\": this image was not built by this project");
  }
  std::string text(section->size, '\0');
  source.Read(section->offset, text.data(), text.size());
  nlohmann::json metadata = nlohmann::json::parse(text, nullptr, false);
  if (metadata.is_discarded())
    throw Error(ErrorCode::kBadMetadata, name + ": its metadata is not JSON");
  const JsonOrigin origin{name + ": metadata", ErrorCode::kBadMetadata};
  for (const char* key : {"image", "kernel", "geometry", "formats", "card", "connectivity"}) {
    Field(metadata, key, origin);
  }
  return metadata;
}

ImageInfo Parse(Source& source, const std::string& name) {
  const AxlfFile header = ReadHeader(source, name);
  ImageInfo info;
  std::memcpy(info.uuid.data(), header.uuid, sizeof header.uuid);
  info.platform = FixedString(header.platform_vbnv, sizeof header.platform_vbnv);
  info.mode = header.mode;
  info.sections = ReadSectionTable(source, header, name);
  info.metadata = ReadMetadata(source, info.sections, name);
  return info;
}

}  // namespace

ImageInfo ReadImage(const std::filesystem::path& path) {
  FileSource source(path);
  ImageInfo info = Parse(source, path.string());
  info.path = path;
  return info;
}

ImageInfo ParseImage(std::span<const std::uint8_t> bytes, const std::string& name) {
  MemorySource source(bytes);
  return Parse(source, name);
}

std::vector<std::uint8_t> ReadSection(const ImageInfo& info, SectionKind kind) {
  const Section* section = Find(info.sections, kind);
  if (!section) {
    throw Error(ErrorCode::kMissingSection, info.path.string() + ": no section of kind " +
                                                std::to_string(static_cast<std::uint32_t>(kind)));
  }
  FileSource source(info.path);
  if (section->offset > source.Size() || section->size > source.Size() - section->offset) {
    throw Error(ErrorCode::kTruncated,
                info.path.string() + ": has become shorter since it was read");
  }
  std::vector<std::uint8_t> bytes(section->size);
  source.Read(section->offset, bytes.data(), bytes.size());
  return bytes;
}

void VerifyContents(const ImageInfo& info) {
  FileSource source(info.path);
  ContentHash hash;
  std::vector<std::uint8_t> bytes;
  for (const Section& section : info.sections) {
    if (section.offset > source.Size() || section.size > source.Size() - section.offset) {
      throw Error(ErrorCode::kTruncated,
                  info.path.string() + ": has become shorter since it was read");
    }
    bytes.resize(section.size);
    source.Read(section.offset, bytes.data(), bytes.size());
    hash.Add(bytes);
  }
  if (hash.MakeUuid() != info.uuid) {
    throw Error(ErrorCode::kBadSection, info.path.string() +
                                            ": damaged: its contents do not match its UUID " +
                                            ToString(info.uuid));
  }
}

std::string ToString(const Uuid& uuid) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[uuid[i] >> 4];
    text += kDigits[uuid[i] & 15];
  }
  return text;
}

}  // namespace narrowgate::xclbin
