"""Hippocampus in so many minutes: every fourth case by sorted name is held out, never seen by training or model choice.

usage: python benchmarks/hippocampus.py DATA OUT TIME [more arguments of `delineate train`]

DATA is the Decathlon's Task04 folder (imagesTr, labelsTr). Prints one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def split(data: Path, out: Path) -> tuple[Path, Path]:
    """Two folders of links: three quarters to learn from, one quarter to be judged by."""
    learn, judge = out / "learn", out / "judge"
    for number, label in enumerate(sorted((data / "labelsTr").glob("*.nii.gz"))):
        home = judge if number % 4 == 3 else learn
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


def main() -> None:
    """See the module."""
    data, out, minutes, *more = sys.argv[1:]
    root = Path(out)
    learn, judge = split(Path(data), root)
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
