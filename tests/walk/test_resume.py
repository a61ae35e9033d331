"""A run that is killed and resumed ends as the run that was never interrupted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

STEPS = 24


def start(data: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """The command line in a process of its own."""
    sets = ("plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32", f"train.steps={STEPS}")
    knobs = [word for s in (*sets, "train.checkpoint_every_s=0.05") for word in ("--set", s)]
    program = "import torch; torch.set_num_threads(1); from delineate.cli import main; main()"
    command = [sys.executable, "-c", program, "train", str(data), "-o", str(out), "--json", *knobs, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> dict:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return json.loads(out)


def tensors(out: Path, name: str) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(out / "folds" / "0" / f"{name}.safetensors")


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")
def test_killed_twice_ends_bitwise_the_same(balls, tmp_path, kill_at):
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    card = broken / "folds" / "0" / "last.json"
    finish(start(balls, straight))
    first = kill_at(start(balls, broken), card, 3)
    second = kill_at(start(balls, broken, "--resume"), card, first + 5)
    assert 3 <= first < second < STEPS
    told = finish(start(balls, broken, "--resume"))
    assert told["complete"] and told["steps"] == STEPS
    for name in ("last", "best"):
        a, b = tensors(straight, name), tensors(broken, name)
        assert a.keys() == b.keys()
        assert [k for k in a if a[k].tobytes() != b[k].tobytes()] == []
    assert not list(broken.rglob(".writing-*"))
    assert (broken / "report.html").exists()
