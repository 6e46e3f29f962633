// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// .npz: a zip archive of .npy files, stored or deflated.
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>

#include "files/listing.hpp"
#include "files/npy.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Member = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

Archive open_archive(const std::filesystem::path& path) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code), zip_discard);
  if (archive) return archive;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string what = zip_error_strerror(&error);
  zip_error_fini(&error);
  bad_file(path.string(), "not a .npz archive: " + what);
}

/// The first `bytes` of a member.
std::vector<std::byte> read_start(zip_t* archive, std::size_t member, std::uint64_t bytes,
                                  const std::string& name) {
  Member file(zip_fopen_index(archive, member, 0), zip_fclose);
  if (!file) bad_file(name, fmt::format("entry {}: {}", member, zip_strerror(archive)));
  std::vector<std::byte> out(bytes);
  std::uint64_t done = 0;
  while (done < bytes) {
    const zip_int64_t count = zip_fread(file.get(), out.data() + done, bytes - done);
    if (count <= 0) {
      bad_file(name, fmt::format("entry {} ends after {} of {} bytes", member, done, bytes));
    }
    done += static_cast<std::uint64_t>(count);
  }
  return out;
}

TensorType type_of(NpyType type) {
  switch (type) {
    case NpyType::kInt8:
      return TensorType::kInt8;
    case NpyType::kUint8:
      return TensorType::kUint8;
    case NpyType::kUint16:
      return TensorType::kUint16;
    case NpyType::kInt32:
      return TensorType::kInt32;
    case NpyType::kFloat16:
      return TensorType::kFloat16;
    case NpyType::kFloat32:
      return TensorType::kFloat32;
    case NpyType::kFloat64:
      return TensorType::kFloat64;
  }
  return TensorType::kOther;
}

TensorInfo tensor_of(const NpyHeader& header, const std::string& name) {
  TensorInfo tensor;
  tensor.name = name;
  tensor.type = type_of(header.type);
  tensor.type_name = info(header.type).name;
  tensor.shape = header.shape;
  tensor.offset = header.data_offset;
  tensor.bytes = header.data_bytes;
  tensor.fortran_order = header.fortran_order;
  tensor.big_endian = header.big_endian;
  return tensor;
}

constexpr std::uint64_t kLongestStart = kMaxNpyHeader + 12;

}  // namespace

Listing list_npy(const InputFile& file, const std::filesystem::path& path) {
  std::vector<std::byte> start(std::min(file.size(), kLongestStart));
  file.read(0, start);
  const NpyHeader header = parse_npy_header(start, file.size(), path.string());
  return {"npy", {tensor_of(header, path.stem().string())}, {}};
}

Listing list_npz(const std::filesystem::path& path) {
  const Archive archive = open_archive(path);
  const std::string name = path.string();
  Listing out{"npz", {}, {}};
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < entries; ++i) {
    const auto index = static_cast<std::size_t>(i);
    zip_stat_t stat;
    constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(archive.get(), index, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded) {
      bad_file(name, fmt::format("entry {}: {}", i, zip_strerror(archive.get())));
    }
    std::string member = stat.name;
    if (!member.ends_with(".npy")) continue;
    // Deflate makes a byte of 1,032 at most.
    constexpr std::uint64_t kMostExpansion = 1032;
    if (stat.size / kMostExpansion > stat.comp_size + 1) {
      bad_file(name, fmt::format("entry '{}': {} bytes from {} compressed ones", printable(member),
                                 stat.size, stat.comp_size));
    }
    const std::vector<std::byte> start =
        read_start(archive.get(), index, std::min<std::uint64_t>(stat.size, kLongestStart), name);
    const NpyHeader header = parse_npy_header(start, stat.size, name + ":" + printable(member));
    member.resize(member.size() - 4);
    out.tensors.push_back(tensor_of(header, member));
    out.tensors.back().member = index;
  }
  check_names(out.tensors, name);
  return out;
}

std::vector<std::byte> read_npz_member(const std::filesystem::path& path, std::size_t member,
                                       std::uint64_t bytes) {
  return read_start(open_archive(path).get(), member, bytes, path.string());
}

}  // namespace narrowgate::internal
