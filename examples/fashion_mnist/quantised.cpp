// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fashion_mnist/quantised.hpp"

#include <algorithm>
#include <cmath>

namespace examples {
namespace ng = narrowgate;
namespace {

constexpr std::size_t kBatch = 256;

std::int8_t quantise_value(float value, float scale, int limit) {
  const float scaled = std::nearbyint(value / scale);
  return static_cast<std::int8_t>(
      std::clamp(scaled, -static_cast<float>(limit), static_cast<float>(limit)));
}

/// Few bits are better spent on the many small weights than on the few largest: tries cutting the
/// range at 100 %, 98 % … 40 % of the largest weight.
float best_scale(const Eigen::VectorXf& column, int limit) {
  const float largest = std::max(column.cwiseAbs().maxCoeff(), 1e-12F);
  float best = largest / static_cast<float>(limit);
  double least_error = INFINITY;
  for (int percent = 100; percent >= 40; percent -= 2) {
    const float scale = largest * 0.01F * static_cast<float>(percent) / static_cast<float>(limit);
    double error = 0;
    for (const float value : column) {
      const double difference = value - scale * quantise_value(value, scale, limit);
      error += difference * difference;
    }
    if (error < least_error) {
      least_error = error;
      best = scale;
    }
  }
  return best;
}

/// The value below which all but one in a thousand of the activations that are not 0 lie.
float typical_largest(const Matrix& activations) {
  std::vector<float> values;
  for (const float value : activations.reshaped()) {
    if (value > 0) values.push_back(value);
  }
  if (values.empty()) return 1.0F;
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 999 / 1000);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

QuantisedWeights quantise_weights(const Matrix& weights, ng::Format format) {
  const int limit = ng::info(format).max;
  QuantisedWeights out;
  out.format = format;
  out.inputs = static_cast<std::size_t>(weights.rows());
  out.outputs = static_cast<std::size_t>(weights.cols());
  out.values.resize(out.inputs * out.outputs);
  for (Eigen::Index n = 0; n < weights.cols(); ++n) {
    const float scale = best_scale(weights.col(n), limit);
    out.scales.push_back(scale);
    for (Eigen::Index k = 0; k < weights.rows(); ++k) {
      out.values[static_cast<std::size_t>(k * weights.cols() + n)] =
          quantise_value(weights(k, n), scale, limit);
    }
  }
  return out;
}

QuantisedNetwork quantise(const Network& network, ng::Format format, const Matrix& calibration) {
  QuantisedNetwork out;
  out.hidden = quantise_weights(network.hidden.weights, format);
  out.output = quantise_weights(network.output.weights, format);
  const float hidden_scale = typical_largest(hidden_of(network, calibration)) / 255.0F;

  // A sum of the hidden layer is in units of pixel scale × weight scale, and so is its bias.
  ng::RequantEpilogue hidden;
  hidden.output = ng::OutputFormat::kUint8;
  hidden.relu = true;
  for (std::size_t n = 0; n < out.hidden.outputs; ++n) {
    const double unit = static_cast<double>(kPixelScale) * out.hidden.scales[n];
    hidden.scales.push_back(unit / hidden_scale);
    hidden.bias.push_back(static_cast<std::int32_t>(
        std::lround(network.hidden.bias(static_cast<Eigen::Index>(n)) / unit)));
  }
  out.hidden_options.epilogue = hidden;

  ng::FloatEpilogue scores;
  scores.scale = hidden_scale;
  scores.channel_scales = out.output.scales;
  scores.bias.assign(network.output.bias.begin(), network.output.bias.end());
  out.output_options.epilogue = scores;
  return out;
}

Classified classify(const ng::Device& device, const QuantisedNetwork& network,
                    const std::vector<std::uint8_t>& images, std::size_t count) {
  const std::size_t pixels = network.hidden.inputs;
  const std::size_t hidden = network.hidden.outputs;
  Classified out;
  out.hidden.resize(count * hidden);
  out.scores.resize(count * kClasses);

  // The weights are packed once and stay on the card for all batches.
  const ng::Operand hidden_weights = ng::pack(device, ng::Side::kB, network.hidden.view());
  const ng::Operand output_weights = ng::pack(device, ng::Side::kB, network.output.view());

  // Every batch's first layer is submitted at once; the library keeps the card busy with them
  // while the batches before and after are sent and fetched.
  std::vector<ng::Job> jobs;
  for (std::size_t first = 0; first < count; first += kBatch) {
    const std::size_t rows = std::min(kBatch, count - first);
    jobs.push_back(ng::submit(
        device,
        ng::MatrixView::row_major(&images[first * pixels], ng::Format::kUint8, rows, pixels),
        hidden_weights, network.hidden_options,
        ng::OutputView::row_major(&out.hidden[first * hidden], rows, hidden)));
  }
  // As soon as a batch has its activations, its second layer follows.
  const std::size_t batches = jobs.size();
  for (std::size_t i = 0; i < batches; ++i) {
    const std::size_t first = i * kBatch;
    const std::size_t rows = std::min(kBatch, count - first);
    jobs[i].wait();
    jobs.push_back(ng::submit(
        device,
        ng::MatrixView::row_major(&out.hidden[first * hidden], ng::Format::kUint8, rows, hidden),
        output_weights, network.output_options,
        ng::OutputView::row_major(&out.scores[first * kClasses], rows, kClasses)));
  }
  for (const ng::Job& job : jobs) {
    const ng::Report report = job.report();  // waits for the job
    out.cycles += report.cycles;
    out.macs += report.macs;
    out.peak_macs_per_cycle = report.peak_macs_per_cycle;
  }
  return out;
}

}  // namespace examples
