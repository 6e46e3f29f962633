// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "cpu/cpu.hpp"

#if NG_BENCH_OPENBLAS
#include <cblas.h>

#include <memory>
#endif

namespace bench::cpu {

#if NG_BENCH_OPENBLAS
namespace {

struct Sgemm {
  std::size_t m, n, k;
  std::vector<float> a, b, c;

  void operator()(std::vector<std::int32_t>& out) {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<blasint>(m),
                static_cast<blasint>(n), static_cast<blasint>(k), 1.0F, a.data(),
                static_cast<blasint>(k), b.data(), static_cast<blasint>(n), 0.0F, c.data(),
                static_cast<blasint>(n));
    // One pass over C beside k of them: what makes it comparable with the others.
    for (std::size_t i = 0; i < c.size(); ++i) out[i] = static_cast<std::int32_t>(c[i]);
  }
};

}  // namespace

Implementation openblas() {
  openblas_set_num_threads(1);
  const std::string version =
      std::string(openblas_get_config()) + ", code for " + openblas_get_corename();
  return {"OpenBLAS sgemm (FP32)", version, "",
          [](const Operands& x, std::vector<std::int32_t>& c) {
            auto sgemm = std::make_shared<Sgemm>(Sgemm{x.m,
                                                       x.n,
                                                       x.k,
                                                       {x.a.begin(), x.a.end()},
                                                       {x.b.begin(), x.b.end()},
                                                       std::vector<float>(x.m * x.n)});
            return [sgemm, &c] { (*sgemm)(c); };
          }};
}
#else
Implementation openblas() {
  return {"OpenBLAS sgemm (FP32)", "", "not installed (apt-get install libopenblas-dev)", {}};
}
#endif

}  // namespace bench::cpu
