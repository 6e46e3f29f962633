# Copyright Narrowgate contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a kernel as hlsc wrote it: its processes, and the leaves of rtl/ with their parameters."""
import collections
import json
import pathlib
import subprocess
import tempfile

from netlist import RTL, Part

LEAVES = ["ng_fifo_shallow", "ng_fifo_block", "ng_fifo", "ng_skid", "ng_counter", "ng_burst_split",
          "ng_axi_read_master", "ng_axi_write_master", "ng_axil_control"]
# Processes whose lanes are equal, and the outputs that are lanes side by side: yosys need not see all.
LANE_OUTPUTS = {"scale_integer": ("out_din",), "scale_onnx": ("out_din",), "activate": ("out_din",),
                "scale_float": ("out_din", "onward_din"), "encode": ("out_din",)}
TITLES = {"ng_fifo": "FIFOs", "ng_counter": "event counters", "ng_axi_read_master": "AXI read masters",
          "ng_axi_write_master": "AXI write masters", "ng_axil_control": "control registers"}


def _instances(top, source):
    """{(module, ((parameter, constant), …)): how often} of what a generated top instantiates."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "top.json"
        subprocess.run(["yosys", "-q", "-p", f"read_verilog -sv {source}; proc; write_json {out}"],
                       check=True, capture_output=True)
        cells = json.loads(out.read_text())["modules"][top]["cells"].values()
    found = collections.Counter()
    for cell in cells:
        if not cell["type"].startswith("$"):
            # A whole vector is a string of bits, an integer a number.
            values = tuple((name, f"{len(v)}'b{v}" if isinstance(v, str) else str(v))
                           for name, v in sorted(cell["parameters"].items()))
            found[(cell["type"], values)] += 1
    return found


class Kernel:
    """A kernel's JSON, its parts and its geometry."""

    def __init__(self, path):
        self.folder = pathlib.Path(path).parent
        description = json.loads(pathlib.Path(path).read_text())
        self.top = description["top"]
        defines = description["defines"]
        self.rows = int(defines.get("NG_TILE_ROWS", 32))
        self.cols = int(defines.get("NG_TILE_COLS", 32))
        self.lanes = int(defines.get("NG_PORT_BITS", 512)) // 32
        self.groups = int(defines.get("NG_LANE_GROUPS", 16))
        self.lut_rows = int(defines.get("NG_LUT_ROWS", 0))
        self.power_scales = "NG_POWER_SCALES" in defines
        self.wide = "NG_WIDE_PRODUCTS" in defines
        self.packed = "NG_DSP_ARRAY" in defines
        self.processes = [p["name"] for p in description["processes"] if p["kind"] == "compiled"]
        # Black boxes of the top: the array, which is counted apart.
        self.boxes = [path for path in map(pathlib.Path, description["rtl"])
                      if path.stem in {p["name"] for p in description["processes"]} - set(self.processes)]

    def _source(self, name):
        return self.folder / f"{name}.sv"

    def parts(self):
        """Processes; leaves; what the top itself has beside them. The array is not among them."""
        found = _instances(self.top, self._source(self.top))
        leaf_files = [RTL / f"{name}.sv" for name in LEAVES]
        processes = [Part(name, name, [self._source(name)], lanes=self.lanes,
                          lane_outputs=LANE_OUTPUTS.get(name, ())) for name in self.processes]
        leaves = [Part(module, module, leaf_files, times, parameters=dict(parameters))
                  for (module, parameters), times in found.items() if module in LEAVES]
        own = Part("connections", self.top, [self._source(self.top)],
                   boxes=[*(self._source(name) for name in self.processes), *leaf_files, *self.boxes])
        return processes, leaves, own
