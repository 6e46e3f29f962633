#!/usr/bin/env python3
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""What kernels take of UltraScale+ cards: docs/resources.md and docs/resources.svg.

    rtl/synth/report.py BUILD [--docs FOLDER] [--jobs N] [--limit SECONDS] [--max-levels 6]

Counts every process of the kernels that hlsc wrote below BUILD, the leaves between them, and the array of
packed DSPs, each with yosys and alone (netlist.py); keeps the counts in BUILD/report. A part for which
yosys takes more than --limit seconds is named as not counted, and sums without it as lower bounds.
Ends with an error if a process has a longer path than --max-levels, when all is written.
"""
import argparse
import collections
import concurrent.futures
import json
import pathlib
import sys

import dsp_array
from kernel import TITLES, Kernel
from netlist import KINDS, RTL, measure, yosys_version

GROUPS = ("processes", "leaves", "array", "decoders", "scale lanes")
COLOURS = ("#4e79a7", "#9c755f", "#f28e2b", "#59a14f", "#b07aa1")
OF_ARRAY = {title: "array" for title in (*dsp_array.ARRAY, *dsp_array.LUT_ARRAY, "sequence")}
OF_ARRAY.update({title: "decoders" for title in ("cutting of words", "decoders", "rows made integers",
                                                 "LUT rows: decoders")})


class Counts:
    """What parts take, counted by `jobs` at a time."""

    def __init__(self, kept, limit, jobs):
        self.kept, self.limit = kept, limit
        self.pool = concurrent.futures.ThreadPoolExecutor(jobs)  # yosys is a process of its own

    def start(self, part):
        def count():
            found = measure(part, self.kept, self.limit)
            print(f"{part.title}: {found or 'not counted'}", flush=True)
            return found
        return self.pool.submit(count)


class Design:
    """Parts with what they take, in groups."""

    def __init__(self, title, macs, nibble_macs=None):
        self.title, self.macs, self.nibble_macs = title, macs, nibble_macs or 2 * macs
        self.waiting = []                 # (group, title, part, its count)
        self.rows, self.missing = [], []  # (group, title, times, found)
        self.remark = ""

    def add(self, group, parts, counts, title=None):
        for part in parts:
            self.waiting.append((group, title(part) if title else part.title, part, counts.start(part)))

    def finish(self):
        for group, title, part, count in self.waiting:
            if count.result() is None:
                self.missing.append(part.title)
            else:
                self.rows.append((group, title, part.times, count.result()))

    def total(self, group=None):
        total = collections.Counter()
        for of_group, _, times, found in self.rows:
            if group in (None, of_group):
                for kind in KINDS:
                    total[kind] += found[kind] * times
        return total

    def merged(self):
        """Rows of equal titles as one: {title: (group, times, counts, levels)}."""
        rows = {}
        for group, title, times, found in self.rows:
            _, before, counts, levels = rows.get(title, (group, 0, collections.Counter(), 0))
            counts.update({kind: found[kind] * times for kind in KINDS})
            rows[title] = (group, before + times, counts, max(levels, found["levels"]))
        return rows

    def levels(self):
        return max(found["levels"] for _, _, _, found in self.rows)


def add_array(design, rows, lanes, power_scales, counts, cols=dsp_array.COLS, groups=16, wide=False, lut_rows=0):
    for part in dsp_array.array_parts(rows, lanes, power_scales, cols, groups, wide, lut_rows):
        design.add(OF_ARRAY.get(part.title, "scale lanes"), [part], counts)


def has_packed_array(kernel):
    """Whether packed DSPs have the kernel's shape."""
    return kernel.cols % dsp_array.COLS == 0 and kernel.rows % 2 == 0


