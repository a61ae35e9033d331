"""What the sizes S, M and L of the planner's network take in memory: in training and in prediction.

usage: python benchmarks/presets.py OUT [STEPS]

Each row is a training and a prediction, each in a process of its own, on four abdominal phantoms of 64 x 128 x 128;
slices of them for two dimensions. Prints one JSON object. Peaks are of the whole command on the device that is there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from delineate.phantom.phantom import make_phantom

_LOOKS = {3: {"patch": [48, 96, 96], "batch": 2}, 2: {"patch": [128, 128], "batch": 16}}
_TRAIN = """
import json, sys
from delineate import load_config, steps
data, out, sets = sys.argv[1], sys.argv[2], sys.argv[3:]
done = steps.train(data, out, load_config(sets=sets, memory="20GiB"))
print(json.dumps([done.expected_bytes, done.peak_bytes]))
"""
_PREDICT = """
import json, sys
from delineate import steps
run, scans, out = sys.argv[1:]
used = []
steps.predict(run, scans, out, told=used.append)
print(json.dumps([used[0].expected_bytes, used[0].peak_bytes]))
"""


def main() -> None:
    """See the module."""
    out, steps = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "3"
    if not (out / "data").exists():
        make_phantom("abdomen", out / "data", cases=4, size=(64, 128, 128), seed=0)
    rows = [measure(out, dims, size, steps) for dims in _LOOKS for size in "SML"]
    print(json.dumps(rows, indent=2))


def measure(out: Path, dims: int, size: str, steps: str) -> dict[str, object]:
    """One size in so many dimensions, in MiB."""
    look, run = _LOOKS[dims], out / f"run-{dims}-{size}"
    knobs = {"plan.dims": dims, "plan.size": size, "train.steps": steps, "folds": 4}
    knobs |= {f"plan.{name}": value for name, value in look.items()}
    trained = _run(_TRAIN, out / "data", run, *(f"{name}={value}" for name, value in knobs.items()))
    predicted = _run(_PREDICT, run, next((out / "data" / "imagesTr").iterdir()), out / f"mask-{dims}-{size}.nii.gz")
    row = {
        "size": size, "dims": dims, **look, "train_expected_mib": trained[0], "train_mib": trained[1],
        "predict_expected_mib": predicted[0], "predict_mib": predicted[1],
    }  # fmt: skip
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def _run(code: str, *arguments: object) -> tuple[int, int]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-800:])
    expected, peak = json.loads(done.stdout.splitlines()[-1])
    return round(expected / 2**20), round(peak / 2**20)


if __name__ == "__main__":
    main()
