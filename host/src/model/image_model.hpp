// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What the predictor knows of an image, all of it from the image's metadata.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/card_image.hpp"
#include "narrowgate/predict.hpp"

namespace narrowgate::internal {

/// The bank behind a port, times in kernel cycles.
struct BankModel {
  int index = 0;
  double cycles_per_beat = 1;  ///< of a port; a port moves no more than one a cycle
  double read_latency = 0;     ///< of a closed row
  double open_latency = 0;     ///< of an open row
  double write_overhead = 0;
  double refresh_interval = 0;
  double refresh_cycles = 0;
  double batch_beats = 0;       ///< served in one direction while the other waits
  double turnaround = 0;        ///< from reads to writes and back
  double reopening = 0;         ///< of the rows of both, and their first data
  double bytes_per_second = 0;  ///< after refresh
};

struct ImageModel {
  CardImage image;
  double clock_mhz = 0;
  std::uint64_t block_cycles = 16;  ///< a block has the scale lanes for so long: NG_LANE_GROUPS
  std::uint64_t window_words = 1;   ///< a block is made up to whole windows: 16 on packed DSPs
  double window_latency = 0;        ///< of packed DSPs, from a block's end to its results
  BankModel a, b, v, c;
  std::map<std::string, int> depth;  ///< of a process's last loop

  /// `clock_mhz` 0: the image's.
  static ImageModel of(const nlohmann::json& metadata, const std::filesystem::path& path,
                       double clock_mhz);
};

/// predict() on an image that has been read.
Prediction predict_on(const ImageModel& model, const PredictedShape& shape);

}  // namespace narrowgate::internal
