// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/layouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

#include "files/listing.hpp"
#include "files/tensor_types.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadata = "narrowgate.";
constexpr const char* kOurs = "narrowgate";
constexpr const char* kGguf = "gguf";
constexpr const char* kOcp = "ocp";
constexpr const char* kFp8 = "fp8";
constexpr const char* kFp8Blocks = "fp8-128x128";
constexpr std::size_t kFp8Block = 128;  // DeepSeek's: rows and columns that share a scale
constexpr const char* kModelOpt = "modelopt";
constexpr const char* kNvfp4Packed = "compressed-tensors-nvfp4";

const std::uint8_t* as_codes(const std::vector<std::byte>& bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::vector<std::uint8_t> codes_of(const TensorFile& file, const TensorInfo& tensor) {
  const std::vector<std::byte> bytes = file.read(tensor);
  return {as_codes(bytes), as_codes(bytes) + bytes.size()};
}

/// Everything but the last dimension, and the last.
struct Lanes {
  std::size_t lanes;
  std::size_t depth;
};
Lanes lanes_of(const TensorInfo& tensor) {
  const std::size_t depth = tensor.shape.empty() ? 1 : tensor.shape.back();
  return {depth == 0 ? 0 : tensor.elements() / depth, depth};
}

// ---- GGUF: scales and codes of a block together.

struct GgufBlock {
  TensorType type;
  BlockedFormat format;
  std::size_t scale_bytes;
  /// Nibbles: the high one of byte j is element j + half of each run of 2·half; 0: whole bytes.
  std::size_t half;
};
constexpr GgufBlock kGgufBlocks[] = {{TensorType::kQ4_0, {Format::kUint4Group, 32}, 2, 16},
                                     {TensorType::kQ8_0, {Format::kInt8Group, 32}, 2, 0},
                                     {TensorType::kMxfp4, {Format::kMxfp4, 32}, 1, 16},
                                     {TensorType::kNvfp4, {Format::kNvfp4, 16}, 4, 8}};

const GgufBlock* gguf_block(TensorType type) {
  const auto* found = std::ranges::find(kGgufBlocks, type, &GgufBlock::type);
  return found == std::end(kGgufBlocks) ? nullptr : found;
}

QuantizedMatrix load_gguf(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const TensorInfo& tensor = file.tensor(matrix.name);
  const GgufBlock& layout = *gguf_block(tensor.type);
  const TensorTypeInfo& type = *info(tensor.type);
  const std::vector<std::byte> bytes = file.read(tensor);
  QuantizedMatrix out = blank_matrix(matrix, side);
  for (std::size_t b = 0; b < bytes.size() / type.bytes; ++b) {
    const std::uint8_t* const block = as_codes(bytes) + b * type.bytes;
    const std::uint8_t* const q = block + layout.scale_bytes;
    std::uint8_t* const codes = out.codes.data() + b * type.block;
    if (!out.scales.empty()) {
      out.scales[b] = fp16_to_float(static_cast<std::uint16_t>(block[0] | block[1] << 8));
    } else {
      std::copy_n(block, layout.scale_bytes, out.scale_codes.data() + b * layout.scale_bytes);
    }
    if (layout.half == 0) {
      std::copy_n(q, type.block, codes);
      continue;
    }
    for (std::size_t j = 0; j < type.block / 2; ++j) {
      const std::size_t low = j / layout.half * 2 * layout.half + j % layout.half;
      codes[low] = q[j] & 0xF;
      codes[low + layout.half] = q[j] >> 4;
    }
  }
  std::ranges::fill(out.zeros, std::uint8_t{8});  // Q4_0: codes 0…15 stand for −8…7
  return out;
}

// ---- safetensors: codes and scales in tensors of their own.

/// gpt-oss: X_blocks uint8[…, lanes, groups, 16], X_scales uint8[…, lanes, groups].
std::optional<QuantizedInfo> find_ocp(const TensorFile& file, const TensorInfo& key) {
  constexpr std::string_view kSuffix = "_blocks";
  if (!key.name.ends_with(kSuffix) || key.type != TensorType::kUint8 || key.bytes == 0) return {};
  const std::string name = key.name.substr(0, key.name.size() - kSuffix.size());
  const TensorInfo* scales = file.find(name + "_scales");
  if (scales == nullptr || key.shape.size() < 2 || key.shape.back() != 16 ||
      !std::equal(scales->shape.begin(), scales->shape.end(), key.shape.begin(),
                  key.shape.end() - 1) ||
      (scales->type != TensorType::kUint8 && scales->type != TensorType::kE8m0)) {
    return {};
  }
  const auto [lanes, groups] = lanes_of(*scales);
  return QuantizedInfo{name, kOcp, {Format::kMxfp4, 32}, lanes, groups * 32};
}

QuantizedMatrix load_ocp(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  QuantizedMatrix out = blank_matrix(matrix, side);
  unpack_nibbles(file.read(file.tensor(matrix.name + "_blocks")), matrix.depth / 2, out);
  out.scale_codes = codes_of(file, file.tensor(matrix.name + "_scales"));
  return out;
}

/// X.weight uint8[N, K/2] with weight_scale_2 (ModelOpt), or X.weight_packed with
/// weight_global_scale, which is one over the tensor scale (compressed-tensors).
std::optional<QuantizedInfo> find_nvfp4(const TensorFile& file, const TensorInfo& key) {
  const bool packed = key.name.ends_with("weight_packed");
  if (key.type != TensorType::kUint8 || key.shape.size() != 2 || key.bytes == 0) return {};
  if (!packed && !key.name.ends_with("weight")) return {};
  const std::string weight = packed ? key.name.substr(0, key.name.size() - 7) : key.name;
  const TensorInfo* scales = file.find(weight + "_scale");
  const TensorInfo* global = file.find(weight + (packed ? "_global_scale" : "_scale_2"));
  const std::size_t depth = key.shape[1] * 2;
  if (scales == nullptr || global == nullptr || scales->type != TensorType::kE4m3 ||
      scales->shape != std::vector<std::size_t>{key.shape[0], depth / 16} || depth % 16 != 0 ||
      global->elements() != 1 || global->type != TensorType::kFloat32) {
    return {};
  }
  return QuantizedInfo{
      key.name, packed ? kNvfp4Packed : kModelOpt, {Format::kNvfp4, 16}, key.shape[0], depth};
}

QuantizedMatrix load_nvfp4(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const bool packed = matrix.layout == kNvfp4Packed;
  const std::string weight = packed ? matrix.name.substr(0, matrix.name.size() - 7) : matrix.name;
  QuantizedMatrix out = blank_matrix(matrix, side);
  unpack_nibbles(file.read(file.tensor(matrix.name)), matrix.depth / 2, out);
  out.scale_codes = codes_of(file, file.tensor(weight + "_scale"));
  for (std::uint8_t& code : out.scale_codes) code &= 0x7F;  // UE4M3 has no sign
  const std::string global = weight + (packed ? "_global_scale" : "_scale_2");
  const float scale = file.load(global).at(0);
  out.tensor_scale = packed ? 1.0F / scale : scale;
  if (!std::isfinite(out.tensor_scale) || !(out.tensor_scale > 0)) {
    bad_file(file.path().string(), fmt::format("'{}' is {}: it must be finite and more than 0",
                                               printable(global), scale));
  }
  return out;
}

/// The scales beside an FP8 tensor, by the names in use.
const TensorInfo* fp8_scales(const TensorFile& file, const TensorInfo& key) {
  for (const char* suffix : {"_scale", "_scale_inv"}) {
    const TensorInfo* scales = file.find(key.name + suffix);
    if (scales != nullptr && info(scales->type) != nullptr) return scales;
  }
  return nullptr;
}

std::size_t fp8_blocks(std::size_t n) { return (n + kFp8Block - 1) / kFp8Block; }

/// Whether the scales beside an FP8 tensor are those of its blocks of 128 × 128.
bool are_of_blocks(const TensorInfo& scales, const TensorInfo& key) {
  return scales.elements() != 1 && scales.shape.size() == 2 &&
         scales.shape[0] == fp8_blocks(key.shape[0]) && scales.shape[1] == fp8_blocks(key.shape[1]);
}

std::optional<QuantizedInfo> find_fp8(const TensorFile& file, const TensorInfo& key) {
  const bool e4m3 = key.type == TensorType::kE4m3;
  if ((!e4m3 && key.type != TensorType::kE5m2) || key.shape.size() != 2 || key.bytes == 0 ||
      key.name.ends_with("_scale")) {  // NVFP4's, which are E4M3 as well
    return {};
  }
  const TensorInfo* scales = fp8_scales(file, key);
  if (scales != nullptr && are_of_blocks(*scales, key)) {
    return QuantizedInfo{key.name,
                         kFp8Blocks,
                         {e4m3 ? Format::kE4m3Group : Format::kE5m2Group, kFp8Block},
                         key.shape[0],
                         key.shape[1]};
  }
  if (scales != nullptr && scales->elements() != 1 && scales->elements() != key.shape[0]) return {};
  return QuantizedInfo{
      key.name, kFp8, {e4m3 ? Format::kE4m3 : Format::kE5m2, 0}, key.shape[0], key.shape[1]};
}

QuantizedMatrix load_fp8(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const TensorInfo& key = file.tensor(matrix.name);
  QuantizedMatrix out = blank_matrix(matrix, side);
  out.codes = codes_of(file, key);
  if (const TensorInfo* scales = fp8_scales(file, key)) {
    const std::vector<float> values = file.load(scales->name);
    if (values.size() == 1) {
      out.tensor_scale = values[0];
    } else {
      out.lane_scales = values;
    }
  }
  return out;
}

/// Each lane of a block of 128 × 128 has its scale.
QuantizedMatrix load_fp8_blocks(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  const TensorInfo& key = file.tensor(matrix.name);
  QuantizedMatrix out = blank_matrix(matrix, side);
  out.codes = codes_of(file, key);
  const std::vector<float> scales = file.load(fp8_scales(file, key)->name);
  const std::size_t blocks = fp8_blocks(matrix.depth);
  for (std::size_t lane = 0; lane < matrix.lanes; ++lane) {
    std::copy_n(scales.begin() + static_cast<std::ptrdiff_t>(lane / kFp8Block * blocks), blocks,
                out.scales.begin() + static_cast<std::ptrdiff_t>(lane * blocks));
  }
  return out;
}

// ---- what save_safetensors() writes.

[[noreturn]] void bad_entry(const TensorFile& file, std::string_view name, const char* what) {
  bad_file(file.path().string(), fmt::format("matrix '{}': {}", printable(name), what));
}

/// A tensor of the matrix with the right type and number of bytes.
std::vector<std::byte> part(const TensorFile& file, const std::string& name, TensorType type,
                            std::size_t bytes) {
  const TensorInfo& tensor = file.tensor(name);
  if (tensor.type != type || tensor.bytes != bytes) {
    bad_file(file.path().string(),
             fmt::format("tensor '{}': {} bytes of {}: it must be {} of {}", printable(name),
                         tensor.bytes, tensor.type_name, bytes, info(type)->name));
  }
  return file.read(tensor);
}

Json description(const TensorFile& file, const std::string& name) {
  const Json json = Json::parse(file.metadata().at(std::string(kMetadata) + name), nullptr, false);
  if (!json.is_object() || !json.contains("format") || !json["format"].is_string() ||
      !json.contains("lanes") || !json["lanes"].is_number_unsigned() || !json.contains("depth") ||
      !json["depth"].is_number_unsigned()) {
    bad_entry(file, name, "its description must give 'format', 'lanes' and 'depth'");
  }
  return json;
}

QuantizedInfo describe_ours(const TensorFile& file, const std::string& name) {
  const Json json = description(file, name);
  BlockedFormat format;
  try {
    format = parse_blocked_format(json["format"].get<std::string>());
  } catch (const Error& error) {
    bad_entry(file, name, printable(error.what()).c_str());
  }
  const auto lanes = json["lanes"].get<std::size_t>();
  const auto depth = json["depth"].get<std::size_t>();
  // The codes' own tensor bounds both, so that nothing larger than the file is believed.
  const TensorInfo& codes = file.tensor(name + ".codes");
  if (lanes == 0 || depth == 0 || codes.shape.size() != 2 || codes.shape[0] != lanes ||
      codes.shape[1] != stored_bytes(format.format, depth)) {
    bad_entry(file, name, "the shape of its codes is not the one described");
  }
  return {name, kOurs, format, lanes, depth};
}

void load_plain_scales(const TensorFile& file, const QuantizedInfo& matrix, QuantizedMatrix& out) {
  const auto one_float = [&](const char* suffix, float& value) {
    if (file.find(matrix.name + suffix) == nullptr) return;
    const auto bytes = part(file, matrix.name + suffix, TensorType::kFloat32, sizeof value);
    std::memcpy(&value, bytes.data(), sizeof value);
  };
  one_float(".tensor_scale", out.tensor_scale);
  float zero = 0;
  one_float(".zero", zero);
  const FormatInfo& row = narrowgate::info(matrix.format.format);
  const bool whole = zero == std::trunc(zero) && zero >= 0 && zero <= static_cast<float>(row.max);
  if (zero != 0 && (!whole || !row.is_plain_integer())) {
    bad_entry(file, matrix.name, "its zero-point is outside the format's range");
  }
  out.zero = static_cast<int>(zero);
  if (file.find(matrix.name + ".lane_scales") == nullptr) return;
  out.lane_scales.resize(matrix.lanes);
  const auto bytes =
      part(file, matrix.name + ".lane_scales", TensorType::kFloat32, matrix.lanes * sizeof(float));
  std::memcpy(out.lane_scales.data(), bytes.data(), bytes.size());
}

QuantizedMatrix load_ours(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  QuantizedMatrix out = blank_matrix(matrix, side);
  const FormatInfo& row = narrowgate::info(matrix.format.format);
  const TensorInfo& key = file.tensor(matrix.name + ".codes");
  const std::size_t row_bytes = stored_bytes(matrix.format.format, matrix.depth);
  const auto codes =
      part(file, key.name, stored_type(matrix.format.format), matrix.lanes * row_bytes);
  if (row.bits == 4) {
    unpack_nibbles(codes, row_bytes, out);
  } else {
    std::memcpy(out.codes.data(), codes.data(), codes.size());
    const unsigned limit = 1U << row.bits;
    const auto beyond = std::ranges::find_if(out.codes, [=](unsigned c) { return c >= limit; });
    if (beyond != out.codes.end()) bad_entry(file, matrix.name, "a code is wider than its format");
  }
  const std::string scales = matrix.name + ".scales";
  if (!out.scale_codes.empty()) {
    const bool e8m0 = row.scale == ScaleKind::kE8m0;
    const auto bytes =
        part(file, scales, e8m0 ? TensorType::kE8m0 : TensorType::kE4m3, out.scale_codes.size());
    std::memcpy(out.scale_codes.data(), bytes.data(), bytes.size());
  }
  if (!out.scales.empty()) {
    const auto bytes = part(file, scales, TensorType::kFloat32, out.scales.size() * sizeof(float));
    std::memcpy(out.scales.data(), bytes.data(), bytes.size());
  }
  if (!out.zeros.empty()) {
    const auto bytes = part(file, matrix.name + ".zeros", TensorType::kUint8, out.zeros.size());
    std::memcpy(out.zeros.data(), bytes.data(), bytes.size());
    if (std::ranges::any_of(out.zeros, [](unsigned zero) { return zero > 15; })) {
      bad_entry(file, matrix.name, "a zero-point is more than 15");
    }
  }
  load_plain_scales(file, matrix, out);
  return out;
}

}  // namespace

