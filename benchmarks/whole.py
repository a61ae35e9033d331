"""The whole command on real data sets: time kept, expected and measured memory, Dice on the validation cases.

usage: python benchmarks/whole.py OUT DATA [DATA ...] [--time 3min] [--set KNOB=VALUE ...]

Each DATA is trained on with nothing but its path and the time, as a person would, in a process of its own; OUT is a new
folder that gets a run for each. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MIB = 2**20


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--time", default="3min")
    parser.add_argument("--set", dest="sets", action="append", default=[])
    asked = parser.parse_args()
    rows = []
    for data in asked.data:
        rows.append(train(data, asked.out / data.name, asked))
        print(rows[-1], file=sys.stderr, flush=True)
    print(json.dumps(rows, indent=2))


def train(data: Path, run: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """One run; what its summary and scores say."""
    program = [sys.executable, "-c", "from delineate.cli import main; main()"]
    sets = [word for knob in asked.sets for word in ("--set", knob)]
    begun = time.monotonic()
    done = subprocess.run(
        [*program, "train", str(data), "-o", str(run), "--time", asked.time, *sets, "--json"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    wall_s = round(time.monotonic() - begun, 1)
    if done.returncode:
        return {"data": data.name, "wall_s": wall_s, "failed": done.stderr[-500:]}
    summary = json.loads((run / "summary.json").read_text())
    expected, peak = summary["expected_bytes"], summary["peak_bytes"]
    return {
        "data": data.name,
        "wall_s": wall_s,
        "expected_mib": round(expected / MIB),
        "peak_mib": round(peak / MIB),
        "ratio": round(expected / peak, 2),
        "validation_dice": round(summary["validation_dice"], 3),
    }


if __name__ == "__main__":
    main()
