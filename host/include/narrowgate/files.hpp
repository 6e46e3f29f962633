// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Matrices in the files that people have: .npy, .npz, safetensors and GGUF (docs/formats.md).
// What a file is, is told by its content, not by its name.
//
// A file is not trusted: whatever its bytes say, the answer is a list, numbers, or a BadFileError
// of one line with the file, the offending value and the limit. Nothing is allocated that the file
// itself could not fill. Thread safety: a TensorFile may be read by several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "narrowgate/quantize.hpp"

namespace narrowgate {

/// How a tensor's elements are stored. kOther: a type that can be listed but not read.
enum class TensorType : std::uint8_t {
  kFloat64,
  kFloat32,
  kFloat16,
  kBfloat16,
  kE4m3,
  kE5m2,
  kE8m0,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kBool,
  kQ4_0,   ///< GGUF: 32 elements, FP16 scale, 4-bit codes with zero-point 8
  kQ8_0,   ///< GGUF: 32 elements, FP16 scale, int8
  kMxfp4,  ///< GGUF: 32 elements, E8M0 scale, E2M1
  kNvfp4,  ///< GGUF: 4 x 16 elements, UE4M3 scales, E2M1
  kOther
};

struct TensorInfo {
  std::string name;
  TensorType type = TensorType::kOther;
  std::string type_name;           ///< as the file spells it: "BF16", "Q4_0", "<f4"
  std::vector<std::size_t> shape;  ///< slowest dimension first, in every kind of file
  std::uint64_t offset = 0;        ///< of its first byte in the file (of the member, in a .npz)
  std::uint64_t bytes = 0;
  std::size_t member = 0;      ///< .npz: which entry of the archive
  bool fortran_order = false;  ///< .npy and .npz: the first dimension is the fastest
  bool big_endian = false;

  std::size_t elements() const;
};

/// A matrix that a file holds in one of the library's formats, in one tensor or several. Its last
/// dimension, or what the layout has for it, is K: the matrix is `lanes` × `depth`.
struct QuantizedInfo {
  std::string name;    ///< to load it by
  std::string layout;  ///< "narrowgate", "gguf", "awq", "gptq", "compressed-tensors", "ocp", "fp8"
  BlockedFormat format;
  std::size_t lanes = 0;
  std::size_t depth = 0;
};

class TensorFile {
 public:
  /// Reads the file's list of tensors. Throws BadFileError.
  static TensorFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const;
  std::string_view kind() const;  ///< "npy", "npz", "safetensors", "gguf"
  std::span<const TensorInfo> tensors() const;
  /// The tensor called `name`; throws BadFileError naming some that there are.
  const TensorInfo& tensor(std::string_view name) const;
  const TensorInfo* find(std::string_view name) const;  ///< or null
  /// Text that came with the tensors (safetensors' __metadata__, GGUF's strings).
  const std::map<std::string, std::string>& metadata() const;

  /// The bytes as they lie in the file.
  std::vector<std::byte> read(const TensorInfo& tensor) const;
  /// The numbers in FP32, row-major; FP64 and wide integers are rounded, blocks dequantised.
  std::vector<float> load(std::string_view name) const;

  /// The matrices that load_quantized() takes.
  std::vector<QuantizedInfo> quantized() const;
  /// A matrix without any loss: the codes, scales and zero-points that the file holds. With
  /// Side::kA its lanes are the rows of an A (lanes × depth), with Side::kB the columns of a B
  /// (depth × lanes): a linear layer's weight, [out, in] in files, is the B of x·Wᵀ.
  QuantizedMatrix load_quantized(std::string_view name, Side side) const;

 private:
  struct Content;
  std::shared_ptr<const Content> content_;
};

/// Writes a quantised matrix as safetensors, in the layout of docs/formats.md, that
/// TensorFile::load_quantized() reads back bit for bit. Throws FileWriteError.
void save_safetensors(const std::filesystem::path& path, std::string_view name,
                      const QuantizedMatrix& matrix);

}  // namespace narrowgate
