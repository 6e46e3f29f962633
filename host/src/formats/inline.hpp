// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// For the functions inside vectorised loops. Inlined whatever the optimiser thinks of their size,
// so that each copy of a loop compiles them for its own processor, and none is called in its midst.
#pragma once

#define NG_INLINE [[gnu::always_inline]] inline