def add_kernel(path, counts):
    kernel = Kernel(path)
    packed = has_packed_array(kernel)
    design = Design(path.parent.stem + (" with the array of packed DSPs" if packed else ", without its array"),
                    kernel.rows * kernel.cols, 2 * (kernel.rows + kernel.lut_rows) * kernel.cols)
    processes, leaves, own = kernel.parts()
    design.add("processes", processes, counts)
    design.add("leaves", [*leaves, own], counts, lambda part: TITLES.get(part.title, part.title))
    if packed:
        add_array(design, kernel.rows, kernel.lanes, kernel.power_scales, counts, kernel.cols, kernel.groups,
                  kernel.wide, kernel.lut_rows)
        if not kernel.packed:
            design.remark = ("The image itself has the array of LUTs, which multiplies E3M2, E4M3 and E5M2 as well and is not counted: "
                             "this is its kernel around packed DSPs.")
    else:
        design.remark = (f"Packed DSPs take multiples of {dsp_array.COLS} columns: this image, of {kernel.cols}, has the array of LUTs, "
                         "which is not counted. The fractions below are of the rest.")
    return design


def number(value):
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def table(head, rows):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def parts_table(design):
    least = "at least " if design.missing else ""
    rows = [(title, number(times), *(number(counts[kind]) for kind in KINDS), f"{counts['LUT'] / design.macs:.2f}",
             str(levels)) for title, (_, times, counts, levels) in design.merged().items()]
    total = design.total()
    rows.append(("**in all**", "", *(f"**{least}{number(total[kind])}**" for kind in KINDS),
                 f"**{total['LUT'] / design.macs:.2f}**", f"**{design.levels()}**"))
    yield from table(("part", "times", *KINDS, "LUT per MAC", "levels"), rows)
    if design.remark:
        yield design.remark + "\n"
    if design.missing:
        yield "Not counted, because yosys did not end in time: " + ", ".join(design.missing) + ".\n"


def cards_table(designs, cards):
    usable = cards["usable"]
    rows = []
    for design in designs:
        need = design.total()
        for card in cards["devices"]:
            share = {kind: need[kind] / card[kind] for kind in KINDS}
            fits = int(min(usable[kind] / share[kind] for kind in KINDS if share[kind]))
            rows.append((design.title, card["title"], *(f"{100 * share[kind]:.1f} %" for kind in KINDS), str(fits),
                         number(fits * design.macs), number(fits * design.nibble_macs)))
    yield from table(("design", "card", *KINDS, "that fit", "MAC per cycle, bytes", "nibbles"), rows)


def svg(designs):
    width, bar, left = 760, 26, 230
    most = max(d.total()["LUT"] for d in designs)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + left}" height="{(bar + 10) * len(designs) + 60}" '
             'font-family="sans-serif" font-size="12">']
    for i, group in enumerate(GROUPS):
        x = left + 120 * i
        lines.append(f'<rect x="{x}" y="8" width="12" height="12" fill="{COLOURS[i]}"/>'
                     f'<text x="{x + 16}" y="18">{group}</text>')
    for row, design in enumerate(designs):
        y, x = 34 + row * (bar + 10), left
        lines.append(f'<text x="{left - 8}" y="{y + 17}" text-anchor="end">{design.title}</text>')
        for i, group in enumerate(GROUPS):
            size = design.total(group)["LUT"] / most * (width - 110)
            lines.append(f'<rect x="{x:.1f}" y="{y}" width="{size:.1f}" height="{bar}" fill="{COLOURS[i]}"/>')
            x += size
        lines.append(f'<text x="{x + 6:.1f}" y="{y + 17}">{number(design.total()["LUT"])} LUT</text>')
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def print_images(kernels, counts):
    """The tables of some images."""
    designs = [add_kernel(path, counts) for path in kernels]
    cards = json.loads((RTL / "synth" / "devices.json").read_text())
    for design in designs:
        design.finish()
        print(f"## {design.title} ({design.macs} MAC of bytes a cycle)")
        print("\n".join(parts_table(design)))
    print("\n".join(cards_table(designs, cards)))
    return designs


