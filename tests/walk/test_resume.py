"""A run that is killed and resumed ends as the run that was never interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
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


def kill_at(process: subprocess.Popen[bytes], out: Path, step: int) -> int:
    """Kill, without a chance to tidy up, once a checkpoint of this step or a later one is there; the step it is of."""
    card = out / "folds" / "0" / "last.json"
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if card.exists() and json.loads(card.read_text())["card"]["state"]["step"] >= step:
            break
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
    return json.loads(card.read_text())["card"]["state"]["step"]


def tensors(out: Path, name: str) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(out / "folds" / "0" / f"{name}.safetensors")


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")
def test_killed_twice_ends_bitwise_the_same(balls, tmp_path):
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    finish(start(balls, straight))
    first = kill_at(start(balls, broken), broken, 3)
    second = kill_at(start(balls, broken, "--resume"), broken, first + 5)
    assert 3 <= first < second < STEPS
    told = finish(start(balls, broken, "--resume"))
    assert told["complete"] and told["steps"] == STEPS
    for name in ("last", "best"):
        a, b = tensors(straight, name), tensors(broken, name)
        assert a.keys() == b.keys()
        assert [k for k in a if a[k].tobytes() != b[k].tobytes()] == []
    assert not list(broken.rglob(".writing-*"))
    assert (broken / "report.html").exists()
