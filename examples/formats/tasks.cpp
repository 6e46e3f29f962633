// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/tasks.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "fashion_mnist/accuracy.hpp"

namespace examples {
namespace ng = narrowgate;
namespace {

double share_right(const Matrix& scores, const Dataset& test) {
  return percent_right(classes_of(scores.data(), test.count), test.labels) / 100;
}

ng::FloatEpilogue epilogue_of(const Layer& layer, bool relu) {
  ng::FloatEpilogue epilogue;
  epilogue.bias.assign(layer.bias.begin(), layer.bias.end());
  epilogue.relu = relu;
  return epilogue;
}

}  // namespace

double classify_exactly(const Network& network, const Dataset& test) {
  return share_right(scores_of(network, inputs_of(test, 0, test.count)), test);
}

Outcome classify(const ng::Device& device, const Operands& operands, const Network& network,
                 const Dataset& test) {
  Outcome outcome;
  const Matrix hidden =
      multiply(device, operands, inputs_of(test, 0, test.count), network.hidden.weights,
               epilogue_of(network.hidden, true), outcome.account);
  const Matrix scores = multiply(device, operands, hidden, network.output.weights,
                                 epilogue_of(network.output, false), outcome.account);
  outcome.score = share_right(scores, test);
  return outcome;
}

Search::Search(const Matrix& vectors, std::size_t queries) : words_(vectors.transpose()) {
  const std::size_t count = static_cast<std::size_t>(vectors.rows());
  if (count <= kNeighbours || queries == 0 || queries > count) {
    throw std::runtime_error("a search for the nearest 10 with " + std::to_string(queries) +
                             " queries among " + std::to_string(count) +
                             " vectors; it needs more than 10, and 1 to as many queries");
  }
  queries_.resize(static_cast<Eigen::Index>(queries), vectors.cols());
  for (std::size_t i = 0; i < queries; ++i) {
    query_rows_.push_back(static_cast<std::uint32_t>(i * count / queries));
    queries_.row(static_cast<Eigen::Index>(i)) = vectors.row(query_rows_.back());
  }
  expected_ = nearest(queries_ * words_);
}

Neighbours Search::nearest(const Matrix& similarities) const {
  Neighbours all;
  std::vector<std::uint32_t> order(static_cast<std::size_t>(similarities.cols()));
  for (std::size_t i = 0; i < query_rows_.size(); ++i) {
    const float* row = similarities.row(static_cast<Eigen::Index>(i)).data();
    std::iota(order.begin(), order.end(), 0U);
    // A word is no neighbour of itself.
    std::swap(order[query_rows_[i]], order.back());
    const auto nearer = [row](std::uint32_t a, std::uint32_t b) {
      return row[a] != row[b] ? row[a] > row[b] : a < b;
    };
    std::partial_sort(order.begin(), order.begin() + kNeighbours, order.end() - 1, nearer);
    all.emplace_back(order.begin(), order.begin() + kNeighbours);
  }
  return all;
}

Outcome Search::run(const ng::Device& device, const Operands& operands) const {
  Outcome outcome;
  const Neighbours found =
      nearest(multiply(device, operands, queries_, words_, {}, outcome.account));
  std::size_t hits = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const std::uint32_t word : expected_[i]) hits += std::ranges::count(found[i], word);
  }
  outcome.score = static_cast<double>(hits) / static_cast<double>(found.size() * kNeighbours);
  return outcome;
}

}  // namespace examples
