#!/bin/sh
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that Narrowgate needs and that are missing. Nothing else is touched.
set -eu

packages="
  g++ clang-19 llvm-19-dev lld-19 clang-format-19 cmake ninja-build ccache pkg-config git
  verilator yosys z3 python3
  libxrt-dev libxrt1 uuid-dev opencl-headers ocl-icd-opencl-dev
  protobuf-compiler libprotobuf-dev libzip-dev zlib1g-dev unzip
  nlohmann-json3-dev libcli11-dev libfmt-dev libeigen3-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  libgemmlowp-dev dataset-fashion-mnist
"

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case "$state" in
    ii*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install_deps: missing packages, and neither root nor sudo:$missing" >&2
    exit 2
  fi
  as_root="sudo"
fi

echo "Installing from Debian:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of words
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
