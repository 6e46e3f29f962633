// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "peers/ggml.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace peers {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<void> open_library(const fs::path& path) {
  // ggml aborts when it is loaded a second time after it has been unloaded.
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) throw std::runtime_error(dlerror());
  return {handle, dlclose};
}

template <typename Function>
Function* symbol(const std::shared_ptr<void>& library, const std::string& name) {
  void* const address = dlsym(library.get(), name.c_str());
  if (address == nullptr) throw std::runtime_error("this ggml has no function " + name);
  return reinterpret_cast<Function*>(address);
}

// As ggml's headers declare them.
using QuantizeRow = void(const float* from, void* to, std::int64_t count);
using DequantizeRow = void(const void* from, float* to, std::int64_t count);
using DotProduct = void(int count, float* sum, std::size_t, const void* a, std::size_t,
                        const void* b, std::size_t, int rows);

}  // namespace

Ggml Ggml::open(const std::string& folder) {
  constexpr std::string_view kPrefix = "libggml-cpu-";
  Ggml ggml;
  ggml.base_ = open_library(fs::path(folder) / "libggml-base.so");
  int best = 0;
  std::vector<fs::path> candidates;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(kPrefix)) candidates.push_back(entry.path());
  }
  std::ranges::sort(candidates);
  for (const fs::path& path : candidates) {
    const Library library = open_library(path);
    const int score = symbol<int()>(library, "ggml_backend_score")();
    if (score <= best) continue;
    best = score;
    ggml.cpu_ = library;
    ggml.processor_ = path.stem().string().substr(kPrefix.size());
  }
  if (!ggml.cpu_) throw std::runtime_error(folder + ": no libggml-cpu-*.so runs on this processor");
  symbol<void()>(ggml.cpu_, "ggml_cpu_init")();
  return ggml;
}

void Ggml::quantize_plain(const GgmlType& type, std::span<const float> from, void* to) const {
  symbol<QuantizeRow>(base_, std::string("quantize_row_") + type.name + "_ref")(
      from.data(), to, static_cast<std::int64_t>(from.size()));
}

void Ggml::quantize(const GgmlType& type, std::span<const float> from, void* to) const {
  symbol<QuantizeRow>(cpu_, std::string("quantize_row_") + type.name)(
      from.data(), to, static_cast<std::int64_t>(from.size()));
}

void Ggml::dequantize(const GgmlType& type, const void* from, std::span<float> to) const {
  symbol<DequantizeRow>(base_, std::string("dequantize_row_") + type.name)(
      from, to.data(), static_cast<std::int64_t>(to.size()));
}

float Ggml::dot_q8_0(const GgmlType& type, const void* a, const void* q8_0,
                     std::size_t count) const {
  float sum = 0;
  symbol<DotProduct>(cpu_, std::string("ggml_vec_dot_") + type.name + "_q8_0")(
      static_cast<int>(count), &sum, 0, a, 0, q8_0, 0, 1);
  return sum;
}

}  // namespace peers
