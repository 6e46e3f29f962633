// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/word_vectors.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

namespace examples {
namespace {

using Json = nlohmann::json;

/// Takes the numbers of "vectors" as they come, and ends the parse when there are enough: the whole
/// file would be gigabytes as a tree.
class Reader : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(std::size_t limit) : limit_(limit) {}

  std::size_t dimensions() const { return dimensions_; }
  const std::vector<float>& values() const { return values_; }
  const std::string& error() const { return error_; }

  bool number_integer(std::int64_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) override { return number(value); }

  bool key(std::string& name) override {
    if (depth_ == 1) section_ = name;
    if (depth_ == 2) word_ = name;
    return true;
  }
  bool start_object(std::size_t) override { return ++depth_, true; }
  bool end_object() override { return --depth_, true; }
  bool start_array(std::size_t) override {
    if (in_vectors()) in_vector_ = 0;
    return ++depth_, true;
  }
  bool end_array() override {
    --depth_;
    if (!in_vectors()) return true;
    if (dimensions_ == 0) return refuse("no \"dimensions\" before \"vectors\"");
    if (in_vector_ < dimensions_) {
      return refuse("the vector of \"" + word_ + "\" has " + std::to_string(in_vector_) +
                    " numbers, not " + std::to_string(dimensions_));
    }
    return values_.size() < limit_ * dimensions_;
  }
  bool null() override { return in_vectors_array() ? refuse_word() : true; }
  bool boolean(bool) override { return null(); }
  bool string(std::string&) override { return null(); }
  bool binary(Json::binary_t&) override { return null(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse("not JSON at byte " + std::to_string(position));
  }

 private:
  static constexpr double kMaxDimensions = 65536;

  bool in_vectors() const { return depth_ == 2 && section_ == "vectors"; }
  bool in_vectors_array() const { return depth_ == 3 && section_ == "vectors"; }
  bool refuse(std::string why) { return error_ = std::move(why), false; }
  bool refuse_word() { return refuse("the vector of \"" + word_ + "\" is not one of numbers"); }

  bool number(double value) {
    if (depth_ == 1 && section_ == "dimensions") {
      if (!(value >= 1 && value <= kMaxDimensions)) {
        return refuse("dimensions " + std::to_string(value) + ", not 1 … 65536");
      }
      dimensions_ = static_cast<std::size_t>(value);
    }
    if (!in_vectors_array()) return true;
    // The length and the index follow the vector itself.
    if (in_vector_++ >= dimensions_) return true;
    const float number = static_cast<float>(value);
    if (!std::isfinite(number)) return refuse_word();
    values_.push_back(number);
    return true;
  }

  std::size_t limit_;
  std::size_t dimensions_ = 0;
  std::size_t depth_ = 0;
  std::size_t in_vector_ = 0;
  std::string section_;
  std::string word_;
  std::vector<float> values_;
  std::string error_;
};

}  // namespace

Matrix read_word_vectors(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  Reader reader(limit);
  Json::sax_parse(file, &reader);
  if (!reader.error().empty()) throw std::runtime_error(path + ": " + reader.error());
  if (reader.values().empty()) throw std::runtime_error(path + ": no \"vectors\"");
  const Eigen::Index dimensions = static_cast<Eigen::Index>(reader.dimensions());
  Matrix vectors = Eigen::Map<const Matrix>(
      reader.values().data(), static_cast<Eigen::Index>(reader.values().size()) / dimensions,
      dimensions);
  vectors.rowwise().normalize();
  return vectors;
}

}  // namespace examples
