#!/usr/bin/env python3
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""Counts the array of packed DSPs (rtl/dsp) with yosys, for UltraScale+.

    rtl/synth/dsp_array.py [--rows 32] [--lanes 16] [--max-levels 6]

Each module is synthesised alone (synth_xilinx -family xcup) and multiplied by how often the array
has it; a place and route would share less and trim more. LUT levels are the most LUTs between two
registers (or ports) of a module; carry chains and wide multiplexers behind a LUT are not counted.
LUT of a RAM32M16: 8. Ends with an error if a module has more than --max-levels.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

RTL = pathlib.Path(__file__).resolve().parent.parent
PAIR = ["dsp/ng_dsp_mac.v", "dsp/ng_dsp_chain.v", "dsp/ng_dsp_pair.v"]
COLUMNS = "dsp/ng_dsp_columns.v"
SCALES = "dsp/ng_dsp_scales.v"
OTHERS = ["ng_decode_lane.v", "ng_decode_lanes.v", "ng_scale_add.v", "ng_scale_lanes.v"]
ARRAY = ("chains and sums", "column operands", "row operands, control")
RAM_LUTS = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "RAM64X1D": 2, "RAM32X1D": 2}
WIRES = ("CARRY4", "CARRY8", "MUXF7", "MUXF8", "MUXF9", "INV", "BUF")


def synthesise(top, files, black_boxes, parameters, low=()):
    """The netlist of a module, its inputs in `low` tied to 0."""
    with tempfile.TemporaryDirectory() as folder:
        netlist = pathlib.Path(folder) / "netlist.json"
        script = "".join(f"read_verilog -lib {RTL / f}; " for f in black_boxes)
        script += "read_verilog " + " ".join(str(RTL / f) for f in files) + "; "
        script += "".join(f"chparam -set {name} {value} {top}; " for name, value in parameters.items())
        if low:
            script += f"hierarchy -top {top}; proc; "
        for port in low:
            script += f"delete -port {top}/w:{port}; cd {top}; connect -set {port} 1'b0; cd ..; "
        script += (f"synth_xilinx -family xcup -noiopad -noclkbuf -flatten -nosrl -top {top}; "
                   f"write_json {netlist}")
        run = subprocess.run(["yosys", "-q", "-p", script], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"yosys: {top}: {run.stderr.strip() or run.stdout.strip()}")
        return json.loads(netlist.read_text())["modules"][top]


def levels(module):
    """Most LUTs on a path from a register or port to the next."""
    driver = {}
    for cell in module["cells"].values():
        if cell["type"].startswith("LUT") or cell["type"] in WIRES or cell["type"] in RAM_LUTS:
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] == "output":
                    for index, bit in enumerate(bits):
                        driver[bit] = (cell, port, index)
    depth = {}

    def inputs(cell, port, index):
        for name, bits in cell["connections"].items():
            if cell["port_directions"][name] != "input":
                continue
            # A carry chain's output depends on what is below it only.
            if cell["type"].startswith("CARRY") and name in ("S", "DI"):
                bits = bits[:index + 1]
            # RAM: written by the clock, read by its address.
            if cell["type"] in RAM_LUTS and not name.startswith("ADDR"):
                continue
            yield from bits

    sys.setrecursionlimit(100000)

    def of(bit):
        if bit not in driver:
            return 0
        if bit not in depth:
            depth[bit] = 0
            cell, port, index = driver[bit]
            own = 0 if cell["type"] in WIRES else 1
            depth[bit] = own + max((of(b) for b in inputs(cell, port, index)), default=0)
        return depth[bit]

    return max((of(bit) for bit in driver), default=0)


def count(module):
    cells = collections.Counter(cell["type"] for cell in module["cells"].values())
    total = collections.Counter()
    for kind, number in cells.items():
        if kind.startswith("LUT"):
            total["LUT"] += number
        elif kind in RAM_LUTS:
            total["LUT"] += number * RAM_LUTS[kind]
        elif kind.startswith("FD"):
            total["FF"] += number
        elif kind == "DSP48E2":
            total["DSP"] += number
        elif kind.startswith("RAMB"):
            total["BRAM36"] += number if kind.startswith("RAMB36") else number / 2
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--max-levels", type=int, default=6)
    options = parser.parse_args()
    if options.rows % 2 or options.rows < 2 or options.lanes < 1 or options.rows % options.lanes:
        sys.exit(f"{options.rows} rows, {options.lanes} lanes: rows must be even, a multiple of the lanes")
    cols = 32  # what the datapath takes
    geometry = {"ROWS": options.rows, "COLS": cols, "LANES": options.lanes}
    parts = [
        ("chains and sums", "ng_dsp_pair", PAIR, [], {}, options.rows // 2),
        ("column operands", "ng_dsp_columns", [COLUMNS], [], {}, 1),
        ("row operands, control", "ng_mac_datapath", ["dsp/ng_mac_datapath.v"],
         [PAIR[2], COLUMNS, SCALES, "ng_decode_lanes.v", "ng_scale_lanes.v"], geometry, 1),
        ("scale registers", "ng_dsp_scales", [SCALES], [],
         {"ROWS": options.rows, "COLS": cols, "GROUP_COLS": 2}, 1),
        ("decoders (one of two)", "ng_decode_lanes", OTHERS[:2], [], {"COUNT": options.rows}, 2),
        ("scale lane, one", "ng_scale_add", ["ng_scale_add.v"], [], {}, options.rows * cols // 16),
    ]
    total = collections.Counter()
    worst = 0
    print(f"{options.rows} x {cols}, yosys {subprocess.check_output(['yosys', '-V'], text=True).split()[1]}")
    print(f"{'part':40} {'times':>5} {'LUT':>7} {'FF':>7} {'DSP':>5} {'BRAM36':>6} {'levels':>6}")
    for title, top, files, boxes, parameters, times in parts:
        # Packed DSPs have no kFloat class.
        low = ["is_float_i"] if top == "ng_decode_lanes" else []
        module = synthesise(top, files, boxes, parameters, low)
        part, deep = count(module), levels(module)
        print(f"{title:40} {times:5} {part['LUT']:7} {part['FF']:7} {part['DSP']:5} {part['BRAM36']:6g} {deep:6}")
        if "dsp/" in files[0]:
            worst = max(worst, deep)
        if title in ARRAY:
            for kind in part:
                total[kind] += part[kind] * times
    macs = options.rows * cols
    print("array: " + "; ".join(ARRAY))
    print(f"in all {total['LUT']} LUT, {total['FF']} FF, "
          f"{total['DSP']} DSP, {total['BRAM36']:g} BRAM36")
    print(f"per MAC of bytes ({macs} a cycle): {total['LUT'] / macs:.2f} LUT, {total['FF'] / macs:.1f} FF, "
          f"{total['DSP'] / macs:.2f} DSP")
    print(f"per MAC of nibbles ({2 * macs} a cycle): {total['LUT'] / macs / 2:.2f} LUT, "
          f"{total['FF'] / macs / 2:.1f} FF, {total['DSP'] / macs / 2:.2f} DSP")
    if worst > options.max_levels:
        sys.exit(f"a path of {worst} LUTs, limit {options.max_levels}")


if __name__ == "__main__":
    main()
