"""Every network that has two dimensions, trained on the same pictures for the same minutes and tested once.

usage: python benchmarks/zoo.py DATA OUT [--time 3min] [--nets a,b,c] [--memory 6GiB] [--set KNOB=VALUE ...]

DATA is a data set of pictures, or of scans, which are sliced. A quarter of the patients is tested on. What OUT holds
already is not done again, so the hours this takes can be spread over several sittings. Prints one JSON object: for each
network its Dice, what it cost, and whether it lies below half of the median or says background everywhere; then the
same as a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

from delineate import load_config, steps
from delineate.evaluate.table import ScoreTable
from delineate.nets.net import NETS
from delineate.show.board import Board
from delineate.steps.study import CellResult

SHARED = ("plan.dims=2", "holdout=0.25", "near_duplicates=group")
"""Neighbouring slices of a patient are alike."""
HALF = 0.5


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--time", default="3min")
    parser.add_argument("--memory", default="6GiB")
    parser.add_argument("--nets", default=",".join(sorted(n for n in NETS if 2 in NETS[n].card.dims)))
    parser.add_argument("--set", dest="sets", action="append", default=[])
    asked = parser.parse_args()
    config = load_config(None, [*SHARED, *asked.sets], time=asked.time, memory=asked.memory)
    board = steps.compare(
        asked.data, asked.out, asked.nets.split(","), config, seeds=1, tell=lambda line: print(line, file=sys.stderr)
    )
    told = report(board, asked.out)
    print(json.dumps(told, indent=2))
    print(as_markdown(told))


def report(board: Board, out: Path) -> dict[str, Any]:
    """What each network reached and cost, the best first; the unfinished with their reason."""
    dice = {e.name: e.quality["dice"].mean or 0.0 for e in board.entries if e.done and "dice" in e.quality}
    median = statistics.median(dice.values())
    rows = []
    for entry in board.entries:
        if entry.name not in dice:
            continue
        result = CellResult.load(next(out.glob(f"runs/{entry.name}/*/*/result.json")))
        rows.append(
            {
                "net": entry.name,
                "dice": round(dice[entry.name], 3),
                "parameters_m": round((entry.cost.parameters or 0) / 1e6, 2),
                "gmacs": round((entry.cost.multiply_adds or 0) / 1e9, 2),
                "steps": result.steps,
                "s_per_step": round((entry.cost.train_s or 0.0) / max(result.steps, 1), 3),
                "s_per_case": round(entry.cost.predict_s or 0.0, 3),
                "peak_gib": round((entry.cost.peak_bytes or 0) / 2**30, 2),
                "below_half": dice[entry.name] < HALF * median,
                "only_background": finds_nothing(out, entry.name),
            }
        )
    return {"median": round(median, 3), "nets": rows, "unfinished": [u.model_dump() for u in board.unfinished]}


def finds_nothing(out: Path, net: str) -> bool:
    """Whether a network marked no voxel of any test case."""
    rows = [r for path in out.glob(f"scores/{net}-seed*.json") for r in ScoreTable.load(path).rows]
    return all(not row.values.get("volume_ml") for row in rows)


def as_markdown(told: dict[str, Any]) -> str:
    """The rows as a table."""
    head = "| network | Dice | parameters, M | GMAC a patch | steps | s a step | s a case | peak, GiB |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    for r in told["nets"]:
        mark = " (background only)" if r["only_background"] else " (below half the median)" if r["below_half"] else ""
        cells = (r["dice"], r["parameters_m"], r["gmacs"], r["steps"], r["s_per_step"], r["s_per_case"], r["peak_gib"])
        lines.append(f"| `{r['net']}`{mark} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
