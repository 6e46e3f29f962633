#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Prints where the recorded data of libgemmlowp-dev (test_data.cc) lie. Many machines leave packages'
# documentation out: then the package is downloaded and unpacked below BUILD/data, without root.
#   scripts/gemmlowp_data.sh BUILD
set -eu

build=${1:?usage: scripts/gemmlowp_data.sh BUILD}
inside=usr/share/doc/libgemmlowp-dev/examples/test/test_data.cc
work=$build/data/gemmlowp

for file in "/$inside" "/$inside.gz" "$work/$inside" "$work/$inside.gz"; do
  if [ -s "$file" ]; then
    echo "$file"
    exit 0
  fi
done

for tool in apt-get dpkg-deb; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "gemmlowp_data: no /$inside, and no $tool to fetch libgemmlowp-dev with" >&2
    exit 1
  fi
done

mkdir -p "$work"
# As root apt would hand the download to a user that may not write here, and warn of it.
user=$(id -un)
fetch() (cd "$work" && timeout 300 apt-get download -q -o APT::Sandbox::User="$user" libgemmlowp-dev >&2)
if ! fetch; then
  # A machine whose package lists were deleted: fetch them first.
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root=sudo
  $as_root apt-get update -qq >&2
  fetch
fi
for package in "$work"/libgemmlowp-dev_*.deb; do
  dpkg-deb -x "$package" "$work"
done
for file in "$work/$inside" "$work/$inside.gz"; do
  if [ -s "$file" ]; then
    echo "$file"
    exit 0
  fi
done
echo "gemmlowp_data: the package libgemmlowp-dev holds no $inside" >&2
exit 1
