"""A run that is killed or stopped and resumed ends as the run that was never interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

STEPS = 24


def start(data: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    """The command line in a process of its own."""
    sets = ("plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32", f"train.steps={STEPS}")
    knobs = [word for s in (*sets, "train.checkpoint_every_s=0.05") for word in ("--set", s)]
    # who starts the tests in the background has Ctrl-C ignored, which processes inherit; in a terminal it is not
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    program += "import torch; torch.set_num_threads(1); from delineate.cli import main; main()"
    command = [sys.executable, "-c", program, "train", str(data), "-o", str(out), "--json", *knobs, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def finish(process: subprocess.Popen[bytes]) -> dict:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    return json.loads(out)


def tensors(out: Path, name: str) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(out / "folds" / "0" / f"{name}.safetensors")


def wait(process: subprocess.Popen[bytes], seen: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None and not seen():
        time.sleep(0.002)


def stop(process: subprocess.Popen[bytes], card: Path, step: int, number: int) -> int:
    """Send a signal once there is a checkpoint of this step or a later one; the step it stopped at."""
    wait(process, lambda: card.exists() and json.loads(card.read_text())["card"]["state"]["step"] >= step)
    send = os.killpg if number == signal.SIGINT else os.kill  # a terminal's Ctrl-C goes to every process
    send(process.pid, number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and b"Traceback" not in err, err.decode()
    told = json.loads(out)
    assert not told["complete"] and told["report"] is None
    assert json.loads((card.parents[2] / "summary.json").read_text())["complete"] is False
    return int(told["steps"])


@pytest.fixture(scope="module")
def straight(balls, tmp_path_factory) -> Path:
    """The run that nothing interrupts."""
    out = tmp_path_factory.mktemp("straight") / "run"
    finish(start(balls, out))
    return out


def assert_same_end(straight: Path, broken: Path) -> None:
    for name in ("last", "best"):
        a, b = tensors(straight, name), tensors(broken, name)
        assert a.keys() == b.keys()
        assert [k for k in a if a[k].tobytes() != b[k].tobytes()] == []
    assert not list(broken.rglob(".writing-*"))
    assert (broken / "report.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")
def test_killed_twice_ends_bitwise_the_same(balls, straight, tmp_path, kill_at):
    broken = tmp_path / "broken"
    card = broken / "folds" / "0" / "last.json"
    first = kill_at(start(balls, broken), card, 3)
    second = kill_at(start(balls, broken, "--resume"), card, first + 5)
    assert 3 <= first < second < STEPS
    told = finish(start(balls, broken, "--resume"))
    assert told["complete"] and told["steps"] == STEPS
    assert_same_end(straight, broken)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
def test_stopped_by_ctrl_c_and_then_by_sigterm_ends_bitwise_the_same(balls, straight, tmp_path):
    broken = tmp_path / "broken"
    card = broken / "folds" / "0" / "last.json"
    first = stop(start(balls, broken), card, 2, signal.SIGINT)
    second = stop(start(balls, broken, "--resume"), card, first + 3, signal.SIGTERM)
    assert 2 <= first < second < STEPS
    assert finish(start(balls, broken, "--resume"))["steps"] == STEPS
    assert_same_end(straight, broken)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
def test_stopped_in_its_first_fold_it_begins_no_other(balls, tmp_path):
    out, folds = tmp_path / "run", ("--fold", "0", "--fold", "1")
    first = stop(start(balls, out, *folds), out / "folds" / "0" / "last.json", 2, signal.SIGTERM)
    assert first < STEPS and not (out / "folds" / "1").exists()
    assert finish(start(balls, out, "--resume", *folds))["steps"] == 2 * STEPS


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_before_its_plan_it_is_quiet_and_goes_on(balls, straight, tmp_path, number, code):
    broken = tmp_path / "broken"
    process = start(balls, broken)
    wait(process, (broken / "check.json").exists)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == code and b"Traceback" not in err, err.decode()
    assert not (broken / "plan.json").exists() and not list(broken.rglob(".writing-*"))
    finish(start(balls, broken, "--resume"))
    assert_same_end(straight, broken)
