#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Compares Narrowgate with independent implementations, ggml and ONNX Runtime, from npm packages
# that are fetched below BUILD/data. What cannot be had is skipped, with the reason.
#   scripts/cross_check.sh BUILD
set -eu

build=${1:?usage: scripts/cross_check.sh BUILD}
scripts=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$build" && pwd)

if ggml=$("$scripts/ggml_library.sh" "$build" 2>"$build/ggml_library.log"); then
  export NARROWGATE_GGML="$ggml"
else
  NARROWGATE_GGML_SKIPPED=$(tail -n 1 "$build/ggml_library.log")
  export NARROWGATE_GGML_SKIPPED
  echo "ggml: skipped: $NARROWGATE_GGML_SKIPPED"
fi
if modules=$("$scripts/onnxruntime.sh" "$build" 2>"$build/onnxruntime.log"); then
  export NARROWGATE_ONNXRUNTIME="$modules"
else
  NARROWGATE_ONNXRUNTIME_SKIPPED=$(tail -n 1 "$build/onnxruntime.log")
  export NARROWGATE_ONNXRUNTIME_SKIPPED
  echo "ONNX Runtime: skipped: $NARROWGATE_ONNXRUNTIME_SKIPPED"
fi
# Far above what it needs.
exec timeout 1200 "$build/ng_cross_test"
