"""Networks of their own size, from a folder of scans to masks."""

from __future__ import annotations

import csv
import json

import nibabel as nib
import numpy as np
import pytest

from delineate import steps
from delineate.config import load_config
from delineate.plan.plan import Plan

SETS = ("train.steps=4", "train.precision=fp32", "patches.workers=0")


@pytest.mark.parametrize(
    ("net", "options", "dims"),
    [
        ("miniseg", {"widths": [4, 8, 8, 12]}, 3),  # with side outputs
        ("infnet", {"backbone": "resnet10", "width": 8, "deep_width": 16, "backbone_options": {"width": 8}}, 2),
        ("psanet", {"backbone": "resnet10", "width": 8, "mask": 7, "backbone_options": {"width": 8}}, None),
    ],
)
def test_a_network_of_the_zoo_is_planned_trained_and_predicts(balls, tmp_path, net, options, dims):
    asked = [f"plan.net={net}", f"plan.net_options={_toml(options)}", "plan.batch=2"]
    asked += [f"plan.dims={dims}"] if dims else []
    result = steps.train(balls, tmp_path / "run", load_config(sets=(*SETS, *asked)))
    plan = Plan.load(tmp_path / "run" / "plan.json")
    assert result.complete and plan.stages[0].net.options == options
    assert plan.dims == (dims or 2), "psanet is flat, so the scans are sliced"
    (mask,) = steps.predict(tmp_path / "run", balls / "images" / "c0.nii.gz", tmp_path / "m.nii.gz")
    scan = nib.load(balls / "images" / "c0.nii.gz")
    assert nib.load(mask).shape == scan.shape and np.array_equal(nib.load(mask).affine, scan.affine)
    card = json.loads((tmp_path / "run" / "folds" / "0" / "best.json").read_text())["card"]
    assert card["plan"]["stages"][0]["net"] == {"name": net, "options": options}


def test_a_network_that_needs_a_lower_rate_is_trained_at_it(balls, tmp_path):
    options = {"width": 8, "depths": [1, 2], "heads": [1, 2], "window": 3}
    for rate, sets in ((2e-4, ()), (3e-3, ("train.learning_rate=0.003",))):
        asked = (
            "plan.net=swinunet",
            f"plan.net_options={_toml(options)}",
            "plan.batch=2",
            "train.schedule=poly",
            *sets,
        )
        run = tmp_path / f"run{rate}"
        steps.train(balls, run, load_config(sets=(*SETS, *asked)))
        lines = (run / "folds" / "0" / "metrics.csv").read_text().splitlines()
        rates = [float(row["lr"]) for row in csv.DictReader(lines) if row["lr"]]
        assert rates == [pytest.approx(1e-4 * rate)], "the schedule ends at a ten-thousandth of its top"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)
