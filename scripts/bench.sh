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

# An OpenBLAS older than the processor takes it for one of 2004, unless it is told better.
if [ -z "${OPENBLAS_CORETYPE:-}" ]; then
  if grep -qw avx512vl /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=SkylakeX
  elif grep -qw avx2 /proc/cpuinfo; then
    export OPENBLAS_CORETYPE=Haswell
  fi
fi
echo
exec "$build/ng-bench" --save "$source/bench/results" "$@"
