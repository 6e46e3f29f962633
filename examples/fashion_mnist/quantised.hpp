// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The network in integers, and its run on a device.
#pragma once

#include <cstdint>
#include <narrowgate/narrowgate.hpp>
#include <vector>

#include "fashion_mnist/network.hpp"

namespace examples {

/// Weights as integers: real weight = scales[output] · integer, symmetric around zero.
struct QuantisedWeights {
  narrowgate::Format format = narrowgate::Format::kInt8;
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<std::int8_t> values;  ///< inputs × outputs
  std::vector<float> scales;        ///< one for each output

  narrowgate::MatrixView view() const {
    return narrowgate::MatrixView::row_major(values.data(), format, inputs, outputs);
  }
};

/// Activations are UINT8 with zero-point 0: pixels as they are, and what ReLU leaves.
struct QuantisedNetwork {
  QuantisedWeights hidden;
  QuantisedWeights output;
  narrowgate::GemmOptions hidden_options;  ///< bias, requantisation to UINT8, ReLU
  narrowgate::GemmOptions output_options;  ///< scores in FP32, with bias
};

/// Quantises each column with the scale that makes the squared error smallest.
/// `format` is kInt8 (±127) or kInt4 (±7).
QuantisedWeights quantise_weights(const Matrix& weights, narrowgate::Format format);

/// `calibration`: inputs from which the range of the hidden activations is taken.
QuantisedNetwork quantise(const Network& network, narrowgate::Format format,
                          const Matrix& calibration);

/// What a run over a set of images gave.
struct Classified {
  std::vector<std::uint8_t> hidden;  ///< images × hidden activations
  std::vector<float> scores;         ///< images × 10
  std::uint64_t cycles = 0;
  std::uint64_t macs = 0;
  std::uint64_t peak_macs_per_cycle = 0;
};

/// Classifies images (count × pixels) in batches, several of them in flight.
Classified classify(const narrowgate::Device& device, const QuantisedNetwork& network,
                    const std::vector<std::uint8_t>& images, std::size_t count);

}  // namespace examples