std::size_t stored_bytes(Format format, std::size_t depth) {
  return narrowgate::info(format).bits == 4 ? depth / 2 + depth % 2 : depth;
}

TensorType stored_type(Format format) {
  const FormatInfo& row = narrowgate::info(format);
  if (row.element == Format::kE4m3) return TensorType::kE4m3;
  if (row.element == Format::kE5m2) return TensorType::kE5m2;
  return row.element == Format::kInt8 ? TensorType::kInt8 : TensorType::kUint8;
}

QuantizedMatrix blank_matrix(const QuantizedInfo& matrix, Side side) {
  QuantizedMatrix out;
  const FormatInfo& row = narrowgate::info(matrix.format.format);
  out.format = matrix.format.format;
  out.side = side;
  out.rows = side == Side::kA ? matrix.lanes : matrix.depth;
  out.cols = side == Side::kA ? matrix.depth : matrix.lanes;
  out.block = row.has_scales() ? matrix.format.block : 0;
  out.codes.resize(matrix.lanes * matrix.depth);
  const std::size_t blocks = matrix.lanes * out.blocks();
  if (row.scale == ScaleKind::kE8m0 || row.scale == ScaleKind::kUe4m3)
    out.scale_codes.resize(blocks);
  if (row.is_group()) out.scales.resize(blocks);
  if (row.scale == ScaleKind::kFp32AndZero) out.zeros.resize(blocks);
  return out;
}

