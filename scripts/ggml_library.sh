#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Prints the folder of ggml's shared libraries, from the npm package @node-llama-cpp/linux-x64 (MIT
# licence). Where they are not there yet, fetches the package (11 MB) and unpacks it below BUILD/data.
#   scripts/ggml_library.sh BUILD
set -eu

build=${1:?usage: scripts/ggml_library.sh BUILD}
package=@node-llama-cpp/linux-x64
version=3.22.1
work=$build/data/ggml
folder=$work/package/bins/linux-x64

if [ -s "$folder/libggml-base.so" ]; then
  echo "$folder"
  exit 0
fi

fail() {
  echo "ggml_library: $1" >&2
  exit 1
}

[ "$(uname -m)" = x86_64 ] || fail "$package is for x86_64, this machine is $(uname -m)"
command -v npm >/dev/null 2>&1 || fail "no npm to fetch $package with; apt-get install npm"
mkdir -p "$work/part"
archive=$(cd "$work" && timeout 600 npm pack --silent "$package@$version") ||
  fail "npm could not fetch $package@$version; no network?"
tar -xzf "$work/$archive" -C "$work/part" || fail "$package@$version cannot be unpacked"
# Under its own name only when it is whole.
rm -rf "$work/package"
mv "$work/part/package" "$work/package"
rm -r "$work/part" "${work:?}/$archive"
[ -s "$folder/libggml-base.so" ] || fail "$package@$version holds no bins/linux-x64/libggml-base.so"
echo "$folder"
