// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "files/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <functional>
#include <random>
#include <string>

#include "narrowgate/error.hpp"
#include "subprocess.hpp"

namespace narrowgate::internal {
namespace {

using ::narrowgate::testing::TemporaryFolder;
using ::testing::HasSubstr;

/// A file with the given dictionary, as NumPy lays it out.
std::string file_with(const std::string& dictionary, const std::string& data = "",
                      char version = 1) {
  std::string header = dictionary + "\n";
  std::string file("\x93NUMPY");
  file += {version, '\0'};
  file += {static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  if (version > 1) file += {'\0', '\0'};
  return file + header + data;
}

NpyArray parse(const std::string& file) {
  return parse_npy(std::as_bytes(std::span<const char>(file)), "x.npy");
}

/// The one line with which a file is refused; fails the test when it is not.
std::string refusal(const std::string& file) {
  try {
    parse(file);
  } catch (const BadFileError& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("x.npy: "));
    EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("\n")));
    return error.what();
  }
  ADD_FAILURE() << "was read";
  return "";
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  // numpy.save of numpy.zeros((2, 3), numpy.int32), byte for byte.
  const std::string text = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string expected =
      std::string("\x93NUMPY\x01\x00v\x00", 10) + text + std::string(117 - text.size(), ' ') + "\n";
  EXPECT_EQ(npy_header(NpyType::kInt32, std::array<std::size_t, 2>{2, 3}), expected);
  EXPECT_EQ(expected.size() % 64, 0U);
}

TEST(Npy, WritesVectorsAndScalarsAsPythonTuples) {
  EXPECT_THAT(npy_header(NpyType::kInt8, std::array<std::size_t, 1>{7}),
              HasSubstr("'descr': '|i1', 'fortran_order': False, 'shape': (7,), }"));
  EXPECT_THAT(npy_header(NpyType::kFloat32, {}), HasSubstr("'shape': (), }"));
}

TEST(Npy, ReadsBackWhatItWritesInEveryType) {
  constexpr std::uint32_t kSeed = 20;
  std::mt19937 random(kSeed);
  const TemporaryFolder folder;
  for (const NpyType type :
       {NpyType::kInt8, NpyType::kUint8, NpyType::kInt32, NpyType::kFloat32, NpyType::kFloat64}) {
    for (const auto& shape : std::vector<std::vector<std::size_t>>{
             {}, {1}, {13}, {3, 5}, {1, 1}, {2, 3, 4}, {0, 5}, {97, 31}}) {
      SCOPED_TRACE(std::string(info(type).name) + " " + to_string(shape) + ", seed " +
                   std::to_string(kSeed));
      std::size_t bytes = info(type).bytes;
      for (const std::size_t dimension : shape) bytes *= dimension;
      std::vector<std::byte> data(bytes);
      for (std::byte& byte : data) byte = static_cast<std::byte>(random());
      write_npy(folder.file("a.npy"), type, shape, data);
      const NpyArray array = read_npy(folder.file("a.npy"));
      EXPECT_EQ(array.type, type);
      EXPECT_EQ(array.shape, shape);
      EXPECT_FALSE(array.fortran_order);
      EXPECT_EQ(array.data, data);
    }
  }
}

TEST(Npy, ReadsVersionsOneToThree) {
  for (const char version : {1, 2, 3}) {
    const NpyArray array = parse(
        file_with("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", "abc", version));
    EXPECT_EQ(array.as<char>()[2], 'c') << "version " << int{version};
  }
}

TEST(Npy, ReadsFortranOrder) {
  EXPECT_TRUE(parse(file_with("{'descr': '|i1', 'fortran_order': True, 'shape': (1, 2), }", "ab"))
                  .fortran_order);
}

TEST(Npy, ReadsBigEndianElements) {
  const NpyArray array =
      parse(file_with("{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }",
                      std::string("\x80\x00\x00\x01\x00\x00\x01\x02", 8)));
  EXPECT_EQ(array.as<std::int32_t>()[0], static_cast<std::int32_t>(0x80000001));
  EXPECT_EQ(array.as<std::int32_t>()[1], 0x102);
}

TEST(Npy, ReadsAnyOrderOfKeysEitherQuoteAndPythonTwoIntegers) {
  const NpyArray array =
      parse(file_with("{ \"shape\":( 2L,1 ) ,'fortran_order' : False,'descr':'<i1'}", "ab"));
  EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 1}));
}

TEST(Npy, RefusesOtherTypesByName) {
  for (const char* type : {"<i8", "|b1", "<f16", "<c8", "|S3", "<U1", "|O", "|V8", "<M8[ns]", ""}) {
    const std::string text = refusal(file_with(std::string("{'descr': '") + type +
                                               "', 'fortran_order': False, 'shape': (0,), }"));
    EXPECT_THAT(text, HasSubstr(std::string("'").append(type) + "' is not supported"));
  }
  EXPECT_THAT(
      refusal(file_with("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (), }")),
      HasSubstr("structured arrays"));
}

