// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "formats/report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace examples {
namespace {

std::string cycles_text(const Account& account) {
  return account.cycles == 0 ? "–" : std::to_string(account.cycles);
}

std::string words_text(const std::optional<Outcome>& words) {
  if (!words) return "– | –";
  return fmt::format("{:.3f} | {}", words->score, cycles_text(words->account));
}

nlohmann::ordered_json json_of(const char* measure, const Outcome& outcome) {
  return {{measure, outcome.score},
          {"cycles", outcome.account.cycles},
          {"macs", outcome.account.macs},
          {"fingerprint", fmt::format("0x{:016x}", outcome.account.fingerprint)}};
}

}  // namespace

std::string markdown_of(const Study& study) {
  std::string text =
      fmt::format("Fashion-MNIST: {} test images on {}.\n", study.images, study.device);
  if (study.words_skipped.empty()) {
    text += fmt::format("Nearest words: {} queries among {} vectors of {} numbers.\n",
                        study.queries, study.words, study.dimensions);
  } else {
    text += "Nearest words: SKIPPED, " + study.words_skipped + ".\n";
  }
  text +=
      "\n| A × B | bits per element of B | accuracy | cycles | recall@10 | cycles |\n"
      "|---|---|---|---|---|---|\n";
  text += fmt::format("| FP32 (host) | 32 | {:.2f} % | – | {} | – |\n", 100 * study.exact_accuracy,
                      study.words_skipped.empty() ? "1.000" : "–");
  for (const StudyRow& row : study.rows) {
    text += fmt::format("| {} | {} | {:.2f} % | {} | {} |\n", row.operands.name(),
                        bits_per_element(row.operands.b), 100 * row.images.score,
                        cycles_text(row.images.account), words_text(row.words));
  }
  return text;
}

std::string json_of(const Study& study) {
  nlohmann::ordered_json json = {{"device", study.device},
                                 {"images", study.images},
                                 {"fp32_accuracy", study.exact_accuracy},
                                 {"words", study.words},
                                 {"queries", study.queries},
                                 {"dimensions", study.dimensions},
                                 {"words_skipped", study.words_skipped}};
  for (const StudyRow& row : study.rows) {
    nlohmann::ordered_json entry = {{"a", to_string(row.operands.a)},
                                    {"b", to_string(row.operands.b)},
                                    {"bits_per_element", bits_per_element(row.operands.b)},
                                    {"classification", json_of("accuracy", row.images)}};
    if (row.words) entry["search"] = json_of("recall_at_10", *row.words);
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace examples
