#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Prints the node_modules that holds the npm package onnxruntime-node (MIT licence). Where it is not
# there yet, fetches it (290 MB unpacked) below BUILD/data, without running its install script.
#   scripts/onnxruntime.sh BUILD
set -eu

build=${1:?usage: scripts/onnxruntime.sh BUILD}
package=onnxruntime-node
version=1.30.0
work=$build/data/onnxruntime
modules=$work/node_modules

if [ -s "$work/complete" ]; then
  echo "$modules"
  exit 0
fi

fail() {
  echo "onnxruntime: $1" >&2
  exit 1
}

command -v npm >/dev/null 2>&1 || fail "no npm to fetch $package with; apt-get install npm"
command -v node >/dev/null 2>&1 || fail "no node to run $package with; apt-get install nodejs"
mkdir -p "$work"
timeout 900 npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$work" \
  "$package@$version" >/dev/null || fail "npm could not fetch $package@$version; no network?"
node -e "require('$modules/$package')" || fail "$package@$version does not load here"
echo "$version" >"$work/complete"
echo "$modules"
