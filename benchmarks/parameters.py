"""Parameters of the networks beside those of their references, as a table.

usage: python benchmarks/parameters.py > benchmarks/results/parameters.md

The references' counts are those of `tests/references/zoo_counts.json`; ours are counted anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from delineate.nets import build_net, count_parameters

ROWS = Path(__file__).parents[1] / "tests" / "references" / "zoo_counts.json"


def main() -> None:
    """See the module."""
    print("# Parameters beside the references\n")
    print("`python benchmarks/parameters.py`: channels and options are those of the reference.\n")
    print(
        "| network | dims | in, out | options | parameters | reference | counted there | difference |\n"
        + "|---" * 8
        + "|"
    )
    for row in json.loads(ROWS.read_text(encoding="utf-8")):
        with torch.device("meta"):
            net = build_net(row["net"], row["dims"], row["in"], row["out"], row["options"])
        ours, theirs = count_parameters(net), row["counted"]
        options = " ".join(f"{k}={v}" for k, v in row["options"].items())
        gap = "none" if ours == theirs else f"{100 * (ours - theirs) / theirs:+.3f} %: {row['why']}"
        places = f"{row['net']} | {row['dims']} | {row['in']}, {row['out']} | {options} | {ours:,}"
        print(f"| {places} | {row['source']} | {theirs:,} | {gap} |")


if __name__ == "__main__":
    main()
