// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config.hpp"

// For `calls` descriptors of q from number `first` on, in their order: C = epilogue(A·B) on packed
// matrices. Memory layouts, codes and the arithmetic of every epilogue are those of docs/seams.md,
// sections 1 to 5, 11 and 12. A call may read what an earlier one of the same queue writes only if
// it is in another queue: reading runs ahead of writing.
void gemm(gemm_config::Memory a, gemm_config::Memory b, gemm_config::Memory v,
          gemm_config::Memory c, gemm_config::Memory q, ap_uint<32> first, ap_uint<32> calls);
