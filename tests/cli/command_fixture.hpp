// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The command as its users meet it: a process, .npy files, exit codes, lines on a terminal.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "npy.hpp"
#include "subprocess.hpp"

namespace narrowgate::testing {

/// An operand's values as numbers, and as the file that the command reads.
struct TestMatrix {
  std::size_t rows;
  std::size_t cols;
  std::vector<int> values;  ///< row after row
  int at(std::size_t r, std::size_t c) const { return values[r * cols + c]; }
};

class CommandTest : public ::testing::Test {
 protected:
  /// Runs `narrowgate ARGUMENTS` in the test's own folder.
  Finished narrowgate(const std::vector<std::string>& arguments, RunOptions options = {}) const {
    options.folder = folder_.path();
    Finished finished = run_program(NG_COMMAND, arguments, options);
    EXPECT_FALSE(finished.timed_out);
    return finished;
  }

  /// Full-range random values of a format ("int4"), written to NAME in the given order.
  TestMatrix random_matrix(const std::string& name, const std::string& format, std::size_t rows,
                           std::size_t cols, bool fortran = false) {
    const bool is_signed = format[0] == 'i';
    const int bits = format.back() == '4' ? 4 : 8;
    const int lowest = is_signed ? -(1 << (bits - 1)) : 0;
    std::uniform_int_distribution<int> value(lowest, lowest + (1 << bits) - 1);
    TestMatrix matrix{rows, cols, std::vector<int>(rows * cols)};
    for (int& v : matrix.values) v = value(random_);
    std::vector<std::byte> data(rows * cols);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::size_t r = fortran ? i % rows : i / cols;
      const std::size_t c = fortran ? i / rows : i % cols;
      data[i] = static_cast<std::byte>(matrix.at(r, c));
    }
    const auto type = is_signed ? cli::NpyType::kInt8 : cli::NpyType::kUint8;
    write_file(name, type, {rows, cols}, data, fortran);
    return matrix;
  }

  /// Random small powers of two and zeros, which MX formats hold exactly, written as float32.
  TestMatrix random_floats(const std::string& name, std::size_t rows, std::size_t cols,
                           bool fortran = false) {
    constexpr int kValues[] = {0, 1, 2, 4, -1, -2, -4};
    std::uniform_int_distribution<std::size_t> which(0, 6);
    TestMatrix matrix{rows, cols, std::vector<int>(rows * cols)};
    for (int& v : matrix.values) v = kValues[which(random_)];
    std::vector<float> data(rows * cols);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const std::size_t r = fortran ? i % rows : i / cols;
      const std::size_t c = fortran ? i / rows : i % cols;
      data[i] = static_cast<float>(matrix.at(r, c));
    }
    write_file(name, cli::NpyType::kFloat32, {rows, cols}, std::as_bytes(std::span(data)), fortran);
    return matrix;
  }

  template <typename T>
  void write_vector(const std::string& name, cli::NpyType type, const std::vector<T>& values) {
    write_file(name, type, {values.size()}, std::as_bytes(std::span(values)), false);
  }

  cli::NpyArray read(const std::string& name) const { return cli::read_npy(folder_.file(name)); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder_.file(name)); }

  static constexpr std::uint32_t kSeed = 77;
  std::mt19937 random_{kSeed};
  TemporaryFolder folder_;

 private:
  void write_file(const std::string& name, cli::NpyType type, std::vector<std::size_t> shape,
                  std::span<const std::byte> data, bool fortran) {
    // The library writes C order only: for Fortran order the header's word is changed.
    cli::write_npy(folder_.file(name), type, shape, data);
    if (fortran) set_fortran_order(folder_.file(name));
  }
  static void set_fortran_order(const std::string& path);
};

/// The sums as the equation has them.
std::vector<std::int32_t> sums_of(const TestMatrix& a, const TestMatrix& b, int a_zero, int b_zero);

}  // namespace narrowgate::testing
