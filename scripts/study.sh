#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Every number format on two real tasks: prints the table and writes BUILD/study.svg and
# BUILD/study.md. Without word vectors (no npm, no network) it says so and does the other task.
#   scripts/study.sh BUILD [DEVICE]
set -eu

build=${1:?usage: scripts/study.sh BUILD [DEVICE]}
device=${2:-emulator}
scripts=$(cd "$(dirname "$0")" && pwd)

if words=$("$scripts/word_vectors.sh" "$build" 2>"$build/word_vectors.log"); then
  set -- --words "$words"
else
  set -- --words-skipped "$(tail -n 1 "$build/word_vectors.log")"
fi
# Far above what it needs: a study that hangs says so.
timeout 3600 "$build/formats_study" --device "$device" --svg "$build/study.svg" "$@" >"$build/study.md"
cat "$build/study.md"
echo
echo "plot: $build/study.svg"
