// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "fashion_mnist/network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace examples {
namespace {

/// Adam's running moments of one layer's gradient.
class Adam {
 public:
  explicit Adam(const Layer& layer)
      : mean_{Matrix::Zero(layer.weights.rows(), layer.weights.cols()),
              RowVector::Zero(layer.bias.cols())},
        square_(mean_) {}

  void step(Layer& layer, const Layer& gradient, float rate) {
    mean_power_ *= kMeanDecay;
    square_power_ *= kSquareDecay;
    const float corrected = rate * std::sqrt(1 - square_power_) / (1 - mean_power_);
    apply(layer.weights, gradient.weights, mean_.weights, square_.weights, corrected);
    apply(layer.bias, gradient.bias, mean_.bias, square_.bias, corrected);
  }

 private:
  static constexpr float kMeanDecay = 0.9F;
  static constexpr float kSquareDecay = 0.999F;
  static constexpr float kEpsilon = 1e-8F;

  template <typename T>
  static void apply(T& value, const T& gradient, T& mean, T& square, float rate) {
    mean = kMeanDecay * mean + (1 - kMeanDecay) * gradient;
    square = kSquareDecay * square + (1 - kSquareDecay) * gradient.cwiseAbs2();
    value.array() -= rate * mean.array() / (square.array().sqrt() + kEpsilon);
  }

  Layer mean_;
  Layer square_;
  float mean_power_ = 1;
  float square_power_ = 1;
};

Layer random_layer(int inputs, int outputs, std::mt19937& random) {
  // He's initialisation, for ReLU.
  std::normal_distribution<float> value(0.0F, std::sqrt(2.0F / static_cast<float>(inputs)));
  Layer layer{Matrix(inputs, outputs), RowVector::Zero(outputs)};
  std::generate_n(layer.weights.data(), layer.weights.size(), [&] { return value(random); });
  return layer;
}

/// The images and labels that an optimiser step learns from.
struct Batch {
  Matrix inputs;
  std::vector<std::uint8_t> labels;
};

Batch gather(const Dataset& data, const std::size_t* order, std::size_t count) {
  Batch batch{Matrix(count, data.pixels), {}};
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixels = &data.images[order[i] * data.pixels];
    for (std::size_t p = 0; p < data.pixels; ++p) {
      batch.inputs(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(p)) =
          kPixelScale * static_cast<float>(pixels[p]);
    }
    batch.labels.push_back(data.labels[order[i]]);
  }
  return batch;
}

/// The derivative of the mean cross entropy by the scores: softmax − one-hot.
Matrix score_gradient(Matrix scores, const std::vector<std::uint8_t>& labels) {
  scores.colwise() -= scores.rowwise().maxCoeff().eval();
  scores = scores.array().exp();
  scores.array().colwise() /= scores.rowwise().sum().array().eval();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    scores(static_cast<Eigen::Index>(i), labels[i]) -= 1.0F;
  }
  return scores / static_cast<float>(labels.size());
}

void learn(Network& network, Adam& hidden_adam, Adam& output_adam, const Batch& batch, float rate) {
  const Matrix hidden = hidden_of(network, batch.inputs);
  Matrix scores = (hidden * network.output.weights).rowwise() + network.output.bias;
  const Matrix by_scores = score_gradient(std::move(scores), batch.labels);
  Matrix by_hidden = by_scores * network.output.weights.transpose();
  by_hidden = (hidden.array() > 0).select(by_hidden, 0.0F);
  const Layer output_gradient{hidden.transpose() * by_scores, by_scores.colwise().sum()};
  const Layer hidden_gradient{batch.inputs.transpose() * by_hidden, by_hidden.colwise().sum()};
  output_adam.step(network.output, output_gradient, rate);
  hidden_adam.step(network.hidden, hidden_gradient, rate);
}

}  // namespace

Matrix inputs_of(const Dataset& data, std::size_t first, std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), first);
  return gather(data, order.data(), count).inputs;
}

Matrix hidden_of(const Network& network, const Matrix& inputs) {
  const Matrix sums = (inputs * network.hidden.weights).rowwise() + network.hidden.bias;
  return sums.cwiseMax(0.0F);
}

Matrix scores_of(const Network& network, const Matrix& inputs) {
  return (hidden_of(network, inputs) * network.output.weights).rowwise() + network.output.bias;
}

Network train(const Dataset& data, const TrainingOptions& options) {
  std::mt19937 random(options.seed);
  Network network{random_layer(static_cast<int>(data.pixels), options.hidden, random),
                  random_layer(options.hidden, kClasses, random)};
  Adam hidden_adam(network.hidden);
  Adam output_adam(network.output);
  std::vector<std::size_t> order(data.count);
  std::iota(order.begin(), order.end(), 0);
  const std::size_t batch_size = static_cast<std::size_t>(options.batch);
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    std::shuffle(order.begin(), order.end(), random);
    // The rate falls linearly, to a tenth in the last epoch.
    const float progress = static_cast<float>(epoch) / static_cast<float>(options.epochs);
    const float rate = options.rate * (1.0F - 0.9F * progress);
    for (std::size_t first = 0; first < data.count; first += batch_size) {
      const std::size_t count = std::min(batch_size, data.count - first);
      learn(network, hidden_adam, output_adam, gather(data, &order[first], count), rate);
    }
  }
  return network;
}

}  // namespace examples
