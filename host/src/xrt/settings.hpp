// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace narrowgate::internal {

/// Tells XRT that registers of a kernel may be read while it is shared, as OpenCL's are. To be
/// called before either back end first touches XRT, which remembers the setting for the process.
void allow_register_reads();

}  // namespace narrowgate::internal
