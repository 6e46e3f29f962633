// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "files/layouts.hpp"
#include "files/listing.hpp"
#include "files/tensor_types.hpp"
#include "narrowgate/error.hpp"
#include "narrowgate/files.hpp"

namespace narrowgate {
namespace {

using internal::bad_file;
using internal::InputFile;
using internal::Listing;
using internal::printable;

/// What a file is, by its first bytes.
Listing list(const InputFile& file, const std::filesystem::path& path) {
  const std::string name = path.string();
  constexpr std::size_t kStart = 9;
  if (file.size() < kStart) {
    bad_file(name, fmt::format("{} bytes are too few for a .npy, .npz, safetensors or GGUF file",
                               file.size()));
  }
  std::array<char, kStart> start{};
  file.read(0, std::as_writable_bytes(std::span(start)));
  const std::string_view text(start.data(), start.size());
  if (text.starts_with("\x93NUMPY")) return internal::list_npy(file, path);
  if (text.starts_with("PK")) return internal::list_npz(path);
  if (text.starts_with("GGUF")) return internal::list_gguf(file, name);
  if (text[8] == '{') return internal::list_safetensors(file, name);
  bad_file(name, fmt::format("begins with '{}': not a .npy, .npz, safetensors or GGUF file",
                             printable(text)));
}

template <typename T, typename Convert>
void convert_all(const std::vector<std::byte>& bytes, std::vector<float>& out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value{};
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = convert(value);
  }
}

template <typename T>
void cast_all(const std::vector<std::byte>& bytes, std::vector<float>& out) {
  convert_all<T>(bytes, out, [](T value) { return static_cast<float>(value); });
}

/// Elements that are stored one by one, in the order of the file.
std::vector<float> numbers(TensorType type, const std::vector<std::byte>& bytes,
                           std::size_t elements) {
  std::vector<float> out(elements);
  const auto code = [&](auto value) { convert_all<std::uint8_t>(bytes, out, value); };
  switch (type) {
    case TensorType::kFloat64:
      cast_all<double>(bytes, out);
      break;
    case TensorType::kFloat32:
      cast_all<float>(bytes, out);
      break;
    case TensorType::kFloat16:
      convert_all<std::uint16_t>(bytes, out, fp16_to_float);
      break;
    case TensorType::kBfloat16:
      convert_all<std::uint16_t>(bytes, out, bf16_to_float);
      break;
    case TensorType::kE4m3:
      code([](std::uint8_t c) { return decode(Format::kE4m3, c); });
      break;
    case TensorType::kE5m2:
      code([](std::uint8_t c) { return decode(Format::kE5m2, c); });
      break;
    case TensorType::kE8m0:
      code([](std::uint8_t c) { return decode_scale(ScaleKind::kE8m0, c); });
      break;
    case TensorType::kInt8:
      cast_all<std::int8_t>(bytes, out);
      break;
    case TensorType::kUint8:
    case TensorType::kBool:
      cast_all<std::uint8_t>(bytes, out);
      break;
    case TensorType::kInt16:
      cast_all<std::int16_t>(bytes, out);
      break;
    case TensorType::kUint16:
      cast_all<std::uint16_t>(bytes, out);
      break;
    case TensorType::kInt32:
      cast_all<std::int32_t>(bytes, out);
      break;
    case TensorType::kUint32:
      cast_all<std::uint32_t>(bytes, out);
      break;
    case TensorType::kInt64:
      cast_all<std::int64_t>(bytes, out);
      break;
    case TensorType::kUint64:
      cast_all<std::uint64_t>(bytes, out);
      break;
    default:  // blocks and types unknown, which the caller has dealt with
      break;
  }
  return out;
}

/// From the first dimension fastest to the last one fastest.
std::vector<float> to_row_major(const std::vector<float>& in,
                                const std::vector<std::size_t>& shape) {
  std::vector<float> out(in.size());
  std::vector<std::size_t> index(shape.size(), 0);
  for (const float value : in) {
    std::size_t at = 0;
    for (std::size_t d = 0; d < shape.size(); ++d) at = at * shape[d] + index[d];
    out[at] = value;
    for (std::size_t d = 0; d < shape.size() && ++index[d] == shape[d]; ++d) index[d] = 0;
  }
  return out;
}

}  // namespace

