// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Whole files: reading what the user names, and writing so that nothing is ever half written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace narrowgate::internal {

/// An open regular file. Throws BadFileError naming the path.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::uint64_t size() const { return size_; }
  /// Fills `out` from the file's byte `offset` on. Throws BadFileError if the file is too short.
  void read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

/// Throws BadFileError unless a file at `path` could be written: called before long work, so that
/// its result is not lost for a wrong path.
void check_writable(const std::filesystem::path& path);

/// Writes the pieces one after the other to a new file beside `path`, which then takes its place
/// in one step. On an error (FileWriteError) the old file, if any, is untouched.
void write_atomically(const std::filesystem::path& path,
                      std::span<const std::span<const std::byte>> pieces);

}  // namespace narrowgate::internal
