// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The reference and the codes against ONNX Runtime, bit for bit. $NARROWGATE_ONNXRUNTIME is the
// node_modules that holds onnxruntime-node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <narrowgate/narrowgate.hpp>
#include <random>

#include "onnx_model.hpp"
#include "subprocess.hpp"
#include "writers.hpp"

namespace narrowgate::testing {
namespace {

constexpr std::uint32_t kSeed = 20260;

class OnnxRuntime : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("NARROWGATE_ONNXRUNTIME");
    const char* const why = std::getenv("NARROWGATE_ONNXRUNTIME_SKIPPED");
    if (folder == nullptr) {
      GTEST_SKIP() << (why != nullptr ? why : "no onnxruntime-node: make cross-check fetches it");
    }
    modules_ = folder;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
  }

  /// What a model gives, as elements of T.
  template <typename T>
  std::vector<T> run(const OnnxModel& model, const std::string& output, OnnxType type) const {
    write_file(folder_.file("model.onnx"), model.bytes(output, type));
    const Finished node = run_program(
        "/usr/bin/env",
        {"node", NG_RUN_MODEL, modules_, folder_.file("model.onnx"), folder_.file("output")});
    EXPECT_EQ(node.exit_code, 0) << node.err;
    if (node.exit_code != 0) return {};
    std::ifstream file(folder_.file("output"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
  }

  template <typename T>
  std::vector<T> random_integers(std::size_t count) {
    std::vector<T> out(count);
    for (T& x : out) x = static_cast<T>(random_());
    return out;
  }

  std::string modules_;
  TemporaryFolder folder_;
  std::mt19937 random_{kSeed};
};

/// Two integer matrices with zero-points, of any signs.
struct Integers {
  static constexpr std::size_t kM = 37;
  static constexpr std::size_t kK = 301;
  static constexpr std::size_t kN = 41;
  bool a_signed;
  bool b_signed;
  std::vector<std::uint8_t> a;
  std::vector<std::uint8_t> b;
  int a_zero;
  int b_zero;

  Integers(bool a_is_signed, bool b_is_signed, std::mt19937& random)
      : a_signed(a_is_signed), b_signed(b_is_signed), a(kM * kK), b(kK * kN) {
    for (std::uint8_t& x : a) x = static_cast<std::uint8_t>(random());
    for (std::uint8_t& x : b) x = static_cast<std::uint8_t>(random());
    if (!a_signed && b_signed && !sums_are_exact()) {
      for (std::uint8_t& x : b) x = static_cast<std::uint8_t>(static_cast<std::int8_t>(x) / 2);
    }
    a_zero = a_signed ? static_cast<int>(random() % 256) - 128 : static_cast<int>(random() % 256);
    b_zero = b_signed ? static_cast<int>(random() % 256) - 128 : static_cast<int>(random() % 256);
  }
  /// Without VNNI, ONNX Runtime adds pairs of UINT8 × INT8 products in 16 bits, and saturates.
  static bool sums_are_exact() {
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512vnni") != 0;
#else
    return true;
#endif
  }
  OnnxType a_type() const { return a_signed ? OnnxType::kInt8 : OnnxType::kUint8; }
  OnnxType b_type() const { return b_signed ? OnnxType::kInt8 : OnnxType::kUint8; }
  static std::string byte(int value) { return {static_cast<char>(value)}; }

  OnnxModel model() const {
    OnnxModel out;
    out.constant("A", a_type(), {kM, kK}, raw(a)).constant("B", b_type(), {kK, kN}, raw(b));
    out.constant("a_zero", a_type(), {}, byte(a_zero));
    out.constant("b_zero", b_type(), {}, byte(b_zero));
    return out;
  }

  template <typename T>
  std::vector<T> reference(const Epilogue& epilogue) const {
    std::vector<T> out(kM * kN);
    GemmOptions options;
    options.a_zero = a_zero;
    options.b_zero = b_zero;
    options.epilogue = epilogue;
    gemm(Device::open("reference"),
         MatrixView::row_major(a.data(), a_signed ? Format::kInt8 : Format::kUint8, kM, kK),
         MatrixView::row_major(b.data(), b_signed ? Format::kInt8 : Format::kUint8, kK, kN),
         options, OutputView::row_major(out.data(), output_format(epilogue), kM, kN));
    return out;
  }
};

constexpr std::pair<bool, bool> kSigns[] = {{false, false}, {false, true}, {true, true}};

TEST_F(OnnxRuntime, MatMulIntegerIsTheSumsWithZeroPoints) {
  for (const auto& [a_signed, b_signed] : kSigns) {
    SCOPED_TRACE(::testing::Message() << a_signed << b_signed);
    const Integers x(a_signed, b_signed, random_);
    OnnxModel model = x.model();
    model.node("MatMulInteger", {"A", "B", "a_zero", "b_zero"}, "C");
    EXPECT_EQ(run<std::int32_t>(model, "C", OnnxType::kInt32),
              x.reference<std::int32_t>(Int32Epilogue{}));
  }
}

TEST_F(OnnxRuntime, QLinearMatMulIsTheOnnxRounding) {
  std::uniform_real_distribution<float> scale(0.5F, 2.0F);
  for (const bool per_channel : {false, true}) {
    for (const auto& [a_signed, b_signed] : kSigns) {
      SCOPED_TRACE(::testing::Message() << a_signed << b_signed << per_channel);
      const Integers x(a_signed, b_signed, random_);
      const auto channels = static_cast<std::int64_t>(per_channel ? Integers::kN : 1);
      std::vector<float> b_scales(static_cast<std::size_t>(channels));
      for (float& s : b_scales) s = scale(random_) / 128;
      const float a_scale = scale(random_) / 100;
      const float c_scale = scale(random_) * 0.2F;
      const int c_zero = a_signed ? -11 : 119;
      OnnxModel model = x.model();
      const std::vector<std::int64_t> dims =
          per_channel ? std::vector<std::int64_t>{channels} : std::vector<std::int64_t>{};
      model.constant("a_scale", OnnxType::kFloat, {}, raw_one(a_scale));
      model.constant("b_scale", OnnxType::kFloat, dims, raw(b_scales));
      model.constant("b_zeros", x.b_type(), dims,
                     std::string(b_scales.size(), static_cast<char>(x.b_zero)));
      model.constant("c_scale", OnnxType::kFloat, {}, raw_one(c_scale));
      model.constant("c_zero", x.a_type(), {}, Integers::byte(c_zero));
      model.node("QLinearMatMul",
                 {"A", "a_scale", "a_zero", "B", "b_scale", "b_zeros", "c_scale", "c_zero"}, "C");
      RequantEpilogue epilogue;
      epilogue.output = a_signed ? OutputFormat::kInt8 : OutputFormat::kUint8;
      epilogue.out_zero = c_zero;
      for (const float s : b_scales) epilogue.scales.push_back(a_scale * s / c_scale);
      EXPECT_EQ(run<std::uint8_t>(model, "C", x.a_type()), x.reference<std::uint8_t>(epilogue));
    }
  }
}

TEST_F(OnnxRuntime, QGemmAddsAnInt32BiasFirst) {
  const Integers x(false, true, random_);
  std::vector<std::int32_t> bias(Integers::kN);
  for (std::int32_t& v : bias) v = static_cast<std::int32_t>(random_() % 200000) - 100000;
  constexpr float kAScale = 0.0117F;
  constexpr float kBScale = 0.0093F;
  constexpr float kCScale = 0.31F;
  OnnxModel model = x.model();
  model.constant("a_scale", OnnxType::kFloat, {}, raw_one(kAScale));
  model.constant("b_scale", OnnxType::kFloat, {}, raw_one(kBScale));
  model.constant("bias", OnnxType::kInt32, {Integers::kN}, raw(bias));
  model.constant("c_scale", OnnxType::kFloat, {}, raw_one(kCScale));
  model.constant("c_zero", OnnxType::kUint8, {}, Integers::byte(77));
  model.node("QGemm",
             {"A", "a_scale", "a_zero", "B", "b_scale", "b_zero", "bias", "c_scale", "c_zero"}, "C",
             {}, "com.microsoft");
  RequantEpilogue epilogue;
  epilogue.output = OutputFormat::kUint8;
  epilogue.scales = {kAScale * kBScale / kCScale};
  epilogue.bias = bias;
  epilogue.out_zero = 77;
  EXPECT_EQ(run<std::uint8_t>(model, "C", OnnxType::kUint8), x.reference<std::uint8_t>(epilogue));
}

TEST_F(OnnxRuntime, MatMulIntegerToFloatIsTheFloatEpilogue) {
  std::uniform_real_distribution<float> scale(0.5F, 2.0F);
  const Integers x(false, true, random_);
  const float a_scale = scale(random_);
  const float b_scale = scale(random_);
  OnnxModel model = x.model();
  model.constant("a_scale", OnnxType::kFloat, {}, raw_one(a_scale));
  model.constant("b_scale", OnnxType::kFloat, {}, raw_one(b_scale));
  model.node("MatMulIntegerToFloat", {"A", "B", "a_scale", "b_scale", "a_zero", "b_zero"}, "C", {},
             "com.microsoft");
  FloatEpilogue epilogue;
  epilogue.scale = a_scale * b_scale;
  EXPECT_EQ(run<float>(model, "C", OnnxType::kFloat), x.reference<float>(epilogue));
}

/// Numbers over the whole range of FP32, more of them near a format's own.
std::vector<float> numbers(std::mt19937& random, std::size_t count) {
  std::uniform_real_distribution<float> exponent(-20.0F, 18.0F);
  std::vector<float> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    out[i] = std::bit_cast<float>(bits);
    if (i % 4 == 1)
      out[i] = std::ldexp(1.0F + std::ldexp(static_cast<float>(bits % 32), -5),
                          static_cast<int>(exponent(random)));  // ties
    if (i % 4 == 2) out[i] = std::copysign(std::exp2(exponent(random)), out[i]);
  }
  return out;
}

/// Where ONNX Runtime, not saturating, tests for overflow before it rounds: what would round up to
/// one step beyond the largest number stays that number in E4M3 and is NaN in E5M2.
bool rounds_otherwise(Format format, float x) {
  const float magnitude = std::abs(x);
  return format == Format::kE4m3 ? magnitude > 464 && magnitude < 496
                                 : magnitude >= 61440 && magnitude < 65536;
}

TEST_F(OnnxRuntime, CastsToNarrowFloatsAreOurCodes) {
  const std::vector<float> from = numbers(random_, 200000);
  struct Case {
    OnnxType type;
    Format format;
    bool saturate;
  };
  for (const Case& c : {Case{OnnxType::kE4m3, Format::kE4m3, true},
                        {OnnxType::kE4m3, Format::kE4m3, false},
                        {OnnxType::kE5m2, Format::kE5m2, true},
                        {OnnxType::kE5m2, Format::kE5m2, false}}) {
    OnnxModel model;
    model.constant("x", OnnxType::kFloat, {static_cast<std::int64_t>(from.size())}, raw(from));
    model.node("Cast", {"x"}, "narrow",
               {{"to", static_cast<int>(c.type)}, {"saturate", c.saturate ? 1 : 0}});
    model.node("Cast", {"narrow"}, "y", {{"to", static_cast<int>(OnnxType::kFloat)}});
    const std::vector<float> got = run<float>(model, "y", OnnxType::kFloat);
    ASSERT_EQ(got.size(), from.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      const float wanted = decode(c.format, encode(c.format, from[i], c.saturate));
      if (!c.saturate && rounds_otherwise(c.format, from[i])) {
        EXPECT_FALSE(std::isfinite(wanted)) << from[i];
        continue;
      }
      const bool same = std::isnan(wanted) ? std::isnan(got[i])
                                           : std::bit_cast<std::uint32_t>(wanted) ==
                                                 std::bit_cast<std::uint32_t>(got[i]);
      if (!same && ++different < 5) {
        ADD_FAILURE() << info(c.format).name << " saturate " << c.saturate << ": " << from[i]
                      << " gives " << wanted << ", ONNX Runtime " << got[i] << ", seed " << kSeed;
      }
    }
    EXPECT_EQ(different, 0U) << info(c.format).name;
  }
}

TEST_F(OnnxRuntime, CastsToHalvesAreOurs) {
  const std::vector<float> from = numbers(random_, 200000);
  for (const bool bf16 : {false, true}) {
    OnnxModel model;
    model.constant("x", OnnxType::kFloat, {static_cast<std::int64_t>(from.size())}, raw(from));
    model.node("Cast", {"x"}, "narrow",
               {{"to", static_cast<int>(bf16 ? OnnxType::kBfloat16 : OnnxType::kFloat16)}});
    model.node("Cast", {"narrow"}, "y", {{"to", static_cast<int>(OnnxType::kFloat)}});
    const std::vector<float> got = run<float>(model, "y", OnnxType::kFloat);
    ASSERT_EQ(got.size(), from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const float wanted =
          bf16 ? bf16_to_float(float_to_bf16(from[i])) : fp16_to_float(float_to_fp16(from[i]));
      if (std::isnan(wanted)
              ? std::isnan(got[i])
              : std::bit_cast<std::uint32_t>(wanted) == std::bit_cast<std::uint32_t>(got[i])) {
        continue;
      }
      FAIL() << from[i] << " gives " << wanted << ", ONNX Runtime " << got[i] << ", bf16 " << bf16;
    }
  }
}

}  // namespace
}  // namespace narrowgate::testing
