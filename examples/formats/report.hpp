// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The study's results as a table, as JSON and as a picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/tasks.hpp"

namespace examples {

struct StudyRow {
  Operands operands;
  Outcome images;
  std::optional<Outcome> words;  ///< none when there are no word vectors
};

struct Study {
  std::string device;  ///< as it was opened: "emulator"
  std::size_t images = 0;
  double exact_accuracy = 0;  ///< of FP32 on the host
  std::size_t words = 0;
  std::size_t queries = 0;
  std::size_t dimensions = 0;
  std::string words_skipped;  ///< why there are no word vectors; empty when there are
  std::vector<StudyRow> rows;
};

std::string markdown_of(const Study& study);
std::string json_of(const Study& study);
/// Accuracy, and recall if there are word vectors, against bits per element of B; the area of a
/// marker is proportional to the card's cycles.
std::string svg_of(const Study& study);

}  // namespace examples
