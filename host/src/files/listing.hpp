// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What each kind of file is read into: a list of tensors. One function for each kind.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_io.hpp"
#include "narrowgate/files.hpp"

namespace narrowgate::internal {

struct Listing {
  std::string_view kind;
  std::vector<TensorInfo> tensors;
  std::map<std::string, std::string> metadata;
};

Listing list_npy(const InputFile& file, const std::filesystem::path& path);
Listing list_npz(const std::filesystem::path& path);
Listing list_safetensors(const InputFile& file, const std::string& name);
Listing list_gguf(const InputFile& file, const std::string& name);

/// A whole member of a .npz file.
std::vector<std::byte> read_npz_member(const std::filesystem::path& path, std::size_t member,
                                       std::uint64_t bytes);

// What all kinds check in the same way. `name` is the file's.

[[noreturn]] void bad_file(std::string_view name, const std::string& what);

/// Text from a file, safe to show on one line of a terminal.
std::string printable(std::string_view text);

/// Bytes of a tensor; throws for products beyond 63 bits and for dimensions that are not whole
/// blocks of the type.
std::uint64_t tensor_bytes(const TensorInfo& tensor, std::string_view name);

/// That names differ.
void check_names(const std::vector<TensorInfo>& tensors, std::string_view name);
/// That names differ, and that no two tensors share bytes.
void check_tensors(const std::vector<TensorInfo>& tensors, std::string_view name);

}  // namespace narrowgate::internal
