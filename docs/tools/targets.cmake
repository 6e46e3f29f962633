# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
# What `make docs` shows of the targets: our own libraries and programs, without tests and generated code.
set(GRAPHVIZ_GRAPH_NAME "narrowgate")
set(GRAPHVIZ_EXTERNAL_LIBS FALSE)
set(GRAPHVIZ_GENERATE_PER_TARGET FALSE)
set(GRAPHVIZ_GENERATE_DEPENDERS FALSE)
set(GRAPHVIZ_CUSTOM_TARGETS FALSE)
set(GRAPHVIZ_IGNORE_TARGETS ".*test.*" "ng_warnings" ".*_dut.*" ".*_problem" "ng_verilated.*" ".*cosim.*" ".*_fixture.*" ".*_simulator")
