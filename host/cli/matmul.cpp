// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "chunked.hpp"
#include "command.hpp"
#include "failure.hpp"
#include "files.hpp"
#include "matmul_options.hpp"
#include "narrowgate/files.hpp"

namespace narrowgate::cli {
namespace {

/// A result in memory.
struct Result {
  Result(OutputFormat output, std::size_t m, std::size_t n)
      : format(output),
        rows(m),
        cols(n),
        bytes(m * n * narrowgate::info(output).bytes),
        scales(narrowgate::info(output).is_mx ? m * mx_blocks(n) : 0) {}
  OutputView view() {
    if (scales.empty()) return OutputView::row_major(bytes.data(), format, rows, cols);
    return OutputView::mx(reinterpret_cast<std::uint8_t*>(bytes.data()), scales.data(), format,
                          rows, cols);
  }
  /// Whether element i is the same number: in MX formats the scale belongs to it.
  bool same(const Result& other, std::size_t i) const {
    const std::size_t width = narrowgate::info(format).bytes;
    if (std::memcmp(&bytes[i * width], &other.bytes[i * width], width) != 0) return false;
    const std::size_t block = i / cols * mx_blocks(cols) + i % cols / 32;
    return scales.empty() || scales[block] == other.scales[block];
  }

  OutputFormat format;
  std::size_t rows;
  std::size_t cols;
  std::vector<std::byte> bytes;
  std::vector<std::uint8_t> scales;
};

NpyType npy_type(OutputFormat format) {
  switch (format) {
    case OutputFormat::kInt8:
      return NpyType::kInt8;
    case OutputFormat::kUint8:
      return NpyType::kUint8;
    case OutputFormat::kFloat32:
      return NpyType::kFloat32;
    case OutputFormat::kInt32:
      return NpyType::kInt32;
    case OutputFormat::kBf16:
      return NpyType::kUint16;
    default:
      return NpyType::kUint8;
  }
}

/// Numbers as .npy (of BF16 and FP8 the codes), MX blocks as safetensors.
void write(const std::string& path, const Result& c) {
  if (c.scales.empty()) {
    const std::array<std::size_t, 2> shape = {c.rows, c.cols};
    return write_npy(path, npy_type(c.format), shape, c.bytes);
  }
  QuantizedMatrix matrix;
  matrix.format = narrowgate::info(c.format).operand;
  matrix.rows = c.rows;
  matrix.cols = c.cols;
  matrix.block = narrowgate::info(matrix.format).block;
  const auto* codes = reinterpret_cast<const std::uint8_t*>(c.bytes.data());
  matrix.codes.assign(codes, codes + c.bytes.size());
  matrix.scale_codes = c.scales;
  save_safetensors(path, "C", matrix);
}

void check_shapes(const MatmulOptions& options, const MatrixView& a, const MatrixView& b) {
  if (a.cols != b.rows) {
    throw InputError(
        fmt::format("{} is {}x{} and {} is {}x{}: the columns of A must be as many as "
                    "the rows of B",
                    options.a_path, a.rows, a.cols, options.b_path, b.rows, b.cols));
  }
}

/// Refuses what no device would take, before one is opened.
void check_problem(const MatrixView& a, const MatrixView& b, const GemmOptions& options) {
  const Problem problem{a.rows,
                        b.cols,
                        a.cols,
                        a.format,
                        b.format,
                        options,
                        a.block(),
                        b.block(),
                        a.scales.tensor_scale,
                        b.scales.tensor_scale};
  const Verdict verdict = can_run(Device::open("reference"), problem);
  if (!verdict) throw InputError(verdict.message);
}

/// How many elements are the same, bit for bit, and where the first other one is.
struct Comparison {
  std::size_t equal = 0;
  std::size_t total = 0;
  std::size_t first_row = 0;
  std::size_t first_col = 0;
};

Comparison compare(const Result& got, const Result& expected) {
  Comparison result;
  result.total = got.rows * got.cols;
  bool found = false;
  for (std::size_t i = 0; i < result.total; ++i) {
    if (got.same(expected, i)) {
      ++result.equal;
    } else if (!found) {
      found = true;
      result.first_row = i / got.cols;
      result.first_col = i % got.cols;
    }
  }
  return result;
}

nlohmann::json to_json(const Computed& done, const MatmulOptions& options, const Factor& a,
                       const Factor& b) {
  return {{"output", options.c_path},
          {"m", a.view().rows},
          {"n", b.view().cols},
          {"k", a.view().cols},
          {"a_format", a.format_name()},
          {"b_format", b.format_name()},
          {"out_format", options.out_format},
          {"device", options.device.device},
          {"calls", done.calls},
          {"cycles", done.report.cycles},
          {"macs_per_cycle", done.report.macs_per_cycle()},
          {"peak_macs_per_cycle", done.report.peak_macs_per_cycle},
          {"utilisation", done.report.utilisation()},
          {"wall_s", done.wall_s},
          {"bytes_read", done.report.bytes_read},
          {"bytes_written", done.report.bytes_written}};
}

std::string summary(const Computed& done, const MatmulOptions& options, const Device& device,
                    const Factor& a, const Factor& b) {
  std::string text =
      fmt::format("{}: {}x{} {} from {} x {}, K = {}, on {}: {:.3f} s", options.c_path,
                  a.view().rows, b.view().cols, options.out_format, a.format_name(),
                  b.format_name(), a.view().cols, describe(device.describe()), done.wall_s);
  if (done.report.cycles != 0) {
    text += fmt::format(", {} cycles, {:.1f} % of peak", done.report.cycles,
                        100 * done.report.utilisation());
  }
  if (done.calls > 1) text += fmt::format(", {} calls", done.calls);
  return text;
}

int multiply(MatmulOptions options) {
  const Factor a_factor =
      read_factor(options.a_path, options.a_format, Side::kA, options.a_transposed);
  const Factor b_factor =
      read_factor(options.b_path, options.b_format, Side::kB, options.b_transposed);
  const MatrixView a = a_factor.view();
  const MatrixView b = b_factor.view();
  check_shapes(options, a, b);
  check_writable(options.c_path);
  choose_output(a_factor, b_factor, options);
  const GemmOptions gemm = gemm_options(options, a_factor, b_factor);
  check_problem(a, b, gemm);

  Result c(output_format(gemm.epilogue), a.rows, b.cols);
  const Device device = options.device.open();
  const Computed done = compute(device, a, b, gemm, c.view(), "multiplying");
  nlohmann::json json = to_json(done, options, a_factor, b_factor);
  std::string text = summary(done, options, device, a_factor, b_factor);
  if (options.verify) {
    Result expected(c.format, c.rows, c.cols);
    compute(Device::open("reference"), a, b, gemm, expected.view(), "verifying");
    const Comparison same = compare(c, expected);
    json["verified"] = {{"equal", same.equal}, {"total", same.total}};
    const std::string counts =
        fmt::format("{} of {} elements equal to the reference", same.equal, same.total);
    if (same.equal != same.total) {
      throw WorkError(fmt::format("{}: only {}, the first other one is [{}, {}]; nothing written",
                                  options.c_path, counts, same.first_row, same.first_col));
    }
    text += "\nverified: " + counts;
  }
  write(options.c_path, c);
  fmt::print("{}\n", options.as_json ? json.dump(2) : text);
  return kExitOk;
}

void add_operand_options(CLI::App& command, MatmulOptions& o) {
  command
      .add_option("A", o.a_path,
                  "the M×K matrix: a .npy, .npz, safetensors or GGUF file, or FILE:TENSOR of one")
      ->required();
  command.add_option("B", o.b_path, "the K×N matrix, likewise")->required();
  command.add_option("-o,--output", o.c_path, "where to write C, M×N")->required();
  command.add_option("--a-format", o.a_format,
                     "int8, mxfp4, int4_g128, ... (default: the file's element type)");
  command.add_option("--b-format", o.b_format, "the same for B");
  command.add_flag("--a-transposed", o.a_transposed, "A's file holds K×M numbers");
  command.add_flag("--b-transposed", o.b_transposed,
                   "B's file holds N×K numbers, as a layer's weight is (quantised layouts are "
                   "always taken so)");
  command.add_option("--a-zero", o.a_zero, "zero-point of A (default 0)");
  command.add_option("--b-zero", o.b_zero, "zero-point of B (default 0)");
}

void add_epilogue_options(CLI::App& command, MatmulOptions& o) {
  command
      .add_option(
          "--out-format", o.out_format,
          "int32 (default for integers), float32, int8, uint8, bf16, fp8_e4m3, fp8_e5m2, or "
          "an MX format with blocks along N")
      ->group("Result");
  command
      .add_option("--bias", o.bias_path,
                  "N values, a .npy file: int32 for int32 and requantised sums, else float32")
      ->group("Result");
  command.add_option("--scale", o.scale, "factor of the sums")->group("Result");
  command.add_option("--scales", o.scales_path, "one factor for each column of C, a .npy file")
      ->group("Result");
  command.add_option("--out-zero", o.out_zero, "zero-point of C")->group("Result");
  command.add_option("--rounding", o.rounding, "onnx (default), gemmlowp or tflite")
      ->group("Result");
  command.add_flag("--relu", o.relu, "clamp below at zero")->group("Result");
  command.add_option("--activation", o.activation, "none (default), gelu or silu")->group("Result");
}

}  // namespace

void add_matmul(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("matmul", "Multiply two matrices from files");
  const auto options = std::make_shared<MatmulOptions>();
  add_operand_options(*command, *options);
  add_epilogue_options(*command, *options);
  options->device.add_to(*command);
  command->add_flag("--verify", options->verify,
                    "compare with the reference, bit for bit; write nothing if they differ");
  command->add_flag("--json", options->as_json, "print the figures of the call as JSON");
  command->footer(
      "C[m,n] = epilogue( sum over k of (A[m,k] - a_zero)·(B[k,n] - b_zero) ), exact to the bit.\n"
      "Files may be in C or Fortran order; int4 values come as int8 arrays within -8..7 and uint4\n"
      "values as uint8 arrays within 0..15. float32 and float64 arrays are quantised on the way\n"
      "(scale rule floor, saturating, to nearest even), and the result is then float32. Formats:\n"
      "int8, uint8, int4, uint4, fp4_e2m1, fp6_e2m3, fp6_e3m2, fp8_e4m3, fp8_e5m2, mxfp8_e4m3,\n"
      "mxfp8_e5m2, mxfp6_e2m3, mxfp6_e3m2, mxfp4, mxint8, nvfp4, int8_gN, int4_gN, uint4_gN,\n"
      "fp8_e4m3_gN and fp8_e5m2_gN (groups of N elements along K). Matrices in\n"
      "quantised layouts (narrowgate inspect lists them) are taken without loss; their rows are\n"
      "the rows of A or the columns of B.\n"
      "Examples:\n"
      "  narrowgate matmul A.npy B.npy -o C.npy\n"
      "  narrowgate matmul A.npy B.npy -o C.npy --b-format int4 --device reference\n"
      "  narrowgate matmul X.npy W.npy -o C.npy --a-format mxfp8_e4m3 --b-format mxfp4 --verify\n"
      "  narrowgate matmul X.npy model.gguf:blk.0.ffn_up.weight -o C.npy --a-format mxfp8_e4m3\n"
      "  narrowgate matmul A.npy B.npy -o C.npy --out-format uint8 --a-zero 84 --scale 0.0016 \\\n"
      "      --out-zero 3 --rounding tflite --relu --verify\n"
      "  narrowgate matmul A.npy B.npy -o C.npy --out-format float32 --scales S.npy --bias F.npy\n"
      "  narrowgate matmul X.npy W.npy -o H.safetensors --a-format mxfp8_e4m3 --b-format mxfp4 \\\n"
      "      --activation gelu --out-format mxfp8_e4m3\n"
      "C is written as .npy (BF16 and FP8 as their codes, uint16 and uint8), MX formats as\n"
      "safetensors, which matmul takes as an A.");
  command->callback([&action, options] { action = [options] { return multiply(*options); }; });
}

}  // namespace narrowgate::cli
