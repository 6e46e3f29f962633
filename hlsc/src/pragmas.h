// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Rewrites `#pragma HLS` lines of preprocessed C++ into marker calls, one line for one line, so
// that C++ itself evaluates their expressions and every line number stays as it was.
#ifndef HLSC_PRAGMAS_H_
#define HLSC_PRAGMAS_H_

#include <string>

namespace hlsc {

// What BIND_STORAGE impl= wants an array to be made of.
enum class RamStyle { kAuto, kLut, kBlock, kUltra };

// Throws Refusal for a pragma that is unknown or stands where no statement can stand.
std::string RewritePragmas(const std::string& preprocessed);

}  // namespace hlsc

#endif  // HLSC_PRAGMAS_H_
