// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// What others say of their systems. Nothing here was measured by this program.
#pragma once

namespace bench {

struct Published {
  const char* system;
  const char* formats;
  const char* figure;
  const char* source;
};

inline constexpr Published kPublished[] = {
    {"AutoSA", "INT8 (wraps at 8 bits)", "6.95 TOPS, U250", "Wang et al., FPGA 2021"},
    {"spcl gemm_hls", "half", "462 GFLOP/s, VCU1525", "de Fine Licht et al., FPGA 2020; gemm_hls"},
    {"BISMO", "1 to 8 bits, bit-serial", "15.4 binary TOPS, Ultra96",
     "Umuroglu et al., TRETS 2019"},
    {"TVM VTA", "INT8", "0.17 TOPS at most", "Moreau et al., IEEE Micro 2019"},
    {"FINN RTL MVU", "8 and 4 bits", "2 and 4 MAC per DSP48", "the FINN compiler's documentation"},
    {"Vitis BLAS", "float", "75.5 % of peak at 4096^3, 0.6 % at 64^3",
     "the Vitis libraries' benchmarks"},
    {"apex unified engine", "BF16 x INT4/FP4", "95.3 % of 42 GFLOP/s", "the project's own figures"},
    {"Vortex tensor unit", "MXFP8, MXFP4, NVFP4, MXINT8", "130 GFLOP/s a core, U55C",
     "the project's own figures"},
    {"Versal AIE-ML (hard blocks)", "INT8", "165 TOPS, 85 % of peak", "GAMA, 2025"},
    {"Stratix 10 NX (hard blocks)", "INT8", "68 TOPS, 48 % of peak",
     "survey; not traced to one document"},
};

}  // namespace bench
