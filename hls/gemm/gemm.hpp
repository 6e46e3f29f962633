// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config.hpp"

// C = epilogue(A·B) on packed matrices; memory layouts, argument codes and the arithmetic of every
// epilogue are those of docs/seams.md, sections 1 to 5, 11 and 12.
void gemm(gemm_config::Memory a, gemm_config::Memory b, gemm_config::Memory v,
          gemm_config::Memory c, ap_uint<32> m_tiles, ap_uint<32> n_tiles, ap_uint<32> k,
          ap_uint<32> a_format, ap_uint<32> b_format, ap_uint<32> mode, ap_uint<32> scale,
          ap_uint<32> out_zero, ap_uint<32> clamp_lo, ap_uint<32> clamp_hi, ap_uint<32> out_format,
          ap_uint<32> block, ap_uint<32> blocks, ap_uint<32> sum_exponent, ap_uint<32> activation,
          ap_uint<32> n);
