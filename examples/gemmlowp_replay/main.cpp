// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Replays a matrix product recorded from a production network, and compares every output with what
// was recorded: UINT8 with zero-points, bias and requantisation, M = 192, N = 256, K = 1152.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <exception>
#include <narrowgate/narrowgate.hpp>
#include <string>
#include <vector>

#include "common/device_options.hpp"
#include "gemmlowp_replay/test_data.hpp"

namespace ng = narrowgate;

namespace {

/// gemmlowp's description of the output, in our terms.
ng::GemmOptions options_of(const examples::GemmlowpData& data) {
  ng::RequantEpilogue epilogue;
  epilogue.output = ng::OutputFormat::kUint8;
  // gemmlowp adds its offset before it scales: that is a bias. (x·3401 + 2²⁰) >> 21 is a rounding
  // shift of the whole product: TFLite's single rounding.
  epilogue.bias.assign(static_cast<std::size_t>(data.n), data.c_offset);
  epilogue.rounding = ng::Rounding::kTflite;
  epilogue.fixed_point = {{data.c_mult_int, data.c_shift}};
  // gemmlowp adds offsets to the operands, we subtract zero-points.
  return {.a_zero = -data.a_offset, .b_zero = -data.b_offset, .epilogue = epilogue};
}

/// gemmlowp thinks in column-major: what it calls transposed is row-major.
ng::MatrixView view(const std::vector<std::uint8_t>& values, bool transposed, std::size_t rows,
                    std::size_t cols) {
  return transposed ? ng::MatrixView::row_major(values.data(), ng::Format::kUint8, rows, cols)
                    : ng::MatrixView::col_major(values.data(), ng::Format::kUint8, rows, cols);
}

ng::OutputView view(std::vector<std::uint8_t>& values, bool transposed, std::size_t rows,
                    std::size_t cols) {
  return transposed
             ? ng::OutputView::row_major(values.data(), rows, cols)
             : ng::OutputView::col_major(values.data(), ng::OutputFormat::kUint8, rows, cols);
}

int replay(const examples::DeviceOptions& options, const std::string& path) {
  const examples::GemmlowpData data = examples::read_gemmlowp_data(path);
  const ng::Device device = examples::open_device(options);

  const auto [m, n, k] = std::array{std::size_t(data.m), std::size_t(data.n), std::size_t(data.k)};
  std::vector<std::uint8_t> c(data.expected_c.size());
  const ng::Report report = ng::gemm(device, view(data.a, data.is_a_transposed, m, k),
                                     view(data.b, data.is_b_transposed, k, n), options_of(data),
                                     view(c, data.is_c_transposed, m, n));

  std::size_t equal = 0;
  for (std::size_t i = 0; i < c.size(); ++i) equal += c[i] == data.expected_c[i] ? 1 : 0;
  std::printf("gemmlowp's recorded product, M = %zu, N = %zu, K = %zu, on %s\n", m, n, k,
              options.device.c_str());
  std::printf("%zu of %zu outputs equal\n", equal, c.size());
  if (report.cycles != 0) {
    std::printf("%llu cycles, %.1f %% of the array's peak\n",
                static_cast<unsigned long long>(report.cycles), 100 * report.utilisation());
  }
  return equal == c.size() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Replays gemmlowp's recorded production product, exact to the bit.");
  std::string data = "/usr/share/doc/libgemmlowp-dev/examples/test/test_data.cc";
  examples::DeviceOptions device;
  examples::add_device_options(app, device);
  app.add_option("--data", data, "test_data.cc of libgemmlowp-dev (scripts/gemmlowp_data.sh)")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return replay(device, data);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gemmlowp_replay: %s\n", error.what());
    return 1;
  }
}
