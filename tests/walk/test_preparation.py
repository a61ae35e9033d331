"""What a person asks of the preparation is done in training, kept by the checkpoint and done again in prediction."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from delineate import steps
from delineate.config import load_config
from delineate.core.errors import UnknownNameError
from delineate.plan.plan import Plan
from delineate.store.entry import Entry

SETS = (
    "train.steps=4", "plan.width=4", "plan.batch=2", "plan.patch=[16,16,16]", "train.precision=fp32",
    "patches.workers=0", "folds=2", "near_duplicates=allow",
)  # fmt: skip


def chest(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A CT of two lungs in a body in air, x y z, and the mask of a lesion."""
    rng = np.random.default_rng(seed)
    x, y, z = np.meshgrid(np.arange(40), np.arange(36), np.arange(24), indexing="ij")
    hu = np.where(((x - 18) / 14) ** 2 + ((y - 16) / 11) ** 2 <= 1, 40.0, -1000.0)
    for centre in (12, 24):
        hu[((x - centre) / 5) ** 2 + ((y - 16) / 7) ** 2 + ((z - 12) / 9) ** 2 <= 1] = -800
    lesion = (x - 12) ** 2 + (y - 16) ** 2 + (z - rng.integers(9, 15)) ** 2 <= 9
    hu[lesion] = 60
    return (hu + rng.normal(0, 10, hu.shape)).astype(np.int16), lesion.astype(np.uint8)


@pytest.fixture(scope="module")
def chests(make, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("chests")
    for n in range(4):
        image, mask = chest(n)
        make.nifti(root / "images" / f"c{n}.nii.gz", image, np.diag([4.0, 4.0, 4.0, 1.0]))
        make.nifti(root / "labels" / f"c{n}.nii.gz", mask, np.diag([4.0, 4.0, 4.0, 1.0]))
    return root


def test_a_lung_crop_and_a_window(chests, make, tmp_path):
    run = tmp_path / "run"
    sets = (*SETS, "prepare.crop=lung", "prepare.crop_margin_mm=5", "plan.normaliser=window:lung")
    assert steps.train(chests, run, load_config(sets=sets)).complete
    plan = Plan.load(run / "plan.json")
    assert (plan.crop, plan.crop_margin_mm, plan.normalisers[0].name) == ("lung", 5.0, "window")
    for card in (run / "prepared").glob("*/case.json"):
        trace = Entry.load(card).trace
        assert np.prod(trace.crop_shape) < 0.7 * np.prod(trace.original.shape)
    affine = np.array([[0, 3.9, 0.6, 7], [-4, 0, 0, 3], [0, -0.6, 3.9, -9], [0, 0, 0, 1.0]])
    scan = make.nifti(tmp_path / "turned.nii.gz", chest(9)[0], affine)
    (mask,) = steps.predict(run, scan, tmp_path / "mask.nii.gz")
    made = nib.load(mask)
    assert made.shape == (40, 36, 24) and made.affine.tobytes() == nib.load(scan).affine.tobytes()


def test_bias_correction_and_nyul(balls, make, tmp_path):
    run = tmp_path / "run"
    sets = (*SETS, "prepare.n4=true", "plan.normaliser=nyul", "limit_cases=4")
    assert steps.train(balls, run, load_config(sets=sets)).complete
    plan = Plan.load(run / "plan.json")
    assert plan.n4 == plan.channels and len(plan.normalisers[0].numbers) == 11
    scan = balls / "images" / "c0.nii.gz"
    (mask,) = steps.predict(run, scan, tmp_path / "mask.nii.gz")
    assert nib.load(mask).shape == nib.load(scan).shape


@pytest.mark.parametrize("wrong", ["plan.normaliser=windw", "plan.normaliser=window:kidney", "prepare.crop=lungs"])
def test_unknown_names_are_refused_before_any_work(balls, tmp_path, wrong):
    with pytest.raises(UnknownNameError):
        steps.train(balls, tmp_path / "run", load_config(sets=(*SETS, wrong)))
    assert not (tmp_path / "run").exists()
