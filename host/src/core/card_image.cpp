// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_image.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <narrowgate_xclbin/xclbin.hpp>

#include "core/card.hpp"
#include "core/throw.hpp"
#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

using nlohmann::json;

/// Whole 16-byte entries in a beat, whole beats of row terms and column records.
void check_geometry(const Geometry& g) {
  for (const unsigned lanes : {g.tile_rows, g.tile_rows + g.lut_rows, g.tile_cols}) {
    const bool fits = lanes >= 2 && lanes <= 512 && std::has_single_bit(g.port_bits) &&
                      g.port_bits >= 128 && g.port_bits <= 4096 && lanes * 4 % g.beat_bytes() == 0;
    if (!fits) {
      throw BadImageError("its geometry of " + std::to_string(lanes) + " lanes on ports of " +
                          std::to_string(g.port_bits) +
                          " bits does not fit: the port must be a power of two from 128 to 4096, "
                          "and 32 bits for each of at most 512 lanes whole beats");
    }
  }
  if (std::bit_ceil(g.tile_rows) != std::bit_ceil(g.tile_rows + g.lut_rows)) {
    throw BadImageError("its " + std::to_string(g.lut_rows) + " LUT rows do not fit the " +
                        std::to_string(std::bit_ceil(g.tile_rows)) + " slots of a panel of " +
                        std::to_string(g.tile_rows) + " rows");
  }
}

/// An image with LUT rows has taller panels of A where both operands have 4-bit codes: so that A's
/// format tells which, it does not multiply these by others.
void settle_lut_rows(CardImage& image) {
  if (image.geometry.lut_rows == 0) return;
  const auto refuse = [](const std::string& what) {
    throw BadImageError("it has LUT rows for 4-bit operands, but " + what);
  };
  const auto is_tall = [](Format format) { return info(format).bits == 4; };
  for (const Format format : image.formats) {
    if (is_tall(format) && info(format).scale == ScaleKind::kFp32AndZero) {
      refuse("lists format " + std::string(info(format).name) +
             ", whose zero-points need wider products");
    }
  }
  for (const auto& [a, b] : image.pairs) {
    if (is_tall(a) != is_tall(b)) {
      refuse("multiplies " + std::string(info(a).name) + " by " + std::string(info(b).name));
    }
  }
  if (!image.pairs.empty()) return;
  for (const Format a : image.formats) {
    for (const Format b : image.formats) {
      if (is_tall(a) == is_tall(b)) image.pairs.emplace_back(a, b);
    }
  }
}

/// Addresses come as numbers or as "0x…" strings.
std::uint32_t address(const json& value) {
  if (value.is_string()) {
    return static_cast<std::uint32_t>(std::stoul(value.get<std::string>(), nullptr, 0));
  }
  return value.get<std::uint32_t>();
}

/// What only kernels with blocks offer.
void read_pairs(const json& metadata, CardImage& image) {
  for (const Format format : image.formats) {
    const Geometry& g = image.geometry;
    if (std::min(g.tile_rows, g.tile_cols) * static_cast<unsigned>(info(format).bits) % 8 != 0) {
      throw BadImageError("it lists format " + std::string(info(format).name) + ", but " +
                          std::to_string(std::min(g.tile_rows, g.tile_cols)) +
                          " lanes of it are no whole number of bytes");
    }
  }
  for (const json& pair : metadata.value("pairs", json::array())) {
    image.pairs.emplace_back(parse_format(pair.at(0).get<std::string>()),
                             parse_format(pair.at(1).get<std::string>()));
  }
}

/// Whether two ports reach the same memory.
bool share_memory(const json& metadata, const char* one, const char* other) {
  const json banks = metadata.value("connectivity", json::object());
  return banks.contains(one) && banks.contains(other) && banks.at(one) == banks.at(other);
}

