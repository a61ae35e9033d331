"""Memory is a promise: told beside what was expected, never passed, and flat however long the training."""

from __future__ import annotations

import csv
import json

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


def test_the_peak_is_flat_over_a_thousand_steps(balls, tmp_path):
    sets = ("train.steps=1000", "plan.width=4", "plan.batch=1", "plan.patch=[8,8]", "plan.dims=2")
    knobs = (*sets, "train.precision=fp32", "patches.workers=0", "plan.deep_supervision=false", "patches.augment=false")
    steps.train(balls, tmp_path / "run", load_config(sets=knobs))
    with (tmp_path / "run" / "folds" / "0" / "metrics.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["phase"] == "train"]
    early = next(float(r["memory_gib"]) for r in rows if int(r["step"]) >= 400)  # after the first validation
    assert int(rows[-1]["step"]) == 1000
    assert float(rows[-1]["memory_gib"]) <= 1.02 * early
