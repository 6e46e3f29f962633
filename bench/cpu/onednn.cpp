// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "cpu/cpu.hpp"

#if NG_BENCH_ONEDNN
#include <dlfcn.h>

#include <dnnl.hpp>
#include <stdexcept>
#endif

namespace bench::cpu {

#if NG_BENCH_ONEDNN
namespace {

void multiply(const Operands& x, std::vector<std::int32_t>& c) {
  const auto dim = [](std::size_t size) { return static_cast<dnnl_dim_t>(size); };
  const std::int32_t no_offset = 0;
  const dnnl::status status =
      dnnl::gemm_s8s8s32('N', 'N', 'F', dim(x.m), dim(x.n), dim(x.k), 1.0F, x.a.data(), dim(x.k), 0,
                         x.b.data(), dim(x.n), 0, 0.0F, c.data(), dim(x.n), &no_offset);
  if (status != dnnl::status::success) throw std::runtime_error("oneDNN: gemm_s8s8s32 failed");
}

/// oneDNN has no setting of its own: it takes as many threads as OpenMP gives, if it was built so.
void use_one_thread() {
  if (void* const set = dlsym(RTLD_DEFAULT, "omp_set_num_threads"); set != nullptr) {
    reinterpret_cast<void (*)(int)>(set)(1);
  }
}

std::string version() {
  const dnnl::version_t* const v = dnnl::version();
  return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
}

}  // namespace

Implementation onednn() {
  use_one_thread();
  return {
      "oneDNN gemm_s8s8s32 (int8)", version(), "",
      [](const Operands& x, std::vector<std::int32_t>& c) { return [&x, &c] { multiply(x, c); }; }};
}
#else
Implementation onednn() {
  return {"oneDNN gemm_s8s8s32 (int8)", "", "not installed (apt-get install libdnnl-dev)", {}};
}
#endif

}  // namespace bench::cpu
