// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Finding image files.
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include "narrowgate/device.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".xclbin";

bool is_path(std::string_view image) {
  return image.find('/') != std::string_view::npos || image.ends_with(kExtension);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// "a, b, c", or `none`.
std::string join(const std::vector<std::string>& words, const std::string& none) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? none : text;
}

std::vector<std::string> images_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const fs::path& folder : folders) {
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (entry.path().extension() == kExtension) names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<fs::path> image_search_path() {
  std::vector<fs::path> folders;
  if (const char* variable = std::getenv("NARROWGATE_IMAGE_PATH")) {
    std::istringstream list(variable);
    for (std::string folder; std::getline(list, folder, ':');) {
      if (!folder.empty()) folders.emplace_back(folder);
    }
  }
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path folder = executable.parent_path();
    folders.push_back(folder / "bitstreams");
    folders.push_back(folder.parent_path() / "bitstreams");
    folders.push_back(folder.parent_path() / "share" / "narrowgate" / "bitstreams");
  }
  folders.emplace_back(NARROWGATE_INSTALLED_IMAGES);
  return folders;
}

fs::path find_image(std::string_view image) {
  if (is_path(image)) {
    if (is_file(image)) return image;
    throw MissingImageError("there is no image file " + std::string(image));
  }
  const std::vector<fs::path> folders = image_search_path();
  for (const fs::path& folder : folders) {
    const fs::path path = folder / (std::string(image) + std::string(kExtension));
    if (is_file(path)) return path;
  }
  std::vector<std::string> searched;
  for (const fs::path& folder : folders) searched.push_back(folder.string());
  throw MissingImageError("there is no image '" + std::string(image) + "': there are " +
                          join(images_in(folders), "none") + " (looked in " +
                          join(searched, "no folder") + "; NARROWGATE_IMAGE_PATH adds folders)");
}

}  // namespace narrowgate