def refuse_deep(designs, most):
    """Ends with an error if a process is deeper than so many LUTs."""
    deep = sorted({(title, found["levels"]) for design in designs for group, title, _, found in design.rows
                   if group == "processes" and found["levels"] > most})
    if deep:
        sys.exit(f"paths of more than {most} LUTs: {deep}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--docs", type=pathlib.Path, default=RTL.parent / "docs")
    parser.add_argument("--image", action="append", help="of these images only, printed, not written to the docs")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit", type=float, default=1800)
    parser.add_argument("--max-levels", type=int, default=6)
    options = parser.parse_args()
    counts = Counts(options.build / "report", options.limit, options.jobs)
    kernels = sorted(options.build.glob("parts/bitstreams/*.hls/gemm.json"))
    if not kernels:
        sys.exit(f"no kernels below {options.build}: build the images first")
    if options.image:
        chosen = [path for path in kernels if path.parent.stem in options.image]
        if not chosen:
            sys.exit(f"no kernel of {', '.join(options.image)} below {options.build}: build the image first")
        return refuse_deep(print_images(chosen, counts), options.max_levels)
    designs = [add_kernel(path, counts) for path in kernels]
    arrays = []
    for rows, cols, groups, wide in ((128, 32, 16, False), (112, 128, 32, True)):
        design = Design(f"array {rows}×{cols}, E8M0 scales" + (", E4M3" if wide else ""), rows * cols)
        add_array(design, rows, 16, True, counts, cols, groups, wide)
        arrays.append(design)
    for design in designs + arrays:
        design.finish()
    cards = json.loads((RTL / "synth" / "devices.json").read_text())
    out = ["# What the kernels take", f"Written by `make report` (`rtl/synth/report.py`) with yosys {yosys_version()}, "
           "`synth_xilinx -family xcup -nowidelut -nosrl`; no vendor's place and route. Every part is synthesised alone "
           "and counted as often as the design has it; of a process of equal lanes two lanes and three, from which follow "
           "the others. Levels: most LUTs between two registers or ports.", "",
           "![LUTs by part](resources.svg)", ""]
    for design in designs:
        out += [f"## {design.title} ({design.macs} MAC of bytes a cycle)", *parts_table(design)]
    out += ["## The array alone", "An image without UE4M3 and FP32 scales takes the macro `NG_POWER_SCALES` (\"E8M0 scales\"), one with E4M3 `NG_WIDE_PRODUCTS`. "
            "\"Packed array\": chains, sums, operands and control, without decoders and scale lanes."]
    rows = []
    for design in arrays:
        packed = dsp_array.totals([(part, found) for part, found in
                                   ((type("P", (), {"times": t}), f) for g, title, t, f in design.rows
                                    if title in dsp_array.ARRAY)])
        total = design.total()
        rows.append((design.title, *(number(total[kind]) for kind in KINDS), f"{packed['LUT'] / design.macs:.2f}",
                     f"{packed['LUT'] / design.macs / 2:.2f}", f"{total['LUT'] / design.macs:.1f}", str(design.levels())))
    out += table(("array", *KINDS, "packed array, LUT per MAC of bytes", "of nibbles", "all, LUT per MAC of bytes", "levels"), rows)
    limits = ", ".join(f"{100 * share:g} % of {kind}" for kind, share in cards["usable"].items())
    out += ["## Cards", f"Share of the whole device ([rtl/synth/devices.json](../rtl/synth/devices.json) has the sources), and how many "
            f"fit {limits}. For a kernel of which a part is not counted these are upper bounds.", *cards_table(designs + arrays, cards)]
    (options.docs / "resources.md").write_text("\n".join(out))
    (options.docs / "resources.svg").write_text(svg(designs + arrays))
    print(f"written: {options.docs / 'resources.md'} {options.docs / 'resources.svg'}")
    refuse_deep(designs, options.max_levels)


if __name__ == "__main__":
    main()
