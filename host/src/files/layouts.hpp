// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// How quantised matrices lie in files, and how they become ours without loss (docs/formats.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "narrowgate/files.hpp"

namespace narrowgate::internal {

std::vector<QuantizedInfo> find_quantized(const TensorFile& file);
QuantizedMatrix load_layout(const TensorFile& file, const QuantizedInfo& matrix, Side side);

/// Multiplies the values of an FP8 tensor with the scales that stand beside it: one, one for each
/// row, or one for each block of 128 × 128.
void apply_fp8_scales(const TensorFile& file, const TensorInfo& tensor, std::vector<float>& values);

/// How save_safetensors() stores the codes of one lane: two 4-bit ones a byte, others one.
std::size_t stored_bytes(Format format, std::size_t depth);
TensorType stored_type(Format format);

/// An empty matrix of the right sizes; codes, scales and zero-points are allocated.
QuantizedMatrix blank_matrix(const QuantizedInfo& matrix, Side side);

/// 4-bit codes, two a byte, low nibble first, as Storage::kBytes holds them.
void unpack_nibbles(const std::vector<std::byte>& bytes, std::size_t row_bytes,
                    QuantizedMatrix& out);

// Layouts of INT4 groups in several tensors (group_layouts.cpp). `key` is the tensor with the
// codes.
inline constexpr const char* kAwq = "awq";
inline constexpr const char* kGptq = "gptq";
inline constexpr const char* kCompressedTensors = "compressed-tensors";
/// Nothing when the tensors beside `key` do not make such a matrix.
std::optional<QuantizedInfo> find_group_layout(const TensorFile& file, const TensorInfo& key);
QuantizedMatrix load_group_layout(const TensorFile& file, const QuantizedInfo& matrix, Side side);

}  // namespace narrowgate::internal
