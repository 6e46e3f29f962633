// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ng-xclbin: makes and inspects card images.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <narrowgate_xclbin/xclbin.hpp>

namespace {

namespace xclbin = narrowgate::xclbin;

std::vector<std::uint8_t> ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw xclbin::Error(xclbin::ErrorCode::kCannotRead, path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

nlohmann::json ReadJson(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  nlohmann::json value = nlohmann::json::parse(bytes, nullptr, false);
  if (value.is_discarded()) {
    throw xclbin::Error(xclbin::ErrorCode::kBadManifest, path.string() + ": not JSON");
  }
  return value;
}

void WriteFile(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out)
    throw xclbin::Error(xclbin::ErrorCode::kCannotWrite, path.string() + ": cannot be written");
}

struct PackOptions {
  std::filesystem::path manifest, kernel, card, simulator, output;
};

void Pack(const PackOptions& options) {
  static constexpr std::string_view kLauncher = "#!/bin/sh\nexec ./ng-simulator card.json\n";
  xclbin::ImageContents contents;
  contents.manifest = ReadJson(options.manifest);
  contents.kernel = ReadJson(options.kernel);
  contents.card = ReadJson(options.card);
  contents.files.push_back({"launch_hw_emu.sh", {kLauncher.begin(), kLauncher.end()}, true});
  contents.files.push_back({"ng-simulator", ReadFile(options.simulator), true});
  WriteFile(options.output, xclbin::BuildImage(contents));
}

void Info(const std::filesystem::path& path) {
  const xclbin::ImageInfo info = xclbin::ReadImage(path);
  std::printf("uuid      %s\nplatform  %s\nmode      %s\n", xclbin::ToString(info.uuid).c_str(),
              info.platform.c_str(), info.emulation() ? "hardware emulation" : "hardware");
  for (const xclbin::Section& section : info.sections) {
    std::printf("section   %2u %-16s %10llu bytes at %llu\n", section.kind, section.name.c_str(),
                static_cast<unsigned long long>(section.size),
                static_cast<unsigned long long>(section.offset));
  }
  std::printf("%s\n", info.metadata.dump(2).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Makes and inspects card images (.xclbin)"};
  app.require_subcommand(1);
  PackOptions pack;
  CLI::App* pack_command =
      app.add_subcommand("pack", "Make an image from a manifest and a simulator");
  pack_command->add_option("--manifest", pack.manifest, "bitstreams/<image>.json")->required();
  pack_command->add_option("--kernel", pack.kernel, "<top>.json written by hlsc")->required();
  pack_command->add_option("--card", pack.card, "sim/cards/<preset>.json")->required();
  pack_command->add_option("--simulator", pack.simulator, "the simulated card's executable")
      ->required();
  pack_command->add_option("-o,--output", pack.output, "image to write")->required();
  std::filesystem::path image;
  CLI::App* info_command = app.add_subcommand("info", "Show an image's sections and metadata");
  info_command->add_option("image", image)->required();
  CLI11_PARSE(app, argc, argv);
  try {
    if (*pack_command) Pack(pack);
    if (*info_command) Info(image);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ng-xclbin: %s\n", error.what());
    return 2;
  }
  return 0;
}
