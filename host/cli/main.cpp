// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

int main(int argc, char** argv) { return narrowgate::cli::run(argc, argv); }
