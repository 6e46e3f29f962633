#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Measures what README promises and saves the figures under bench/results/.
#   scripts/bench.sh BUILD [options of ng-bench]
set -eu

build=${1:?usage: scripts/bench.sh BUILD [options of ng-bench]}
shift
source=$(cd "$(dirname "$0")/.." && pwd)
exec "$build/ng-bench" --save "$source/bench/results" "$@"
