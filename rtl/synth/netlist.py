# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""Modules through yosys for UltraScale+: what they take and how deep they are.

A part is one module that is synthesised alone (synth_xilinx -family xcup) and counted as often as the
design has it; a place and route would share less and trim more. A part of many equal lanes is synthesised
with the outputs of its first two lanes only and of the first three: the difference counts for each further
lane. (Alone, a lane may get a block RAM for a table that more lanes have in LUTs.)
Results are kept in a folder, by a hash of all that they come from.
"""
import collections
import dataclasses
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

RTL = pathlib.Path(__file__).resolve().parent.parent
# LUTs that a RAM primitive takes: RAM32M16 is half a slice of LUT RAM.
RAM_LUTS = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "RAM64X1D": 2, "RAM32X1D": 2,
            "RAM128X1D": 4, "RAM256X1D": 8, "SRL16E": 1, "SRLC32E": 1}
WIRES = ("CARRY4", "CARRY8", "MUXF7", "MUXF8", "MUXF9", "INV", "BUF")
KINDS = ("LUT", "FF", "DSP", "BRAM36", "URAM")
VERSION = "1"  # of what is kept: another one when netlists are counted in another way


@dataclasses.dataclass
class Part:
    """A module, and how often the design has it."""
    title: str
    top: str
    files: list
    times: float = 1
    boxes: list = dataclasses.field(default_factory=list)       # files of modules that are not counted in it
    parameters: dict = dataclasses.field(default_factory=dict)
    low: dict = dataclasses.field(default_factory=dict)         # inputs that are tied to 0, their widths
    defines: list = dataclasses.field(default_factory=list)     # macros
    dsps: bool = True                                           # whether multipliers become DSPs
    lanes: int = 1                                              # equal ones, of …
    lane_outputs: tuple = ()                                    # … {last lane, …, first lane}
    kept_lanes: int = 0                                         # if not 0, outputs of others are cut off


def yosys_version():
    return subprocess.check_output(["yosys", "-V"], text=True).split()[1]


def _wrapper(part):
    """A module around a part whose outputs of lanes lead nowhere but for the first ones."""
    text = pathlib.Path(part.files[0]).read_text()
    head = re.search(rf"module {part.top} \((.*?)\);", text, re.DOTALL).group(1)
    ports, nets, pins = [], [], []
    for way, high, name in re.findall(r"(input|output)\s+logic\s+(?:\[(\d+):0\]\s+)?(\w+)", head):
        width = int(high or 0) + 1
        if name in part.lane_outputs:
            kept = width // part.lanes * part.kept_lanes
            nets.append(f"wire [{width - kept - 1}:0] cut_{name};\n")
            ports.append(f"{way} wire [{kept - 1}:0] {name}")
            pins.append(f".{name}({{cut_{name}, {name}}})")
        else:
            ports.append(f"{way} wire [{width - 1}:0] {name}")
            pins.append(f".{name}({name})")
    return (f"module {part.top}_lanes(\n{', '.join(ports)});\n{''.join(nets)}"
            f"{part.top} u_whole ({', '.join(pins)});\nendmodule\n")


def _script(part, wrapper="wrapper.v"):
    script = "".join(f"read_verilog -sv -lib {path}; " for path in part.boxes)
    script += "read_verilog -lib -specify +/xilinx/cells_xtra.v; read_verilog -sv "
    script += "".join(f"-D{macro} " for macro in part.defines)
    script += " ".join(str(path) for path in part.files) + "; "
    script += "".join(f"chparam -set {name} {value} {part.top}; " for name, value in part.parameters.items())
    if part.low:
        script += f"hierarchy -top {part.top}; proc; "
    for port, width in part.low.items():
        script += f"delete -port {part.top}/w:{port}; cd {part.top}; connect -set {port} {width}'d0; cd ..; "
    top = part.top
    if part.kept_lanes:
        top += "_lanes"
        script += f"read_verilog {wrapper}; hierarchy -top {top}; proc; flatten; opt_clean -purge; "
    script += "synth_xilinx -family xcup -noiopad -noclkbuf -flatten -nowidelut -nosrl "
    return script + ("" if part.dsps else "-nodsp ") + f"-top {top}; "


def synthesise(part, limit=None):
    """The netlist of a part; subprocess.TimeoutExpired after `limit` seconds."""
    with tempfile.TemporaryDirectory() as folder:
        netlist = pathlib.Path(folder) / "netlist.json"
        wrapper = pathlib.Path(folder) / "wrapper.v"
        top = part.top
        if part.kept_lanes:
            wrapper.write_text(_wrapper(part))
            top += "_lanes"
        run = subprocess.run(["yosys", "-q", "-p", _script(part, wrapper) + f"write_json {netlist}"],
                             capture_output=True, text=True, timeout=limit)
        if run.returncode:
            sys.exit(f"yosys: {part.top}: {run.stderr.strip() or run.stdout.strip()}")
        # Yosys may have given the module another name with its parameters.
        modules = json.loads(netlist.read_text())["modules"].values()
        return next(module for module in modules if "top" in module["attributes"])


def count(module):
    """What a netlist takes, by KINDS."""
    cells = collections.Counter(cell["type"] for cell in module["cells"].values())
    total = collections.Counter()
    for kind, number in cells.items():
        if kind.startswith("LUT"):
            total["LUT"] += number
        elif kind in RAM_LUTS:
            total["LUT"] += number * RAM_LUTS[kind]
        elif kind.startswith(("FD", "LD")):
            total["FF"] += number
        elif kind == "DSP48E2":
            total["DSP"] += number
        elif kind.startswith("RAMB"):
            total["BRAM36"] += number if kind.startswith("RAMB36") else number / 2
        elif kind.startswith("URAM"):
            total["URAM"] += number
        elif kind.startswith("RAM"):
            sys.exit(f"netlist.py does not know how many LUTs a {kind} takes")
    return total


def _needs(cell, port, name):
    """Whether an output of a LUT6_2 depends on one of its inputs."""
    pin = int(name[1:])
    init = int(cell["parameters"]["INIT"], 2)
    if port == "O5":
        if pin == 5:
            return False
        init &= (1 << 32) - 1
    return any((init >> i ^ init >> (i ^ 1 << pin)) & 1 for i in range(32 if port == "O5" else 64))


def levels(module):
    """Most LUTs on a path from a register, RAM, DSP or port to the next; carry chains cost nothing."""
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
            if cell["type"] == "LUT6_2" and not _needs(cell, port, name):
                continue
            yield from (bit for bit in bits if bit in driver)

    for bit in driver:
        waiting = [bit]
        while waiting:
            cell, port, index = driver[waiting[-1]]
            missing = [b for b in inputs(cell, port, index) if b not in depth]
            if missing and waiting[-1] not in depth:
                waiting.extend(missing)
                continue
            own = 0 if cell["type"] in WIRES else 1
            depth[waiting[-1]] = own + max((depth[b] for b in inputs(cell, port, index)), default=0)
            waiting.pop()
    return max(depth.values(), default=0)


def _digest(part):
    """Of all that the netlist comes from; not of where it lies, its module's name and comments."""
    texts = [VERSION, yosys_version(), _script(part), _wrapper(part) if part.kept_lanes else ""]
    for file in (*part.files, *part.boxes):
        texts[2] = texts[2].replace(str(file), pathlib.Path(file).name)
        texts.append(re.sub(r"(?m)^\s*//.*\n", "", pathlib.Path(file).read_text()))
    name = re.compile(rf"\b{part.top}(?=\b|_lanes\b)")
    return hashlib.sha256("".join(name.sub("TOP", text) for text in texts).encode()).hexdigest()[:16]


def measure(part, kept=None, limit=None):
    """{"LUT": …, "levels": …} of one instance, from the folder `kept` if it is there; None if yosys
    takes more than `limit` seconds."""
    if part.lanes > 3 and part.lane_outputs and not part.kept_lanes:
        two, three = (measure(dataclasses.replace(part, kept_lanes=n), kept, limit) for n in (2, 3))
        if two is None or three is None:
            return None
        if any(three[kind] < two[kind] for kind in KINDS):
            sys.exit(f"{part.top}: three lanes take less than two: {two}, {three}")
        found = {kind: two[kind] + (part.lanes - 2) * (three[kind] - two[kind]) for kind in KINDS}
        return {**found, "levels": max(two["levels"], three["levels"])}
    path = None
    if kept:
        digest = _digest(part)
        for same in pathlib.Path(kept).glob(f"*-{digest}.json"):
            return json.loads(same.read_text())
        path = pathlib.Path(kept) / f"{part.top}-{digest}.json"
    try:
        module = synthesise(part, limit)
    except subprocess.TimeoutExpired:
        return None
    found = {**{kind: count(module)[kind] for kind in KINDS}, "levels": levels(module)}
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found))
    return found
