#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# A production matrix product and an image classifier on the simulated card, each compared with the
# reference bit for bit. Ends with 0 only if everything was equal.
#   scripts/demo.sh BUILD [DEVICE]
set -eu

build=${1:?usage: scripts/demo.sh BUILD [DEVICE]}
device=${2:-emulator}
scripts=$(cd "$(dirname "$0")" && pwd)
began=$(date +%s)

fail() {
  echo "DEMO FAILED: $1" >&2
  exit 1
}

step() {
  echo
  echo "== $1"
  shift
  echo "   $*"
  # Far above what any step needs: a demo that hangs says so.
  timeout 600 "$@" || fail "$1 ended with $?"
}

step "1. Is everything in place?" \
  "$build/narrowgate" doctor --brief --no-build --device "$device"

data=$("$scripts/gemmlowp_data.sh" "$build") || fail "no recorded data of gemmlowp"
step "2. A matrix product recorded from a production network (gemmlowp's test data)" \
  "$build/gemmlowp_replay" --device "$device" --data "$data"

step "3. An image classifier: trained here in FP32, then INT8 and INT4 on $device" \
  "$build/fashion_mnist" --device "$device" --images 2000

echo
echo "Demo done in $(($(date +%s) - began)) s: every result equal to the reference, bit for bit."
