// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/file_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace fs = std::filesystem;

InputFile::InputFile(const fs::path& path) : path_(path) {
  // O_NONBLOCK: a named pipe is then opened, and refused below, instead of waited for.
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) {
    throw BadFileError(fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  }
  struct stat status{};
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd_);
    throw BadFileError(fmt::format("{}: not a regular file", path.string()));
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(fd_); }

void InputFile::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count =
        ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      throw BadFileError(fmt::format("{}: {} at byte {}", path_.string(),
                                     count == 0 ? "ends early" : std::strerror(errno),
                                     offset + done));
    }
    done += static_cast<std::size_t>(count);
  }
}

namespace {

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A temporary file that goes away unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& target)
      : target_(target.string()),
        name_(
            fmt::format("{}/.{}.XXXXXX", folder_of(target).string(), target.filename().string())) {
    fd_ = ::mkostemp(name_.data(), O_CLOEXEC);
    if (fd_ < 0) fail("cannot be created");
  }
  ~TemporaryFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!renamed_) ::unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void write(std::span<const std::byte> piece) {
    while (!piece.empty()) {
      const ssize_t count = ::write(fd_, piece.data(), piece.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail("cannot be written");
      piece = piece.subspan(static_cast<std::size_t>(count));
    }
  }

  void rename_to(const fs::path& target) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd_, 0666 & ~mask) != 0 || ::fsync(fd_) != 0) fail("cannot be written");
    if (::rename(name_.c_str(), target.c_str()) != 0) fail("cannot be renamed");
    renamed_ = true;
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw FileWriteError(fmt::format("{}: {}: {}", target_, what, std::strerror(errno)));
  }

  std::string target_;
  std::string name_;  // beside the target, so that renaming is one step
  int fd_ = -1;
  bool renamed_ = false;
};

}  // namespace

void check_writable(const fs::path& path) {
  const fs::path folder = folder_of(path);
  std::error_code ignored;
  if (path.empty() || path.filename().empty() || fs::is_directory(path, ignored)) {
    throw BadFileError(fmt::format("{}: not a file name", path.string()));
  }
  if (!fs::is_directory(folder, ignored)) {
    throw BadFileError(fmt::format("{}: there is no folder {}", path.string(), folder.string()));
  }
  try {
    TemporaryFile probe(path);  // permissions, read-only mounts, quotas: only trying tells
  } catch (const FileWriteError& error) {
    throw BadFileError(error.what());
  }
}

void write_atomically(const fs::path& path, std::span<const std::span<const std::byte>> pieces) {
  TemporaryFile file(path);
  for (const std::span<const std::byte> piece : pieces) file.write(piece);
  file.rename_to(path);
}

}  // namespace narrowgate::internal
