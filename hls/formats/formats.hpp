// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The one table of number formats. Kernel, RTL models, host library and tests derive every width,
// bias, limit and code from it. C++14, constants only, so that HLS and the host read the same file.
//
// A code of an element with exponent and mantissa fields is {sign, exponent, mantissa}. With
// e = max(exponent, 1) it stands for ±(hidden + mantissa·2^-M)·2^(e − bias), hidden being 0 for
// exponent 0. Every finite value is an integer times 2^lsb. An integer element is its own value.
#pragma once

namespace ng_formats {

// Element codes, as the kernel's arguments a_format and b_format carry them in bits 0…7.
enum ElementCode {
  kInt8 = 0,
  kUint8 = 1,
  kInt4 = 2,
  kUint4 = 3,
  kE2m1 = 4,
  kE2m3 = 5,
  kE3m2 = 6,
  kE4m3 = 7,
  kE5m2 = 8,
  kBf16 = 9,  // outputs and the host only
  kNumElements = 10
};

// What a result may be stored in besides elements, as the kernel's argument out_format carries it.
enum OutputCode { kInt32Output = 16, kFp32Output = 17 };

// Codes that are not finite numbers.
enum Specials {
  kNone,           // every code is a number
  kNanOnly,        // all ones below the sign is NaN, there is no infinity (E4M3 "fn")
  kInfinityAndNan  // the largest exponent holds infinity (mantissa 0) and NaN, as in IEEE 754
};

struct Element {
  const char* name;   // as the command line and image metadata spell it
  int bits;           // of a code
  int exponent_bits;  // 0 for integers
  int mantissa_bits;  // 0 for integers
  int bias;           // 0 for integers
  bool is_signed;
  Specials specials;
  int emax;      // exponent of the largest finite number: floor(log2(max))
  int max_code;  // code of the largest finite number; for integers the largest value
  int lsb;       // exponent of the smallest step: every finite value is an integer times 2^lsb
  const char* source;
};

// In the order of ElementCode. OCP MX: Open Compute Project, Microscaling Formats v1.0, 5.3.
// OFP8: OCP 8-bit Floating Point Specification v1.0, table 1.
constexpr Element kElements[kNumElements] = {
    {"int8", 8, 0, 0, 0, true, kNone, 6, 127, 0, "two's complement"},
    {"uint8", 8, 0, 0, 0, false, kNone, 7, 255, 0, "unsigned binary"},
    {"int4", 4, 0, 0, 0, true, kNone, 2, 7, 0, "two's complement"},
    {"uint4", 4, 0, 0, 0, false, kNone, 3, 15, 0, "unsigned binary"},
    {"fp4_e2m1", 4, 2, 1, 1, true, kNone, 2, 0x7, -1, "OCP MX v1.0, 5.3.3"},
    {"fp6_e2m3", 6, 2, 3, 1, true, kNone, 2, 0x1F, -3, "OCP MX v1.0, 5.3.2"},
    {"fp6_e3m2", 6, 3, 2, 3, true, kNone, 4, 0x1F, -4, "OCP MX v1.0, 5.3.2"},
    {"fp8_e4m3", 8, 4, 3, 7, true, kNanOnly, 8, 0x7E, -9, "OFP8 v1.0, table 1"},
    {"fp8_e5m2", 8, 5, 2, 15, true, kInfinityAndNan, 15, 0x7B, -16, "OFP8 v1.0, table 1"},
    {"bf16", 16, 8, 7, 127, true, kInfinityAndNan, 127, 0x7F7F, -133,
     "IEEE 754 binary32, upper half"},
};

// How the scales of an operand's blocks are stored, bits 8…11 of a_format and b_format.
enum ScaleCode {
  kNoScale = 0,     // one block of all K, no scale in the panel
  kE8m0 = 1,        // 2^(code − 127); 0xFF is NaN (OCP MX v1.0, 5.4.1)
  kUe4m3 = 2,       // E4M3 without sign; 0x7F is NaN (NVFP4)
  kFp32 = 3,        // binary32
  kFp32AndZero = 4  // binary32, and a zero-point for each block that is subtracted from its codes
};

// A block format: `block` elements along K share a scale. value = element · 2^element_exponent ·
// scale (· tensor scale).
struct BlockFormat {
  const char* name;
  ElementCode element;
  int block;  // elements along K; 0: chosen by the matrix (groups)
  ScaleCode scale;
  int element_exponent;  // −6 for MXINT8, whose elements are int8 · 2^-6; 0 otherwise
  bool tensor_scale;     // has an FP32 scale of the whole tensor as well
  const char* source;
};

enum BlockCode {
  kMxfp8E4m3,
  kMxfp8E5m2,
  kMxfp6E2m3,
  kMxfp6E3m2,
  kMxfp4,
  kMxint8,
  kNvfp4,
  kInt8Group,
  kInt4Group,
  kUint4Group,
  kE4m3Group,
  kE5m2Group,
  kNumBlockFormats
};

constexpr BlockFormat kBlockFormats[kNumBlockFormats] = {
    {"mxfp8_e4m3", kE4m3, 32, kE8m0, 0, false, "OCP MX v1.0, table 1"},
    {"mxfp8_e5m2", kE5m2, 32, kE8m0, 0, false, "OCP MX v1.0, table 1"},
    {"mxfp6_e2m3", kE2m3, 32, kE8m0, 0, false, "OCP MX v1.0, table 1"},
    {"mxfp6_e3m2", kE3m2, 32, kE8m0, 0, false, "OCP MX v1.0, table 1"},
    {"mxfp4", kE2m1, 32, kE8m0, 0, false, "OCP MX v1.0, table 1"},
    {"mxint8", kInt8, 32, kE8m0, -6, false, "OCP MX v1.0, table 1 and 5.3.4"},
    {"nvfp4", kE2m1, 16, kUe4m3, 0, true, "NVIDIA NVFP4: 16 x E2M1, E4M3 scale, FP32 tensor scale"},
    {"int8_group", kInt8, 0, kFp32, 0, false, "integer groups along K"},
    {"int4_group", kInt4, 0, kFp32, 0, false, "integer groups along K"},
    {"uint4_group", kUint4, 0, kFp32AndZero, 0, false, "integer groups along K with zero-points"},
    {"fp8_e4m3_group", kE4m3, 0, kFp32, 0, false,
     "DeepSeek-V3: 128 along K, B's scales also 128 columns"},
    {"fp8_e5m2_group", kE5m2, 0, kFp32, 0, false, "the same with E5M2"},
};

// How the array multiplies: what an operand's decoded lanes look like, and how many cycles a step
// of k takes. The class of a product is the largest of its two operands' classes, but two kNibble
// operands make a kNibble product only when neither has zero-points (docs/seams.md, section 11).
enum MultiplyClass {
  kNibble,  // signed integers of at most 5 bits: two steps a cycle
  kByte,    // signed integers of at most 8 bits: one step a cycle
  kFloat    // {exponent, significand}: a step in two cycles, in four when an operand is E5M2
};

constexpr MultiplyClass ClassOf(int element) {
  return element == kInt4 || element == kUint4 || element == kE2m1   ? kNibble
         : element == kInt8 || element == kUint8 || element == kE2m3 ? kByte
                                                                     : kFloat;
}

}  // namespace ng_formats
