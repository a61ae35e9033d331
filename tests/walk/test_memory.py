"""Memory is a promise: told beside what was expected, never passed, and flat however long the training."""

from __future__ import annotations

import json

import psutil
import pytest

from delineate import steps
from delineate.config import load_config
from delineate.core.errors import BudgetError


def test_check_and_predict_tell_what_they_took(balls, balls_run, tmp_path, cli):
    status, out, _ = cli("check", balls, "--memory", "6GiB", "--json")
    told = json.loads(out)["memory"]
    assert status == 0 and told["budget_bytes"] == 6 * 2**30
    assert 0 < told["peak_bytes"] < told["budget_bytes"] and told["expected_bytes"] > 2**20
    scan = balls / "images" / "c0.nii.gz"
    status, out, _ = cli("predict", balls_run, scan, "-o", tmp_path / "m.nii.gz", "--memory", "6GiB")
    assert status == 0 and "at the peak" in out and "6.0 GiB allowed" in out


def test_what_does_not_fit_is_refused_before_it_is_read(balls, balls_run, tmp_path, cli):
    status, out, _ = cli("check", balls, "--memory", "1MiB", "--json")
    problems = json.loads(out)["check"]["problems"]
    told = [p for p in problems if p["check"] == "readable"]
    assert status == 1 and len(told) == 6 and "was not looked at" in told[0]["what"] and "--memory" in told[0]["fix"]
    out = tmp_path / "m.nii.gz"
    with pytest.raises(BudgetError, match="predicting c0"):
        steps.predict(balls_run, balls / "images" / "c0.nii.gz", out, memory="1MiB")
    assert not out.exists()


def test_training_in_less_than_the_program_itself_takes_is_refused_at_once(balls, tmp_path, cli):
    status, _, err = cli("train", balls, "-o", tmp_path / "run", "--memory", "500MiB")
    assert status == 1 and "error E310" in err and "500 MiB" in err and "Traceback" not in err
    assert not (tmp_path / "run" / "check.json").exists()


class Scales:
    """A watch that weighs this process whenever it is told of a step: its resident set size, for the proportional one
    changes whenever another program that has loaded torch begins or ends."""

    def __init__(self):
        self.bytes_at = {}

    def moved(self, step, total, row):
        self.bytes_at[step] = psutil.Process().memory_info().rss

    def heard(self, row):
        pass

    def close(self):
        pass


def test_memory_is_flat_over_a_thousand_steps(balls, tmp_path):
    sets = ("train.steps=1000", "plan.width=4", "plan.batch=2", "plan.patch=[8,8,8]", "train.precision=fp32")
    scales = Scales()
    steps.train(balls, tmp_path / "run", load_config(sets=sets), watch=scales)
    early = [v for step, v in scales.bytes_at.items() if 300 <= step < 500]  # a validation lies before
    late = [v for step, v in scales.bytes_at.items() if step > 800]
    assert max(scales.bytes_at) == 1000 and len(late) >= 20
    assert abs(max(late) / max(early) - 1) <= 0.02
