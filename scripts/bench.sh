#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Measures what README promises and saves the figures under bench/results/.
#   scripts/bench.sh BUILD [options of ng-bench]
set -eu

build=${1:?usage: scripts/bench.sh BUILD [options of ng-bench]}
shift
source=$(cd "$(dirname "$0")/.." && pwd)
scripts=$source/scripts
if ggml=$("$scripts/ggml_library.sh" "$build" 2>"$build/ggml_library.log"); then
  "$build/ng-bench-quantising" --save "$source/bench/results" --ggml "$ggml"
else
  "$build/ng-bench-quantising" --save "$source/bench/results" \
    --ggml-skipped "$(tail -n 1 "$build/ggml_library.log")"
fi
echo
exec "$build/ng-bench" --save "$source/bench/results" "$@"
