#!/usr/bin/env python3
# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""Proves the properties of one RTL module with yosys-smtbmc and z3, or shows that they can fail.

The properties of module M are in formal/M.svh, inside the module under `ifdef FORMAL_M; with
--stub a submodule is replaced by formal/stub/, which promises what its own proof shows. First the
bounded proof runs from reset for --depth cycles, then, with --induction N, an induction over N
cycles. With --mutant FROM TO the first FROM in the module's source becomes TO, and the bounded
proof must fail.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

RTL = pathlib.Path(__file__).resolve().parent.parent


def run(command, directory):
    return subprocess.run(command, cwd=directory, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)


def elaborate(args, directory, defines):
    """Writes model.smt2 for the module with its parameters."""
    params = " ".join(f"-set {p.replace('=', ' ')}" for p in args.parameter)
    defines = [f"FORMAL_{args.module.upper()}", *defines]
    steps = [f"read_verilog -sv -formal {' '.join('-D' + d for d in defines)} *.sv"]
    if params:
        steps.append(f"chparam {params} {args.module}")
    steps += [f"prep -flatten -top {args.module}",
              # write_smt2 has no arrays of one word
              "memory_map t:$mem_v2 r:SIZE=1 %i",
              "async2sync", "dffunmap", "opt_clean", "write_smt2 -wires model.smt2"]
    result = run(["yosys", "-q", "-p", "; ".join(steps)], directory)
    if result.returncode != 0:
        sys.exit(f"prove: yosys failed on {args.module}:\n{result.stdout}")


def smtbmc(directory, *options):
    """True when the proof holds, False when there is a counterexample."""
    result = run(["yosys-smtbmc", "-s", "z3", "--unroll", *options, "model.smt2"], directory)
    status = re.findall(r"Status: (\w+)", result.stdout)
    if not status or status[-1] not in ("PASSED", "FAILED"):
        sys.exit(f"prove: no verdict:\n{result.stdout}")
    if status[-1] == "FAILED":
        print("\n".join(result.stdout.splitlines()[-12:]))
    return status[-1] == "PASSED"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--stub", action="append", default=[], metavar="MODULE")
    parser.add_argument("--depth", type=int, required=True)
    parser.add_argument("--induction", type=int)
    parser.add_argument("--mutant", nargs=2, metavar=("FROM", "TO"))
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "formal").mkdir()
        for source in [*RTL.glob("*.sv"), *RTL.glob("formal/*.svh")]:
            (directory / source.relative_to(RTL)).write_text(source.read_text())
        for module in args.stub:
            stub = RTL / "formal" / "stub" / f"{module}.sv"
            (directory / stub.name).write_text(stub.read_text())
        if args.mutant:
            path = directory / f"{args.module}.sv"
            text = path.read_text()
            if args.mutant[0] not in text:
                sys.exit(f"prove: '{args.mutant[0]}' is not in {path.name}")
            path.write_text(text.replace(args.mutant[0], args.mutant[1], 1))

        elaborate(args, directory, [])
        holds = smtbmc(directory, "-t", str(args.depth))
        if args.mutant:
            print("mutant caught" if not holds else "MUTANT NOT CAUGHT")
            return 1 if holds else 0
        if not holds:
            return 1
        print(f"{args.module}: holds for {args.depth} cycles from reset")
        if args.induction:
            elaborate(args, directory, ["FORMAL_INDUCTION"])
            if not smtbmc(directory, "-i", "-t", str(args.induction)):
                return 1
            print(f"{args.module}: holds for ever, by induction over {args.induction} cycles")
    return 0


if __name__ == "__main__":
    sys.exit(main())
