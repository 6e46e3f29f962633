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
    {"AutoSA", "INT8 (wraps at 8 bits)", "6.95 TOPS, U250", "AutoSA, FPGA 2021"},
    {"spcl gemm_hls", "half", "462 GFLOP/s, VCU1525", "gemm_hls README"},
    {"BISMO", "1 to 8 bits, bit-serial", "15.4 binary TOPS, Ultra96", "BISMO, TRETS 2019"},
    {"TVM VTA", "INT8", "0.17 TOPS at most", "VTA, IEEE Micro 2019"},
    {"FINN RTL MVU", "8 and 4 bits", "2 and 4 MAC per DSP48", "FINN documentation"},
    {"Vitis BLAS", "float", "75.5 % of peak at 4096^3, 0.6 % at 64^3", "Vitis Libraries benchmark"},
    {"apex unified engine", "BF16 x INT4/FP4", "95.3 % of 42 GFLOP/s", "project README"},
    {"Vortex tensor unit", "MXFP8, MXFP4, NVFP4, MXINT8", "130 GFLOP/s a core, U55C",
     "Vortex documentation"},
    {"Versal AIE-ML (hard blocks)", "INT8", "165 TOPS, 85 % of peak", "AIE-ML GEMM literature"},
    {"Stratix 10 NX (hard blocks)", "INT8", "68 TOPS, 48 % of peak", "Stratix 10 NX literature"},
};

}  // namespace bench
