// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "zip.hpp"

#include <zip.h>

#include <memory>

namespace narrowgate::xclbin {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  throw Error(ErrorCode::kCannotWrite, "zip: " + what);
}

void AddFile(zip_t* archive, const BundledFile& file) {
  zip_source_t* source = zip_source_buffer(archive, file.bytes.data(), file.bytes.size(), 0);
  const zip_int64_t index =
      source ? zip_file_add(archive, file.name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
  if (index < 0) Fail(file.name + ": " + zip_strerror(archive));
  const auto entry = static_cast<zip_uint64_t>(index);
  constexpr zip_uint16_t kMidnight = 0;
  constexpr zip_uint16_t kFirstOf1980 = (1 << 5) | 1;
  const zip_uint32_t mode = file.executable ? 0100755 : 0100644;
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, kMidnight, kFirstOf1980, 0) != 0 ||
      zip_file_set_external_attributes(archive, entry, 0, ZIP_OPSYS_UNIX, mode << 16) != 0) {
    Fail(file.name + ": " + zip_strerror(archive));
  }
}

std::vector<std::uint8_t> ReadAll(zip_source_t* source) {
  zip_stat_t stat;
  if (zip_source_open(source) != 0 || zip_source_stat(source, &stat) != 0)
    Fail("cannot read the archive back");
  std::vector<std::uint8_t> bytes(stat.size);
  const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (got != static_cast<zip_int64_t>(bytes.size())) Fail("cannot read the archive back");
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> MakeZip(std::span<const BundledFile> files) {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> source(
      zip_source_buffer_create(nullptr, 0, 0, &error), &zip_source_free);
  if (!source) Fail(zip_error_strerror(&error));
  zip_source_keep(source.get());  // zip_close gives up the archive's share
  zip_t* archive = zip_open_from_source(source.get(), ZIP_TRUNCATE, &error);
  if (!archive) Fail(zip_error_strerror(&error));
  try {
    for (const BundledFile& file : files) AddFile(archive, file);
  } catch (...) {
    zip_discard(archive);
    throw;
  }
  if (zip_close(archive) != 0) {
    const std::string reason = zip_strerror(archive);
    zip_discard(archive);
    Fail(reason);
  }
  return ReadAll(source.get());
}

}  // namespace narrowgate::xclbin
