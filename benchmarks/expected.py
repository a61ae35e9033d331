"""The expected peak memory of training beside the measured one, for networks of all sizes.

usage: python benchmarks/expected.py OUT [STEPS]

Each row is a training of its own, in a process of its own, on four abdominal phantoms of 64 x 128 x 128. Prints one
JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from delineate.phantom.phantom import make_phantom

_ROWS = (
    {"dims": 3, "patch": (32, 64, 64), "width": 8, "batch": 2},
    {"dims": 3, "patch": (32, 64, 64), "width": 16, "batch": 2},
    {"dims": 3, "patch": (48, 96, 96), "width": 16, "batch": 2},
    {"dims": 3, "patch": (64, 128, 128), "width": 16, "batch": 2},
    {"dims": 3, "patch": (48, 80, 80), "width": 32, "batch": 2},
    {"dims": 3, "patch": (32, 48, 48), "width": 16, "batch": 8},
    {"dims": 3, "patch": (32, 64, 64), "width": 16, "batch": 2, "net": "plain_unet"},
    {"dims": 2, "patch": (128, 128), "width": 16, "batch": 16},
    {"dims": 2, "patch": (128, 128), "width": 32, "batch": 16},
    {"dims": 2, "patch": (64, 64), "width": 32, "batch": 4},
)
_CODE = """
import json, sys
from delineate import load_config, steps
data, out, sets = sys.argv[1], sys.argv[2], sys.argv[3:]
result = steps.train(data, out, load_config(sets=sets, memory="16GiB"))
print(json.dumps([result.expected_bytes, result.peak_bytes]))
"""


def main() -> None:
    """See the module."""
    out = Path(sys.argv[1])
    steps = sys.argv[2] if len(sys.argv) > 2 else "6"
    if not (out / "data").exists():
        make_phantom("abdomen", out / "data", cases=4, size=(64, 128, 128), seed=0)
    rows = [_measure(out, steps, row, p) for row in _ROWS for p in ("bf16", "fp32")]
    print(json.dumps(rows, indent=2))


def _measure(out: Path, steps: str, row: dict[str, object], precision: str) -> dict[str, object]:
    knobs = {name: list(v) if isinstance(v, tuple) else v for name, v in row.items()}
    sets = [f"plan.{name}={value}" for name, value in knobs.items()]
    sets += [f"train.steps={steps}", f"train.precision={precision}"]
    run = out / "-".join(["run", precision, *(str(v).replace(" ", "") for v in knobs.values())])
    command = [sys.executable, "-c", _CODE, str(out / "data"), str(run), *sets]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {**row, "precision": precision, "failed": done.stderr[-300:]}
    expected, peak = (round(n / 1024**2) for n in json.loads(done.stdout.splitlines()[-1]))
    print(precision, row, expected, peak, f"{expected / peak:.2f}", file=sys.stderr, flush=True)
    return {**row, "precision": precision, "expected_mib": expected, "peak_mib": peak}


if __name__ == "__main__":
    main()
