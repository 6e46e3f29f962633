// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole library. See gemm.hpp for the equation and docs/host-api.md for a short guide.
#pragma once

#include "narrowgate/device.hpp"         // IWYU pragma: export
#include "narrowgate/epilogue.hpp"       // IWYU pragma: export
#include "narrowgate/error.hpp"          // IWYU pragma: export
#include "narrowgate/files.hpp"          // IWYU pragma: export
#include "narrowgate/float_product.hpp"  // IWYU pragma: export
#include "narrowgate/format.hpp"         // IWYU pragma: export
#include "narrowgate/gemm.hpp"           // IWYU pragma: export
#include "narrowgate/matrix.hpp"         // IWYU pragma: export
#include "narrowgate/predict.hpp"        // IWYU pragma: export
#include "narrowgate/quantize.hpp"       // IWYU pragma: export