struct TensorFile::Content {
  explicit Content(const std::filesystem::path& p) : path(p), file(p), listing(list(file, p)) {}
  std::filesystem::path path;
  InputFile file;
  Listing listing;
};

TensorFile TensorFile::open(const std::filesystem::path& path) {
  TensorFile file;
  file.content_ = std::make_shared<const Content>(path);
  return file;
}

const std::filesystem::path& TensorFile::path() const { return content_->path; }
std::string_view TensorFile::kind() const { return content_->listing.kind; }
std::span<const TensorInfo> TensorFile::tensors() const { return content_->listing.tensors; }
const std::map<std::string, std::string>& TensorFile::metadata() const {
  return content_->listing.metadata;
}

const TensorInfo* TensorFile::find(std::string_view name) const {
  const auto found = std::ranges::find(content_->listing.tensors, name, &TensorInfo::name);
  return found == content_->listing.tensors.end() ? nullptr : &*found;
}

const TensorInfo& TensorFile::tensor(std::string_view name) const {
  if (const TensorInfo* found = find(name)) return *found;
  std::string known;
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < std::min(kShown, tensors().size()); ++i) {
    known += (i == 0 ? "" : ", ") + printable(tensors()[i].name);
  }
  if (tensors().size() > kShown) known += ", ...";
  bad_file(path().string(), fmt::format("there is no tensor '{}' among its {}: {}", printable(name),
                                        tensors().size(), known));
}

std::vector<std::byte> TensorFile::read(const TensorInfo& tensor) const {
  if (kind() == "npz") {
    std::vector<std::byte> member =
        internal::read_npz_member(path(), tensor.member, tensor.offset + tensor.bytes);
    member.erase(member.begin(), member.begin() + static_cast<std::ptrdiff_t>(tensor.offset));
    return member;
  }
  std::vector<std::byte> bytes(tensor.bytes);
  content_->file.read(tensor.offset, bytes);
  return bytes;
}

std::vector<float> TensorFile::load(std::string_view name) const {
  const TensorInfo& t = tensor(name);
  const internal::TensorTypeInfo* type = internal::info(t.type);
  if (type == nullptr) {
    bad_file(path().string(),
             fmt::format("tensor '{}' is {}, which is not read", printable(name), t.type_name));
  }
  if (t.bytes == 0) return {};
  if (type->block != 1) return dequantize(load_quantized(name, Side::kA));
  std::vector<std::byte> bytes = read(t);
  if (t.big_endian) {
    for (auto at = bytes.begin(); at != bytes.end(); at += static_cast<long>(type->bytes)) {
      std::reverse(at, at + static_cast<long>(type->bytes));
    }
  }
  std::vector<float> out = numbers(t.type, bytes, t.elements());
  if (t.fortran_order) out = to_row_major(out, t.shape);
  if (t.type == TensorType::kE4m3 || t.type == TensorType::kE5m2) {
    internal::apply_fp8_scales(*this, t, out);
  }
  return out;
}

std::vector<QuantizedInfo> TensorFile::quantized() const { return internal::find_quantized(*this); }

QuantizedMatrix TensorFile::load_quantized(std::string_view name, Side side) const {
  const std::vector<QuantizedInfo> all = quantized();
  const auto found = std::ranges::find(all, name, &QuantizedInfo::name);
  if (found != all.end()) return internal::load_layout(*this, *found, side);
  const TensorInfo* plain = find(name);
  bad_file(path().string(),
           plain != nullptr
               ? fmt::format("tensor '{}' is {}: it is not in a quantised layout that is read",
                             printable(name), plain->type_name)
               : fmt::format("there is no quantised matrix '{}' among its {}", printable(name),
                             all.size()));
}

}  // namespace narrowgate
