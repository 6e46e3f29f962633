// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Lists and numbers of every kind of file, and the refusal of bad ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <narrowgate/error.hpp>
#include <narrowgate/files.hpp>
#include <random>
#include <string>
#include <vector>

#include "subprocess.hpp"
#include "writers.hpp"

namespace narrowgate::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TensorFiles : public ::testing::Test {
 protected:
  TensorFile open(const std::string& bytes) const {
    write_file(path_, bytes);
    return TensorFile::open(path_);
  }
  /// The one line with which a file is refused, without its name.
  std::string refusal(const std::string& bytes) const {
    try {
      const TensorFile file = open(bytes);
      for (const TensorInfo& t : file.tensors()) file.load(t.name);
    } catch (const BadFileError& error) {
      EXPECT_THAT(error.what(), StartsWith(path_));
      EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
      return error.what();
    }
    ADD_FAILURE() << "was read";
    return "";
  }
  TemporaryFolder folder_;
  std::string path_ = folder_.file("file");
};

const std::vector<float> kSix = {1, 2, 3, 4, 5, 6};

TEST_F(TensorFiles, NpyInBothOrdersAndByteOrders) {
  const TensorFile c = open(npy("<f4", "2, 3", raw(kSix)));
  EXPECT_EQ(c.kind(), "npy");
  ASSERT_EQ(c.tensors().size(), 1U);
  EXPECT_EQ(c.tensors()[0].name, "file");
  EXPECT_THAT(c.tensors()[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(c.load("file"), kSix);
  EXPECT_THAT(open(npy("<f4", "2, 3", raw(kSix), true)).load("file"),
              ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_THAT(open(npy(">f2", "2,", std::string("\x3C\x00\xC0\x00", 4))).load("file"),
              ElementsAre(1, -2));
  EXPECT_THAT(open(npy("|i1", "2,", "\xFF\x05")).load("file"), ElementsAre(-1, 5));
}

TEST_F(TensorFiles, NpzHoldsSeveral) {
  const TensorFile file =
      open(zip({{"w.npy", npy("<f4", "3, 2", raw(kSix))},
                {"notes.txt", "hello"},
                {"b.npy", npy("<f8", "2,", raw(std::vector<double>{0.5, 7}))}}));
  EXPECT_EQ(file.kind(), "npz");
  ASSERT_EQ(file.tensors().size(), 2U);
  EXPECT_EQ(file.load("w"), kSix);
  EXPECT_THAT(file.load("b"), ElementsAre(0.5F, 7));
}

TEST_F(TensorFiles, SafetensorsOfEveryType) {
  const TensorFile file =
      open(safetensors({{"f32", "F32", "2,3", raw(kSix)},
                        {"f16", "F16", "2", raw(std::vector<std::uint16_t>{0x3C00, 0x7C00})},
                        {"bf16", "BF16", "2", raw(std::vector<std::uint16_t>{0x3F80, 0xC000})},
                        {"e4m3", "F8_E4M3", "2", "\x38\x7E"},
                        {"e5m2", "F8_E5M2", "1", "\x3C"},
                        {"e8m0", "F8_E8M0", "1", "\x80"},
                        {"i64", "I64", "1", raw(std::vector<std::int64_t>{-9})},
                        {"scalar", "F64", "", raw(std::vector<double>{2.5})},
                        {"empty", "F32", "0,5", ""},
                        {"odd", "C64", "1", "12345678"}},
                       "\"made by\":\"hand\""));
  EXPECT_EQ(file.kind(), "safetensors");
  EXPECT_EQ(file.metadata().at("made by"), "hand");
  EXPECT_EQ(file.load("f32"), kSix);
  EXPECT_THAT(file.load("f16"), ElementsAre(1, HUGE_VALF));
  EXPECT_THAT(file.load("bf16"), ElementsAre(1, -2));
  EXPECT_THAT(file.load("e4m3"), ElementsAre(1, 448));
  EXPECT_THAT(file.load("e5m2"), ElementsAre(1));
  EXPECT_THAT(file.load("e8m0"), ElementsAre(2));
  EXPECT_THAT(file.load("i64"), ElementsAre(-9));
  EXPECT_THAT(file.load("scalar"), ElementsAre(2.5F));
  EXPECT_TRUE(file.load("empty").empty());
  EXPECT_EQ(file.tensor("odd").type, TensorType::kOther);
  EXPECT_THROW(file.load("odd"), BadFileError);
  EXPECT_THROW(file.load("none"), BadFileError);
}

TEST_F(TensorFiles, GgufListsShapesSlowestFirst) {
  for (const std::uint32_t version : {2U, 3U}) {
    const TensorFile file =
        open(gguf({{"a", {3, 2}, 0, raw(kSix)},
                   {"h", {2}, 1, raw(std::vector<std::uint16_t>{0x3C00, 0})},
                   {"b", {1, 1, 1, 1}, 30, raw(std::vector<std::uint16_t>{0x4000})},
                   {"k", {256}, 12, std::string(144, 'x')}},
                  version));
    EXPECT_EQ(file.kind(), "gguf");
    EXPECT_EQ(file.metadata().at("general.architecture"), "llama");
    EXPECT_THAT(file.tensor("a").shape, ElementsAre(2, 3));
    EXPECT_EQ(file.load("a"), kSix);
    EXPECT_THAT(file.load("h"), ElementsAre(1, 0));
    EXPECT_THAT(file.load("b"), ElementsAre(2));
    EXPECT_EQ(file.tensor("k").type_name, "type 12");
    EXPECT_THROW(file.load("k"), BadFileError);
  }
}

TEST_F(TensorFiles, RefusesWhatIsNoneOfThem) {
  EXPECT_THAT(refusal(""), HasSubstr("0 bytes are too few"));
  EXPECT_THAT(refusal("#!/bin/sh\nexit"), HasSubstr("begins with '#!/bin/s"));
  EXPECT_THAT(refusal("PK\x03\x04 but nothing else"), HasSubstr("not a .npz archive"));
  EXPECT_THROW(TensorFile::open(folder_.file("absent")), BadFileError);
  EXPECT_THROW(TensorFile::open(folder_.path()), BadFileError);
}

TEST_F(TensorFiles, RefusesBadSafetensors) {
  const std::string ok = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  const auto one = [&](const std::string& fields, const std::string& data = "abcd") {
    return refusal(safetensors_raw("{\"w\":{" + fields + "}}", data));
  };
  EXPECT_THAT(refusal(raw_one<std::uint64_t>(~0ULL) + "{}"), HasSubstr("a header of 18446744"));
  EXPECT_THAT(refusal(raw_one<std::uint64_t>(500) + "{}"), HasSubstr("a header of 500 bytes"));
  EXPECT_THAT(refusal(safetensors_raw("{\"w\":", "")), HasSubstr("malformed header"));
  EXPECT_THAT(one(ok, ""), HasSubstr("bytes 0 to 4 of the data, which have 0"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), HasSubstr("takes 8 bytes"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"),
              HasSubstr("-1: it must be"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[1.5],"data_offsets":[0,4])"),
              HasSubstr("1.5: it must"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[1e30],"data_offsets":[0,4])"), HasSubstr("it must be"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4])"),
              HasSubstr("more than 2^60 elements"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), HasSubstr("bytes 4 to 0"));
  EXPECT_THAT(one(R"("shape":[1],"data_offsets":[0,4])"), HasSubstr("'dtype' is missing"));
  EXPECT_THAT(one(R"("dtype":7,"shape":[1],"data_offsets":[0,4])"),
              HasSubstr("'dtype' is missing"));
  EXPECT_THAT(one(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), HasSubstr("data_offsets"));
  EXPECT_THAT(refusal(safetensors_raw("{\"w\":[1]}", "")), HasSubstr("missing or malformed"));
  EXPECT_THAT(refusal(safetensors_raw("{\"w\":{" + ok + "},\"w\":{" + ok + "}}", "abcd")),
              HasSubstr("two tensors are called 'w'"));
  EXPECT_THAT(refusal(safetensors_raw("{\"w\":{" + ok + "},\"v\":{" + ok + "}}", "abcd")),
              HasSubstr("before"));
  EXPECT_THAT(refusal(safetensors({}, "\"n\":5")), HasSubstr("is no text"));
  EXPECT_THAT(refusal(safetensors_raw("{" + std::string(9, '['), "")), HasSubstr("header"));
}

TEST_F(TensorFiles, RefusesBadGguf) {
  const auto head = [](std::uint32_t version, std::uint64_t tensors, std::uint64_t values) {
    return "GGUF" + raw_one(version) + raw_one(tensors) + raw_one(values);
  };
  EXPECT_THAT(refusal(head(1, 0, 0)), HasSubstr("version 1"));
  EXPECT_THAT(refusal(head(0x03000000, 0, 0)), HasSubstr("little-endian"));
  EXPECT_THAT(refusal(head(3, ~0ULL, 0)), HasSubstr("tensors: a file of"));
  EXPECT_THAT(refusal(head(3, 0, 1ULL << 60)), HasSubstr("values: a file of"));
  EXPECT_THAT(refusal("GGUF" + raw_one(3) + "12"), HasSubstr("truncated"));
  const std::string one_value = head(3, 0, 1);
  EXPECT_THAT(refusal(one_value + raw_one<std::uint64_t>(1ULL << 40) + "xxxxxxxxxxxx"),
              HasSubstr("a string of 1099511627776 bytes"));
  EXPECT_THAT(refusal(one_value + gguf_text("k") + raw_one<std::uint32_t>(77) + "xxxxxxxx"),
              HasSubstr("has type 77"));
  EXPECT_THAT(refusal(one_value + gguf_text("k") + raw_one<std::uint32_t>(9) +
                      raw_one<std::uint32_t>(6) + raw_one<std::uint64_t>(1ULL << 61)),
              HasSubstr("entries: the file has room"));
  EXPECT_THAT(refusal(one_value + gguf_text("general.alignment") + raw_one<std::uint32_t>(4) +
                      raw_one<std::uint32_t>(0) + "xxxx"),
              HasSubstr("alignment 0"));
  EXPECT_THAT(refusal(gguf({{"a", {6, 1ULL << 40, 1ULL << 40}, 0, ""}})), HasSubstr("2^60"));
  EXPECT_THAT(refusal(gguf({{"a", {2, 3, 1, 1, 1}, 0, raw(kSix)}})), HasSubstr("5 dimensions"));
  EXPECT_THAT(refusal(gguf({{"a", {7}, 0, raw(kSix)}})), HasSubstr("28 bytes at offset 0"));
  EXPECT_THAT(refusal(gguf({{"a", {33}, 2, std::string(36, 'x')}})), HasSubstr("multiple of 32"));
  EXPECT_THAT(refusal(gguf({{"a", {6}, 0, raw(kSix)}, {"a", {6}, 0, raw(kSix)}})),
              HasSubstr("two tensors are called 'a'"));
}

TEST_F(TensorFiles, RefusesBadNpz) {
  const std::string good = npy("<f4", "6,", raw(kSix));
  EXPECT_THAT(refusal(zip({{"w.npy", good.substr(0, good.size() - 4)}})), HasSubstr("w.npy"));
  EXPECT_THAT(refusal(zip({{"w.npy", "x"}})), HasSubstr("w.npy"));
  EXPECT_THAT(refusal(zip({{"w.npy", good}, {"w.npy", good}})), HasSubstr("file"));
  std::string damaged = zip({{"w.npy", good}});
  damaged[60] ^= 1;  // a byte of the member: its checksum is wrong
  EXPECT_THAT(refusal(damaged), HasSubstr("file"));
}

/// Valid files of all kinds with bytes changed, cut and repeated: an error or numbers, never more.
TEST_F(TensorFiles, SurvivesDamage) {
  constexpr std::uint32_t kSeed = 20261123;
  std::mt19937 random(kSeed);
  const std::string q(36, '\x31');
  const std::vector<std::string> seeds = {
      npy("<f4", "2, 3", raw(kSix)), zip({{"w.npy", npy("<f4", "3, 2", raw(kSix))}}),
      safetensors({{"w", "F32", "2,3", raw(kSix)},
                   {"x.qweight", "I32", "1,8", std::string(32, '\x7A')},
                   {"x.qzeros", "I32", "1,1", "abcd"},
                   {"x.scales", "F16", "1,8", std::string(16, '\x3C')},
                   {"y_blocks", "U8", "1,1,16", std::string(16, 'k')},
                   {"y_scales", "U8", "1,1", "\x7F"}},
                  R"("narrowgate.m":"{\"format\":\"mxfp4\",\"lanes\":1,\"depth\":2}")"),
      gguf({{"a", {64, 2}, 40, q + q}, {"b", {32}, 39, std::string(17, 'q')}}),
      gguf({{"c", {32, 2}, 2, q}, {"d", {32}, 8, std::string(34, 'z')}})};
  std::size_t read = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::uint32_t changes = random() % 4 + 1; changes != 0; --changes) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 5) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
          break;
        case 2:
          bytes.resize(at + 1);
          break;
        case 3:
          bytes.insert(at, bytes.substr(at, random() % 16));
          break;
        default:
          bytes.replace(at, std::min<std::size_t>(8, bytes.size() - at),
                        raw_one<std::uint64_t>(random() % 2 != 0 ? ~0ULL : 1ULL << random() % 64)
                            .substr(0, std::min<std::size_t>(8, bytes.size() - at)));
      }
    }
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    try {
      const TensorFile file = open(bytes);
      for (const QuantizedInfo& m : file.quantized()) file.load_quantized(m.name, Side::kB);
      for (const TensorInfo& t : file.tensors()) {
        if (t.type != TensorType::kOther) file.load(t.name);
      }
      ++read;
    } catch (const BadFileError& error) {
      EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
      ++refused;
    }
  }
  EXPECT_GT(read, 100U);
  EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace narrowgate::testing
