// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A perceptron with one hidden layer in FP32: pixels -> ReLU(hidden) -> 10 classes.
#pragma once

#include <Eigen/Core>
#include <cstdint>

#include "fashion_mnist/idx.hpp"

namespace examples {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using RowVector = Eigen::RowVectorXf;

struct Layer {
  Matrix weights;  ///< inputs × outputs
  RowVector bias;
};

struct Network {
  Layer hidden;
  Layer output;
};

struct TrainingOptions {
  int hidden = 128;
  int epochs = 6;
  int batch = 100;
  float rate = 0.001F;
  std::uint32_t seed = 1;
};

inline constexpr int kClasses = 10;
inline constexpr float kPixelScale = 1.0F / 255.0F;  ///< pixels 0..255 are the inputs 0..1

/// Images `first` to `first + count − 1` as rows of inputs.
Matrix inputs_of(const Dataset& data, std::size_t first, std::size_t count);

/// Trains with Adam on the cross entropy. The same data, options and machine give the same bits.
Network train(const Dataset& data, const TrainingOptions& options);

Matrix hidden_of(const Network& network, const Matrix& inputs);
/// One row of 10 scores for each image; the highest is the class.
Matrix scores_of(const Network& network, const Matrix& inputs);

}  // namespace examples