void unpack_nibbles(const std::vector<std::byte>& bytes, std::size_t row_bytes,
                    QuantizedMatrix& out) {
  const bool sign_extend = narrowgate::info(out.format).is_signed;
  const std::size_t depth = out.depth();
  for (std::size_t lane = 0; lane < out.lanes(); ++lane) {
    for (std::size_t k = 0; k < depth; ++k) {
      const std::uint8_t byte = as_codes(bytes)[lane * row_bytes + k / 2];
      const int code = k % 2 == 0 ? byte & 0xF : byte >> 4;
      out.codes[lane * depth + k] =
          static_cast<std::uint8_t>(sign_extend && code > 7 ? code - 16 : code);
    }
  }
}

std::vector<QuantizedInfo> find_quantized(const TensorFile& file) {
  std::vector<QuantizedInfo> out;
  if (file.kind() == "gguf") {
    for (const TensorInfo& tensor : file.tensors()) {
      const GgufBlock* block = gguf_block(tensor.type);
      if (block == nullptr || tensor.bytes == 0) continue;
      const auto [lanes, depth] = lanes_of(tensor);
      out.push_back({tensor.name, kGguf, block->format, lanes, depth});
    }
    return out;
  }
  if (file.kind() != "safetensors") return out;
  std::vector<std::string> ours;
  for (const auto& [key, text] : file.metadata()) {
    if (!key.starts_with(kMetadata)) continue;
    ours.push_back(key.substr(kMetadata.size()) + ".");
    out.push_back(describe_ours(file, key.substr(kMetadata.size())));
  }
  for (const TensorInfo& tensor : file.tensors()) {
    if (std::ranges::any_of(ours,
                            [&](const auto& name) { return tensor.name.starts_with(name); })) {
      continue;
    }
    for (const auto& find : {find_group_layout, find_ocp, find_nvfp4, find_fp8}) {
      if (auto found = find(file, tensor)) {
        out.push_back(*std::move(found));
        break;
      }
    }
  }
  return out;
}

