"""The whole way on a graphics card, where there is one that torch can use."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest
import torch

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that torch can use")
SETS = ("device=cuda", "train.steps=60", "plan.width=8", "plan.batch=2", "plan.patch=[16,16,16]")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_it_trains_there_and_predicts_the_same_anywhere(balls, tmp_path, cli, precision):
    run, scan = tmp_path / "run", balls / "images" / "c0.nii.gz"
    sets = [part for each in (*SETS, f"train.precision={precision}") for part in ("--set", each)]
    status, _, err = cli("train", balls, "-o", run, "--time", "none", *sets)
    assert status == 0, err
    summary = json.loads((run / "summary.json").read_text())
    assert summary["device"].startswith("cuda") and summary["precision"] == precision
    masks = []
    for device in ("cuda", "cpu"):
        out = tmp_path / f"{device}.nii.gz"
        status, _, err = cli("predict", run, scan, "-o", out, "--device", device)
        assert status == 0, err
        masks.append(np.asarray(nib.load(out).dataobj))
    assert (masks[0] != masks[1]).mean() < 0.01


def test_a_run_from_there_is_taken_up_here(balls, tmp_path, cli):
    """A checkpoint belongs to no device."""
    run = tmp_path / "run"
    few = [part for each in SETS for part in ("--set", each)]
    status, _, err = cli("train", balls, "-o", run, "--time", "none", *few)
    assert status == 0, err
    status, _, err = cli("train", balls, "-o", run, "--resume", "--set", "device=cpu")
    assert status == 0, err
