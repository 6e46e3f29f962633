// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// A card's roofline: what the array and the memory ports allow, and what the predictor says of
// products of many sizes.
#pragma once

#include <string>

#include "model/image_model.hpp"

namespace narrowgate::cli {

/// An SVG: products a second over products for a byte of the card's memory, both logarithmic.
std::string roofline_svg(const internal::ImageModel& model);

}  // namespace narrowgate::cli
