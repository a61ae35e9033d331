"""Hippocampus in so many minutes: every fourth case by sorted name is held out, never seen by training or model choice.

usage: python benchmarks/hippocampus.py DATA OUT TIME [--held-out 0..3] [more arguments of `delineate train`]

DATA is the Decathlon's Task04 folder (imagesTr, labelsTr). Held out are cases 3, 7, 11 ... (counted from 0), or those
that begin with another number. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def split(data: Path, out: Path, held_out: int) -> tuple[Path, Path]:
    """Two folders of links: three quarters to learn from, one quarter to be judged by."""
    learn, judge = out / "learn", out / "judge"
    for number, label in enumerate(sorted((data / "labelsTr").glob("*.nii.gz"))):
        home = judge if number % 4 == held_out else learn
        for folder in ("imagesTr", "labelsTr"):
            (home / folder).mkdir(parents=True, exist_ok=True)
            (home / folder / label.name).symlink_to((data / folder / label.name).resolve())
    (learn / "dataset.json").write_text(json.dumps(_declare(learn)))
    return learn, judge


def _declare(learn: Path) -> dict[str, Any]:
    names = sorted(p.name for p in (learn / "labelsTr").iterdir())
    return {
        "modality": {"0": "MRI"},
        "labels": {"0": "background", "1": "anterior", "2": "posterior"},
        "training": [{"image": f"./imagesTr/{n}", "label": f"./labelsTr/{n}"} for n in names],
        "test": [],
    }


def delineate(*arguments: str) -> dict[str, Any]:
    """Run the command line and read its JSON."""
    done = subprocess.run(
        [sys.executable, "-c", "from delineate.cli import main; main()", *arguments, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("time")
    parser.add_argument("--held-out", type=int, choices=range(4), default=3)
    return parser


def main() -> None:
    """See the module."""
    asked, more = _arguments().parse_known_args()
    root, minutes = asked.out, asked.time
    learn, judge = split(asked.data, root, asked.held_out)
    begun = time.monotonic()
    trained = delineate("train", str(learn), "-o", str(root / "run"), "--time", minutes, *more)
    wall = time.monotonic() - begun
    begun = time.monotonic()
    delineate("predict", str(root / "run"), str(judge / "imagesTr"), "-o", str(root / "masks"))
    predicting = time.monotonic() - begun
    scores = delineate("evaluate", str(root / "masks"), str(judge / "labelsTr"), "--run", str(root / "run"))
    classes = {c["class_name"]: round(c["metrics"]["dice"]["mean"], 4) for c in scores["classes"]}
    plan = json.loads((root / "run" / "plan.json").read_text())
    print(
        json.dumps(
            {
                "asked": minutes,
                "held_out": asked.held_out,
                "wall_s": round(wall, 1),
                "steps": trained["steps"],
                "dice": classes,
                "mean_dice": round(scores["foreground"]["dice"], 4),
                "cases": len(scores["cases"]),
                "validation_dice": trained["validation_dice"],
                "predict_s": round(predicting, 1),
                "peak_gib": round(trained["peak_bytes"] / 2**30, 2),
                "expected_gib": round(trained["expected_bytes"] / 2**30, 2),
                "network": {r["decision"]: r["value"] for r in plan["reasons"]},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