QuantizedMatrix load_layout(const TensorFile& file, const QuantizedInfo& matrix, Side side) {
  if (matrix.layout == kOurs) return load_ours(file, matrix, side);
  if (matrix.layout == kGguf) return load_gguf(file, matrix, side);
  if (matrix.layout == kOcp) return load_ocp(file, matrix, side);
  if (matrix.layout == kFp8) return load_fp8(file, matrix, side);
  if (matrix.layout == kFp8Blocks) return load_fp8_blocks(file, matrix, side);
  if (matrix.layout == kModelOpt || matrix.layout == kNvfp4Packed) {
    return load_nvfp4(file, matrix, side);
  }
  return load_group_layout(file, matrix, side);
}

void apply_fp8_scales(const TensorFile& file, const TensorInfo& tensor,
                      std::vector<float>& values) {
  const TensorInfo* scales = fp8_scales(file, tensor);
  if (scales == nullptr || scales->type == TensorType::kE4m3 || scales->type == TensorType::kE5m2) {
    return;
  }
  const auto [rows, cols] = lanes_of(tensor);
  const std::vector<float> s = file.load(scales->name);
  const bool blocked = tensor.shape.size() == 2 && are_of_blocks(*scales, tensor);
  if (!blocked && s.size() != 1 && s.size() != rows) {
    bad_file(file.path().string(),
             fmt::format("'{}' has {} scales for {} x {}: it must have 1, {} or {}",
                         printable(scales->name), s.size(), rows, cols, rows,
                         fp8_blocks(rows) * fp8_blocks(cols)));
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const std::size_t at = s.size() == 1 ? 0
                             : blocked     ? r / kFp8Block * fp8_blocks(cols) + c / kFp8Block
                                           : r;
      values[r * cols + c] *= s[at];
    }
  }
}

}  // namespace narrowgate::internal
