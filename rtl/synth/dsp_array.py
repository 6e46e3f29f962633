#!/usr/bin/env python3
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""Counts the array of packed DSPs (rtl/dsp) with yosys, for UltraScale+.

    rtl/synth/dsp_array.py [--rows 32] [--lanes 16] [--power-scales] [--max-levels 6]
                           [--max-lut LUT] [--keep FOLDER]

Parts are counted as netlist.py says. LUT levels are the most LUTs between two registers (or ports) of a
module; carry chains cost nothing. Ends with an error if a part has more than --max-levels, or if chains,
sums, operands and control take more than --max-lut LUTs for a MAC of bytes, or half of it of nibbles.
"""
import argparse
import collections
import sys

from netlist import KINDS, RTL, Part, measure, yosys_version

COLS = 32  # what the datapath takes
PAIR = ["dsp/ng_dsp_pair.v", "dsp/ng_dsp_chain.v", "dsp/ng_dsp_mac.v", "dsp/ng_dsp_add3.v"]
ARRAY = ("chains and sums", "column operands", "row operands, control")


def files(*names):
    return [RTL / name for name in names]


def array_parts(rows, lanes=16, power_scales=False):
    """All of mac_array on packed DSPs, rows x 32."""
    datapath_boxes = files(PAIR[0], "dsp/ng_dsp_columns.v", "dsp/ng_dsp_scales.v", "ng_cut_codes.v",
                           "ng_decode_lanes.v", "ng_scale_lanes.v")
    decoders = files("ng_decode_lanes.v", "ng_decode_lane.v")
    cells = rows * COLS
    return [
        Part(ARRAY[0], "ng_dsp_pair", files(*PAIR), rows // 2),
        Part(ARRAY[1], "ng_dsp_columns", files("dsp/ng_dsp_columns.v")),
        Part(ARRAY[2], "ng_mac_datapath", files("dsp/ng_mac_datapath.v"), boxes=datapath_boxes,
             parameters={"ROWS": rows, "COLS": COLS, "LANES": lanes}),
        Part("scale registers", "ng_dsp_scales", files("dsp/ng_dsp_scales.v"),
             parameters={"ROWS": rows, "COLS": COLS, "GROUP_COLS": 2}),
        # Packed DSPs have no kFloat class. 16 lanes at a time.
        Part("cutting of words", "ng_cut_codes", files("ng_cut_codes.v"), (rows + COLS) / 16,
             parameters={"COUNT": 16}),
        Part("decoders", "ng_decode_lanes", decoders, (rows + COLS) / 16, parameters={"COUNT": 16},
             low=["is_float_i"]),
        Part("scale lanes", "ng_scale_add",
             files("ng_scale_add.v", "ng_scale_round.v", "ng_leading_zeros.v"), cells // 16,
             parameters={"SUM": 32, "POWERS": int(power_scales)}),
        # For 32 of the lanes.
        Part("accumulators, results", "ng_scale_lanes", files("ng_scale_lanes.v"), cells // 512,
             boxes=files("ng_scale_add.v"), parameters={"ROWS": 16, "GROUP_COLS": 2, "LANES": 16, "SUM": 32}),
        Part("sequence", "mac_array", files("mac_array.v"), boxes=files("ng_mac_datapath.v"),
             parameters={"ROWS": rows, "COLS": COLS, "LANES": lanes}),
    ]


def totals(counted):
    """Sums of [(part, what it takes)]."""
    total = collections.Counter()
    for part, found in counted:
        for kind in KINDS:
            total[kind] += found[kind] * part.times
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--power-scales", action="store_true")
    parser.add_argument("--max-levels", type=int, default=6)
    parser.add_argument("--max-lut", type=float)
    parser.add_argument("--keep", help="folder of counts that are used again")
    options = parser.parse_args()
    if options.rows % 16 or options.rows < 16 or options.lanes < 1 or options.rows % options.lanes:
        sys.exit(f"{options.rows} rows, {options.lanes} lanes: rows must be a multiple of 16 and of the lanes")
    print(f"{options.rows} x {COLS}, yosys {yosys_version()}")
    print(f"{'part':24} {'times':>5} {'LUT':>7} {'FF':>7} {'DSP':>5} {'BRAM36':>6} {'levels':>6}")
    counted = []
    for part in array_parts(options.rows, options.lanes, options.power_scales):
        found = measure(part, options.keep)
        counted.append((part, found))
        print(f"{part.title:24} {part.times:5g} {found['LUT']:7} {found['FF']:7} {found['DSP']:5} "
              f"{found['BRAM36']:6g} {found['levels']:6}", flush=True)
    macs = options.rows * COLS
    array = totals([c for c in counted if c[0].title in ARRAY])
    whole = totals(counted)
    print("array: " + "; ".join(ARRAY))
    for title, total in (("array", array), ("with decoders and scale lanes", whole)):
        print(f"{title}: {total['LUT']:g} LUT, {total['FF']:g} FF, {total['DSP']:g} DSP, {total['BRAM36']:g} BRAM36")
    print(f"array per MAC of bytes ({macs} a cycle): {array['LUT'] / macs:.2f} LUT, {array['FF'] / macs:.1f} FF, "
          f"{array['DSP'] / macs:.2f} DSP")
    print(f"array per MAC of nibbles ({2 * macs} a cycle): {array['LUT'] / macs / 2:.2f} LUT, "
          f"{array['FF'] / macs / 2:.1f} FF, {array['DSP'] / macs / 2:.2f} DSP")
    deep = [(part.title, found["levels"]) for part, found in counted if found["levels"] > options.max_levels]
    if deep:
        sys.exit(f"paths of more than {options.max_levels} LUTs: {deep}")
    if options.max_lut and array["LUT"] / macs > options.max_lut:
        sys.exit(f"{array['LUT'] / macs:.2f} LUT for a MAC of bytes, limit {options.max_lut}")


if __name__ == "__main__":
    main()
