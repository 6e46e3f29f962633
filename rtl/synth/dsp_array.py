#!/usr/bin/env python3
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""Counts the array of packed DSPs (rtl/dsp) with yosys, for UltraScale+.

    rtl/synth/dsp_array.py [--rows 32] [--lut-rows 0] [--cols 32] [--groups 16] [--lanes 16] [--power-scales]
                           [--wide] [--card u55c] [--max-levels 6] [--max-lut LUT] [--max-lut-nibble LUT]
                           [--max-lut-total LUT] [--keep FOLDER]

--wide: with kFloat products (NG_WIDE_PRODUCTS). --lut-rows: so many rows more for nibbles, in LUTs
(NG_LUT_ROWS). Parts are counted as netlist.py says. LUT levels are the
most LUTs between two registers (or ports) of a module; carry chains cost nothing. Ends with an error if a part has more than --max-levels, or if chains,
sums, operands and control take more than --max-lut LUTs for a MAC of bytes, or half of it of nibbles, or
the LUT rows' tables, sums and operands more than --max-lut-nibble for one of theirs, or
if all parts take more than --max-lut-total LUTs or more of the card than devices.json calls usable.
"""
import argparse
import collections
import json
import sys

from netlist import KINDS, RTL, Part, measure, yosys_version

COLS = 32  # of one set of chains
PAIR = ["dsp/ng_dsp_pair.v", "dsp/ng_dsp_chain.v", "dsp/ng_dsp_mac.v", "dsp/ng_dsp_add3.v",
        "dsp/ng_dsp_gated_add.v"]
WIDEN = "dsp/ng_dsp_widen.v"
SCALE_LANE = ["ng_scale_add.v", "ng_scale_round.v", "ng_leading_zeros.v"]
ARRAY = ("chains and sums", "column operands", "row operands, control")
LUT_PAIR = ["dsp/ng_lut_pair.v", "dsp/ng_lut_add.v", "dsp/ng_dsp_add3.v", "dsp/ng_dsp_gated_add.v"]
LUT_ARRAY = ("LUT rows: tables, sums", "LUT rows: multiples", "LUT rows: columns", "LUT rows: control")


def files(*names):
    return [RTL / name for name in names]


def lut_parts(lut_rows, lanes, power_scales, cols, groups):
    """What LUT rows have of their own."""
    sums = {"SUM": 32, "SOURCES": groups // 16}
    return [
        Part(LUT_ARRAY[0], "ng_lut_pair", files(*LUT_PAIR), cols // COLS * lut_rows // 2,
             parameters={"LATE": groups // 32}),
        Part(LUT_ARRAY[1], "ng_lut_rows", files("dsp/ng_lut_rows.v", "dsp/ng_dsp_gated_add.v"), lut_rows // 2),
        Part(LUT_ARRAY[2], "ng_lut_columns", files("dsp/ng_lut_columns.v"), cols // COLS),
        Part(LUT_ARRAY[3], "ng_lut_control", files("dsp/ng_lut_control.v")),
        Part("LUT rows: decoders", "ng_lut_decode", files("dsp/ng_lut_decode.v"), parameters={"COUNT": 2 * lut_rows}),
        Part("LUT rows: scale lanes", "ng_scale_add", files(*SCALE_LANE), lut_rows * cols // groups,
             parameters={**sums, "POWERS": int(power_scales)}, low={"is_float_i": 1, "special_i": 3}),
        Part("LUT rows: results", "ng_scale_lanes", files("ng_scale_lanes.v"), lanes, boxes=files("ng_scale_add.v"),
             parameters={"ROWS": lut_rows // lanes, "GROUP_COLS": cols // groups, "LANES": 1, "GROUPS": groups,
                         **sums}),
    ]


def array_parts(rows, lanes=16, power_scales=False, cols=COLS, groups=16, wide=False, lut_rows=0):
    """All of mac_array on packed DSPs, rows x cols, and in kNibble calls lut_rows more."""
    datapath_boxes = files(PAIR[0], "dsp/ng_dsp_columns.v", "dsp/ng_dsp_scales.v", "ng_cut_codes.v",
                           "ng_decode_lanes.v", "ng_scale_lanes.v", WIDEN, "dsp/ng_dsp_join.v")
    if lut_rows:
        datapath_boxes += files(*(f"dsp/ng_lut_{name}.v" for name in ("pair", "rows", "columns", "control", "decode")))
    lut = {"LUT_ROWS": lut_rows} if lut_rows else {}
    decoders = files("ng_decode_lanes.v", "ng_decode_lane.v")
    sets = cols // COLS
    powers = int(power_scales)
    macros = ["NG_DSP_ARRAY"] + ["NG_POWER_SCALES"] * powers + ["NG_WIDE_PRODUCTS"] * wide
    sums = {"SUM": 54 if wide else 32, "SOURCES": 3 if wide else groups // 16}
    parts = [
        Part(ARRAY[0], "ng_dsp_pair", files(*PAIR), sets * rows // 2,
             parameters={"LATE": groups // 32, "WIDE": int(wide)}),
        Part(ARRAY[1], "ng_dsp_columns", files("dsp/ng_dsp_columns.v", WIDEN), sets, parameters={"WIDE": int(wide)}),
        Part(ARRAY[2], "ng_mac_datapath", files("dsp/ng_mac_datapath.v"), boxes=datapath_boxes,
             parameters={"ROWS": rows, "COLS": cols, "LANES": lanes, "GROUPS": groups, **lut}, defines=macros),
        Part("scale registers", "ng_dsp_scales", files("dsp/ng_dsp_scales.v"),
             parameters={"ROWS": rows + lut_rows, "COLS": cols, "GROUP_COLS": cols // groups, "POWERS": powers}),
        # 16 lanes at a time.
        Part("cutting of words", "ng_cut_codes", files("ng_cut_codes.v"), (rows + cols) / 16,
             parameters={"COUNT": 16}),
        Part("decoders", "ng_decode_lanes", decoders, (rows + cols) / 16,
             parameters={"COUNT": 16, "COMPACT": int(wide)}, low={} if wide else {"is_float_i": 1}),
        Part("scale lanes", "ng_scale_add",
             files(*SCALE_LANE), rows * cols // groups,
             parameters={**sums, "POWERS": powers}, low={"special_i": 3} if wide else {"is_float_i": 1, "special_i": 3}),
        # For those rows that share a place in the output words.
        Part("accumulators, results", "ng_scale_lanes", files("ng_scale_lanes.v"), lanes,
             boxes=files("ng_scale_add.v"),
             parameters={"ROWS": rows // lanes, "GROUP_COLS": cols // groups, "LANES": 1, "GROUPS": groups,
                         **sums}),
        Part("sequence", "mac_array", files("mac_array.v"), boxes=files("dsp/ng_mac_datapath.v"),
             parameters={"ROWS": rows, "COLS": cols, "LANES": lanes, "GROUPS": groups, **lut}, defines=macros),
    ]
    if wide:
        parts += [Part("rows made integers", "ng_dsp_widen", files(WIDEN), rows),
                  Part("wide sums joined", "ng_dsp_join", files("dsp/ng_dsp_join.v"), sets * rows)]
    return parts + (lut_parts(lut_rows, lanes, power_scales, cols, groups) if lut_rows else [])


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
    parser.add_argument("--lut-rows", type=int, default=0)
    parser.add_argument("--cols", type=int, default=COLS)
    parser.add_argument("--groups", type=int, choices=(16, 32), default=16)
    parser.add_argument("--lanes", type=int, default=16)
    parser.add_argument("--power-scales", action="store_true")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--max-levels", type=int, default=6)
    parser.add_argument("--max-lut", type=float)
    parser.add_argument("--max-lut-nibble", type=float)
    parser.add_argument("--max-lut-total", type=float)
    parser.add_argument("--card", help="a device of devices.json that it must fit")
    parser.add_argument("--keep", help="folder of counts that are used again")
    options = parser.parse_args()
    if options.rows % 16 or options.rows < 16 or options.lanes < 1 or options.rows % options.lanes:
        sys.exit(f"{options.rows} rows, {options.lanes} lanes: rows must be a multiple of 16 and of the lanes")
    if options.lut_rows < 0 or options.lut_rows % options.lanes or options.lut_rows % 2:
        sys.exit(f"{options.lut_rows} LUT rows: they must be even and a multiple of {options.lanes} lanes")
    if options.max_lut_nibble and not options.lut_rows:
        sys.exit("--max-lut-nibble is a limit for --lut-rows")
    if options.cols % COLS or options.cols < COLS:
        sys.exit(f"{options.cols} columns: they must be a multiple of {COLS}")
    cards = json.loads((RTL / "synth" / "devices.json").read_text())
    card = next((c for c in cards["devices"] if c["name"] == options.card), None)
    if options.card and not card:
        sys.exit(f"{options.card}: no such card; there are {', '.join(c['name'] for c in cards['devices'])}")
    if options.wide and options.groups != 32:
        sys.exit(f"{options.groups} groups: wide products want 32")
    tall = f" + {options.lut_rows}" if options.lut_rows else ""
    print(f"{options.rows}{tall} x {options.cols}, {options.groups} groups, yosys {yosys_version()}")
    print(f"{'part':24} {'times':>5} {'LUT':>7} {'FF':>7} {'DSP':>5} {'BRAM36':>6} {'levels':>6}")
    counted = []
    for part in array_parts(options.rows, options.lanes, options.power_scales, options.cols, options.groups,
                            options.wide, options.lut_rows):
        found = measure(part, options.keep)
        counted.append((part, found))
        print(f"{part.title:24} {part.times:5g} {found['LUT']:7} {found['FF']:7} {found['DSP']:5} "
              f"{found['BRAM36']:6g} {found['levels']:6}", flush=True)
    macs = options.rows * options.cols
    array = totals([c for c in counted if c[0].title in ARRAY])
    whole = totals(counted)
    print("array: " + "; ".join(ARRAY))
    for title, total in (("array", array), ("with decoders and scale lanes", whole)):
        print(f"{title}: {total['LUT']:g} LUT, {total['FF']:g} FF, {total['DSP']:g} DSP, {total['BRAM36']:g} BRAM36")
    print(f"array per MAC of bytes ({macs} a cycle): {array['LUT'] / macs:.2f} LUT, {array['FF'] / macs:.1f} FF, "
          f"{array['DSP'] / macs:.2f} DSP")
    print(f"array per MAC of nibbles ({2 * macs} a cycle): {array['LUT'] / macs / 2:.2f} LUT, "
          f"{array['FF'] / macs / 2:.1f} FF, {array['DSP'] / macs / 2:.2f} DSP")
    lut_nibble = 0
    if options.lut_rows:
        nibbles = 2 * options.lut_rows * options.cols
        own = totals([c for c in counted if c[0].title in LUT_ARRAY])
        lut_nibble = own["LUT"] / nibbles
        print(f"LUT rows per MAC of nibbles ({nibbles} a cycle): {lut_nibble:.2f} LUT, {own['FF'] / nibbles:.1f} FF; "
              f"in all {own['LUT']:g} LUT, with decoders, scale lanes and results "
              f"{totals([c for c in counted if c[0].title.startswith('LUT rows')])['LUT']:g}")
    deep = [(part.title, found["levels"]) for part, found in counted if found["levels"] > options.max_levels]
    if deep:
        sys.exit(f"paths of more than {options.max_levels} LUTs: {deep}")
    if options.max_lut_total and whole["LUT"] > options.max_lut_total:
        sys.exit(f"{whole['LUT']:g} LUT in all, limit {options.max_lut_total:g}")
    if card:
        shares = {kind: whole[kind] / card[kind] for kind in KINDS}
        print(f"of {card['title']}: " + ", ".join(
            f"{100 * share:.1f} % of {kind} (limit {100 * cards['usable'][kind]:g} %)" for kind, share in shares.items()))
        over = [kind for kind, share in shares.items() if share > cards["usable"][kind]]
        if over:
            sys.exit(f"more than {card['title']} has to give: {', '.join(over)}")
    if options.max_lut_nibble and lut_nibble > options.max_lut_nibble:
        sys.exit(f"{lut_nibble:.2f} LUT for a MAC of nibbles of the LUT rows, limit {options.max_lut_nibble}")
    if options.max_lut and array["LUT"] / macs > options.max_lut:
        sys.exit(f"{array['LUT'] / macs:.2f} LUT for a MAC of bytes, limit {options.max_lut}")


if __name__ == "__main__":
    main()
