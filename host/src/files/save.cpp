// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "files/file_io.hpp"
#include "files/layouts.hpp"
#include "files/tensor_types.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate {
namespace {

using Json = nlohmann::ordered_json;

/// The file, tensor by tensor.
class Writer {
 public:
  void add(const std::string& name, TensorType type, const std::vector<std::size_t>& shape,
           std::span<const std::byte> bytes) {
    header_[name] = {{"dtype", internal::info(type)->safetensors},
                     {"shape", shape},
                     {"data_offsets", {at_, at_ + bytes.size()}}};
    at_ += bytes.size();
    pieces_.push_back(bytes);
  }
  Json& metadata() { return header_["__metadata__"]; }

  void write(const std::filesystem::path& path) {
    std::string text = header_.dump();
    constexpr std::size_t kAlignment = 8;  // of the data, as the format's own library has it
    text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
    const std::uint64_t length = text.size();
    std::vector<std::span<const std::byte>> all = {std::as_bytes(std::span(&length, 1)),
                                                   std::as_bytes(std::span(text))};
    all.insert(all.end(), pieces_.begin(), pieces_.end());
    internal::write_atomically(path, all);
  }

 private:
  Json header_ = Json::object();
  std::uint64_t at_ = 0;
  std::vector<std::span<const std::byte>> pieces_;
};

/// The codes as they are stored.
std::vector<std::uint8_t> stored_codes(const QuantizedMatrix& matrix) {
  if (info(matrix.format).bits != 4) return matrix.codes;
  const std::size_t depth = matrix.depth();
  const std::size_t row = internal::stored_bytes(matrix.format, depth);
  std::vector<std::uint8_t> packed(matrix.lanes() * row);
  for (std::size_t lane = 0; lane < matrix.lanes(); ++lane) {
    for (std::size_t k = 0; k < depth; ++k) {
      const unsigned code = matrix.codes[lane * depth + k] & 0xFU;
      packed[lane * row + k / 2] |= static_cast<std::uint8_t>(code << (k % 2 * 4));
    }
  }
  return packed;
}

}  // namespace

void save_safetensors(const std::filesystem::path& path, std::string_view matrix_name,
                      const QuantizedMatrix& matrix) {
  const std::string name(matrix_name);
  const std::size_t lanes = matrix.lanes();
  const std::vector<std::uint8_t> codes = stored_codes(matrix);
  const auto bytes = [](const auto& values) { return std::as_bytes(std::span(values)); };
  const float zero = static_cast<float>(matrix.zero);
  Writer out;
  const Json description = {{"format", to_string(BlockedFormat{matrix.format, matrix.block})},
                            {"lanes", lanes},
                            {"depth", matrix.depth()},
                            {"side", matrix.side == Side::kA ? "a" : "b"}};
  out.metadata()["narrowgate." + name] = description.dump();
  // The widest elements first, so that each tensor is aligned.
  if (!matrix.scales.empty()) {
    out.add(name + ".scales", TensorType::kFloat32, {lanes, matrix.blocks()}, bytes(matrix.scales));
  }
  if (!matrix.lane_scales.empty()) {
    out.add(name + ".lane_scales", TensorType::kFloat32, {lanes}, bytes(matrix.lane_scales));
  }
  const std::span<const float> tensor_scale(&matrix.tensor_scale, 1);
  if (matrix.tensor_scale != 1.0F) {
    out.add(name + ".tensor_scale", TensorType::kFloat32, {1}, std::as_bytes(tensor_scale));
  }
  if (matrix.zero != 0) {
    out.add(name + ".zero", TensorType::kFloat32, {1}, std::as_bytes(std::span(&zero, 1)));
  }
  out.add(name + ".codes", internal::stored_type(matrix.format),
          {lanes, internal::stored_bytes(matrix.format, matrix.depth())}, bytes(codes));
  if (!matrix.scale_codes.empty()) {
    const bool e8m0 = info(matrix.format).scale == ScaleKind::kE8m0;
    out.add(name + ".scales", e8m0 ? TensorType::kE8m0 : TensorType::kE4m3,
            {lanes, matrix.blocks()}, bytes(matrix.scale_codes));
  }
  if (!matrix.zeros.empty()) {
    out.add(name + ".zeros", TensorType::kUint8, {lanes, matrix.blocks()}, bytes(matrix.zeros));
  }
  out.write(path);
}

}  // namespace narrowgate