CardImage parse(const json& metadata) {
  CardImage image;
  const json& kernel = metadata.at("kernel");
  const json& geometry = metadata.at("geometry");
  image.name = metadata.at("image").get<std::string>();
  const json& card = metadata.at("card");
  image.card = card.is_object() ? card.value("name", std::string()) : card.get<std::string>();
  image.kernel = kernel.at("top").get<std::string>();
  image.clock_mhz = kernel.at("clock_mhz").get<double>();
  image.interface_hash = std::stoull(kernel.at("interface_hash").get<std::string>(), nullptr, 16);
  image.geometry = {geometry.at("tile_rows").get<unsigned>(),
                    geometry.at("tile_cols").get<unsigned>(),
                    geometry.at("port_bits").get<unsigned>(),
                    macro_of(kernel, "NG_A_BUFFER_BEATS", Geometry{}.a_buffer_beats),
                    macro_of(kernel, "NG_B_BUFFER_BEATS", Geometry{}.b_buffer_beats)};
  // hls/gemm/config.hpp, ScaleBeats.
  if (macro_of(kernel, "NG_POWER_SCALES", 0) != 0) image.geometry.scale_share = 16;
  image.geometry.lut_rows = static_cast<unsigned>(macro_of(kernel, "NG_LUT_ROWS", 0));
  image.geometry.results_beside_a =
      share_memory(metadata, "gmem_a", "gmem_c") && !share_memory(metadata, "gmem_b", "gmem_c");
  check_geometry(image.geometry);
  for (const json& name : metadata.at("formats")) {
    image.formats.push_back(parse_format(name.get<std::string>()));
  }
  for (const json& arg : kernel.at("args")) {
    image.arguments.push_back({arg.at("name").get<std::string>(), arg.at("id").get<int>(),
                               arg.at("kind").get<std::string>() == "pointer",
                               address(arg.at("offset"))});
  }
  for (const json& counter : kernel.at("registers").at("counters")) {
    image.counters.push_back(
        {counter.at("name").get<std::string>(), address(counter.at("offset"))});
  }
  for (const char* name : {"a", "b", "v", "c", "q", "first", "calls"}) image.argument(name);
  if (!share_memory(metadata, "gmem_v", "gmem_q")) {
    throw BadImageError(
        "its ports gmem_v and gmem_q reach different memories: both read one buffer");
  }
  image.results_stay = share_memory(metadata, "gmem_a", "gmem_c");
  read_pairs(metadata, image);
  settle_lut_rows(image);
  return image;
}

}  // namespace

std::size_t macro_of(const json& kernel, const char* name, std::size_t otherwise) {
  const json defines = kernel.value("defines", json::object());
  if (!defines.contains(name)) return otherwise;
  const json& value = defines.at(name);
  return value.is_string() ? std::stoul(value.get<std::string>()) : value.get<std::size_t>();
}

bool CardImage::has_argument(std::string_view argument_name) const {
  return std::ranges::any_of(arguments,
                             [&](const KernelArgument& arg) { return arg.name == argument_name; });
}

const KernelArgument& CardImage::argument(std::string_view name) const {
  for (const KernelArgument& argument : arguments) {
    if (argument.name == name) return argument;
  }
  throw BadImageError("its kernel '" + kernel + "' has no argument '" + std::string(name) + "'");
}

CardImage parse_card_image(const json& metadata, const std::filesystem::path& path) {
  const std::string prefix = "image " + path.string() + " cannot be used: ";
  try {
    CardImage image = parse(metadata);
    image.path = path;
    return image;
  } catch (const Error& error) {
    throw BadImageError(prefix + error.what());
  } catch (const std::exception& error) {
    throw BadImageError(prefix + one_line(error.what()));
  }
}

CardImage read_card_image(const std::filesystem::path& path) {
  try {
    const xclbin::ImageInfo info = xclbin::ReadImage(path);
    CardImage image = parse_card_image(info.metadata, path);
    image.emulation = info.emulation();
    return image;
  } catch (const xclbin::Error& error) {
    if (error.code() == xclbin::ErrorCode::kCannotRead) throw MissingImageError(error.what());
    throw BadImageError(error.what());
  }
}

void describe_image(const CardImage& image, DeviceInfo& info) {
  info.image = image.name;
  info.image_path = image.path;
  info.kernel = image.kernel;
  info.card = image.card;
  info.interface_hash = hash_text(image.interface_hash);
  info.clock_mhz = image.clock_mhz;
  info.tile_rows = image.geometry.tile_rows;
  info.lut_rows = image.geometry.lut_rows;
  info.tile_cols = image.geometry.tile_cols;
  info.port_bits = image.geometry.port_bits;
  info.formats = image.formats;
  info.pairs = image.pairs;
}

std::string hash_text(std::uint64_t hash) {
  std::array<char, 19> text;
  std::snprintf(text.data(), text.size(), "0x%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

std::string hex(std::uint32_t value) {
  std::array<char, 11> text;
  std::snprintf(text.data(), text.size(), "0x%X", value);
  return text.data();
}

}  // namespace narrowgate::internal
