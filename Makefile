# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
#
# make demo       a production GEMM and an image classifier on the simulated card
# make test       every test that ends in minutes
# make test-long  the long fuzzers and sweeps
# make cross-check against ggml and ONNX Runtime, from npm
# make study      every number format on two real tasks: a table and a plot
# make report     what the kernels take of each card, counted by yosys: docs/resources.md
# make bench      the figures of the README, saved under bench/results/
# Each installs what is missing from Debian's packages, builds, and runs.

BUILD ?= build
JOBS  ?= $(shell nproc)
CTEST  = ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

.PHONY: all deps build demo study test test-long cross-check report bench docs format check-format clean
.DEFAULT_GOAL = build

deps:
	@scripts/install_deps.sh

$(BUILD)/build.ninja: | deps
	cmake --preset release -B $(BUILD)

build: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) -j$(JOBS)

all: build

# Only what the demo runs: the tests would take most of the time.
demo: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) -j$(JOBS) --target narrowgate_command gemmlowp_replay fashion_mnist image_gemm_int8
	@scripts/demo.sh $(BUILD)

# Needs npm for the word vectors; without it the study says so and does without.
study: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) -j$(JOBS) --target formats_study image_gemm_int8
	@scripts/study.sh $(BUILD)

test: build
	$(CTEST) -LE 'long|bench'

test-long: build
	$(CTEST) -L long

cross-check: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) -j$(JOBS) --target ng_cross_test
	@scripts/cross_check.sh $(BUILD)

# Yosys takes minutes for a large process; counts are kept in $(BUILD)/report.
report: deps $(BUILD)/build.ninja
	cmake --build $(BUILD) -j$(JOBS) --target gemm_int8_hls gemm_small_hls gemm_u250_hls gemm_u55c_hls
	rtl/synth/report.py $(BUILD) --jobs $(JOBS)

bench: build
	@scripts/bench.sh $(BUILD)

# Needs Graphviz (Debian's graphviz), which nothing else does.
docs: build
	@scripts/draw_docs.sh $(BUILD)

format:
	git ls-files '*.cpp' '*.hpp' '*.h' | xargs clang-format-19 -i

check-format:
	git ls-files '*.cpp' '*.hpp' '*.h' | xargs clang-format-19 --dry-run -Werror

clean:
	rm -rf $(BUILD)
