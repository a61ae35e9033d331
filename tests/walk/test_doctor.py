"""A data set that can be learnt is well; one whose masks were moved is told."""

from __future__ import annotations

import json
import shutil

import nibabel
import numpy as np

SETS = ("plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32", "train.steps=5")


def ask(cli, data, *more):
    code, told, error = cli("doctor", data, "--steps", 60, *(w for s in SETS for w in ("--set", s)), *more)
    return code, told + error


def test_what_can_be_learnt_is_well(balls, cli):
    code, told = ask(cli, balls, "--json")
    found = json.loads(told)
    assert code == 0 and found["ok"]
    assert {f["name"]: f["state"] for f in found["findings"]} == {
        "masks lie on the images": "ok", "training and prediction see the same": "ok",
        "augmentation keeps what matters": "ok", "the loss prefers the right answer": "ok",
        "one batch is learnt by heart": "ok", "something is predicted": "ok",
    }  # fmt: skip
    assert len(found["losses"]) == 60 and found["losses"][-1] < found["losses"][0]


def test_masks_that_were_moved_are_told(balls, tmp_path, cli):
    moved = shutil.copytree(balls, tmp_path / "moved")
    for path in (moved / "labels").iterdir():
        mask = nibabel.load(path)
        rolled = np.roll(np.asarray(mask.dataobj), 3, axis=1)
        nibabel.save(nibabel.Nifti1Image(rolled, mask.affine, mask.header), path)
    code, told = ask(cli, moved, "--seconds", 0)
    assert code == 1 and "failed  masks lie on the images: in 6 of 6 cases" in told
    assert "in 6 of them by (0, -3, 0)" in told or "in 6 of them by (0, 3, 0)" in told
    assert "to do: look at those cases" in told


def test_slabs_are_not_said_to_be_what_they_were_not_compared_with(balls, cli):
    told = ask(cli, balls, "--json", "--seconds", 0, "--set", "plan.dims=2.5", "--set", "plan.patch=[16,16]")[1]
    names = [f["name"] for f in json.loads(told)["findings"]]
    assert "training and prediction see the same" not in names and "something is predicted" in names