struct Malformed {
  const char* dictionary;
  const char* complaint;
};

TEST(Npy, RefusesMalformedDictionaries) {
  const std::vector<Malformed> corpus = {
      {"", "expected '{'"},
      {"{", "expected a string"},
      {"{}", "must give"},
      {"[]", "expected '{'"},
      {"{'descr'", "expected ':'"},
      {"{'descr: '|i1'", "expected ':'"},
      {"{'descr': '|i1", "a string without end"},
      {"{'descr': '|i1'}", "must give"},
      {"{'descr': '|i1', 'descr': '|i1'}", "unknown or repeated"},
      {"{'colour': 'red'}", "unknown or repeated"},
      {"{'descr': '|i1', 'fortran_order': 1, 'shape': (1,)}", "True or False"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': 1}", "expected '('"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (-1,)}", "0 or more"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (1.5,)}", "expected ')'"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (1 2)}", "expected ')'"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (,)}", "0 or more"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (1,)", "expected '}'"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (1,)} x", "after the dictionary"},
      {"{'descr': '|i1', 'fortran_order': False, 'shape': (99999999999999999999,)}", "2^63"},
      {"{'descr': '\x1b[31m\n', 'fortran_order': False, 'shape': ()}", "\\x1b[31m\\x0a"},
  };
  for (const Malformed& m : corpus) {
    EXPECT_THAT(refusal(file_with(m.dictionary)), HasSubstr(m.complaint)) << m.dictionary;
  }
}

TEST(Npy, RefusesAbsurdSizes) {
  const auto shaped = [](const std::string& shape) {
    return file_with("{'descr': '<i4', 'fortran_order': False, 'shape': (" + shape + ")}", "1234");
  };
  EXPECT_THAT(refusal(shaped("4000000000, 4000000000")), HasSubstr("more than 2^63"));
  EXPECT_THAT(refusal(shaped("9223372036854775807,")), HasSubstr("more than 2^63"));
  EXPECT_THAT(refusal(shaped("1000000000000,")), HasSubstr("needs 4000000000000 bytes"));
  EXPECT_THAT(refusal(shaped("2,")), HasSubstr("needs 8 bytes of data, the file has 4"));
  EXPECT_THAT(refusal(shaped("0, 9223372036854775807")), HasSubstr("needs 0 bytes"));
  std::string many;
  for (int i = 0; i < 33; ++i) many += "1,";
  EXPECT_THAT(refusal(shaped(many)), HasSubstr("more than 32 dimensions"));
}

TEST(Npy, RefusesWhatIsNotNpy) {
  EXPECT_THAT(refusal(""), HasSubstr("not a .npy file"));
  EXPECT_THAT(refusal("\x93NUMP"), HasSubstr("not a .npy file"));
  EXPECT_THAT(refusal("PK\x03\x04 a zip, as .npz is"), HasSubstr("not a .npy file"));
  EXPECT_THAT(refusal("\x93NUMPY\x01"), HasSubstr("truncated"));
  EXPECT_THAT(refusal(file_with("{}", "", 4)), HasSubstr("version 4.0 is not supported"));
}

TEST(Npy, RefusesHeadersBeyondTheLimit) {
  std::string file("\x93NUMPY\x02\x00", 8);
  file += std::string("\xFF\xFF\xFF\x7F", 4) + "{";
  EXPECT_THAT(refusal(file), HasSubstr("a header of 2147483647 bytes: the limit is 65536"));
}

TEST(Npy, RefusesEveryTruncation) {
  const std::string whole =
      npy_header(NpyType::kInt32, std::array<std::size_t, 2>{2, 2}) + std::string(16, 'x');
  EXPECT_EQ(parse(whole).elements(), 4U);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    refusal(whole.substr(0, length));
  }
  EXPECT_THAT(refusal(whole + "x"), HasSubstr("needs 16 bytes of data, the file has 17"));
}

TEST(Npy, NeverCrashesOnDamagedFiles) {
  constexpr std::uint32_t kSeed = 21;
  std::mt19937 random(kSeed);
  const std::string whole =
      npy_header(NpyType::kInt8, std::array<std::size_t, 2>{3, 4}) + std::string(12, 'x');
  std::size_t refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = whole;
    for (unsigned change = 0; change <= random() % 4; ++change) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      const NpyArray array = parse(damaged);
      ASSERT_EQ(array.data.size(), array.elements() * info(array.type).bytes) << "seed " << kSeed;
    } catch (const BadFileError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000U);
}

TEST(Npy, RefusesPathsThatAreNotFiles) {
  const TemporaryFolder folder;
  const auto message = [](const std::string& path) -> std::string {
    try {
      read_npy(path);
    } catch (const BadFileError& error) {
      return error.what();
    }
    return "was read";
  };
  EXPECT_THAT(message(folder.file("none.npy")), HasSubstr("No such file"));
  EXPECT_THAT(message(folder.path()), HasSubstr("not a regular file"));
  EXPECT_THAT(message("/dev/zero"), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace narrowgate::internal
