#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Redraws the pictures of docs/architecture.md: the kernel's graph from the JSON that hlsc wrote, the
# parts from the build's own targets; and the rooflines of docs/predictor.md.
#   scripts/draw_docs.sh BUILD
set -eu

build=${1:?usage: scripts/draw_docs.sh BUILD}
docs=$(cd "$(dirname "$0")/../docs" && pwd)
command -v dot >/dev/null || { echo "draw_docs: missing dot; apt-get install graphviz" >&2; exit 2; }

kernel=$(find "$build" -name gemm.json -path '*gemm_int8*' | head -1)
"$build/draw_kernel" "$kernel" | dot -Tsvg >"$docs/gemm.svg"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$docs/tools/targets.cmake" "$build/CMakeGraphVizOptions.cmake"
cmake --graphviz="$scratch/targets.dot" "$build" >/dev/null
dot -Tsvg "$scratch/targets.dot" >"$docs/targets.svg"
# Images that every build has.
for pair in gemm_u250:u250-ddr4 gemm_small:u55c-hbm2; do
  image=${pair%%:*} card=${pair##*:}
  "$build/narrowgate" predict --card "$card" --image "$image" --roofline "$docs/roofline-$card.svg"
done
echo "drawn: docs/gemm.svg docs/targets.svg docs/roofline-*.svg"
