"""Tiny data sets with a ball or a disc to find, and one training of each kind for the whole session."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

SETS = ("train.steps=6", "plan.width=4", "plan.batch=2", "train.precision=fp32", "patches.workers=0")
SETS_3D = (*SETS, "plan.patch=[16,16,16]")
SETS_2D = (*SETS, "plan.patch=[16,16]", "plan.dims=2")


def ball(seed: int, shape: tuple[int, ...] = (24, 24, 24), radius: float = 5.0):
    """A noisy image (float32) and the mask (uint8) of a bright ball at a drawn place."""
    rng = np.random.default_rng(seed)
    centre = [rng.uniform(0.4 * n, 0.6 * n) for n in shape]
    distance2 = sum((g - c) ** 2 for g, c in zip(np.indices(shape), centre, strict=True))
    mask = (distance2 < radius**2).astype(np.uint8)
    return (rng.normal(0, 10, shape) + 100 * mask).astype(np.float32), mask


def save_nifti(path: Path, array, affine=None, codes: tuple[int, int] = (1, 1)) -> Path:
    """Write x, y, z ordered voxels with nibabel, an implementation independent of ours."""
    import nibabel as nib

    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.eye(4) if affine is None else affine
    image = nib.Nifti1Image(array, affine)
    image.set_sform(affine, codes[0])
    image.set_qform(affine, codes[1])
    nib.save(image, path)
    return path


def make_balls(root: Path, cases: int = 6, shape: tuple[int, ...] = (24, 24, 24)) -> Path:
    """A folder with ``images`` and ``labels``."""
    for i in range(cases):
        image, mask = ball(i, shape)
        save_nifti(root / "images" / f"c{i}.nii.gz", image)
        save_nifti(root / "labels" / f"c{i}.nii.gz", mask)
    return root


def make_discs(root: Path, cases: int = 6) -> Path:
    """Colour pictures with a disc, PNG."""
    from PIL import Image

    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for i in range(cases):
        image, mask = ball(i, (32, 40), 8.0)
        grey = np.clip(image + 60, 0, 255).astype(np.uint8)
        Image.fromarray(np.stack([grey, grey // 2, 255 - grey], -1)).save(root / "images" / f"p{i}.png")
        Image.fromarray(mask * 255).save(root / "labels" / f"p{i}.png")
    return root


def make_two_channels(root: Path, cases: int = 5) -> Path:
    """A folder per case with two sequences and a mask."""
    for i in range(cases):
        image, mask = ball(i)
        save_nifti(root / f"case{i}" / f"case{i}_t1.nii.gz", image)
        save_nifti(root / f"case{i}" / f"case{i}_flair.nii.gz", (200 - image).astype(np.float32))
        save_nifti(root / f"case{i}" / f"case{i}_seg.nii.gz", mask)
    return root


def make_regions(root: Path, cases: int = 5) -> Path:
    """nnU-Net raw: nested regions of value 1 (rim) and 2 (core), and 3 to be ignored."""
    for i in range(cases):
        image, mask = ball(i, radius=7.0)
        inner = ball(i, radius=4.0)[1]
        label = (mask + inner).astype(np.uint8)
        label[:2] = 3
        save_nifti(root / "imagesTr" / f"r{i}_0000.nii.gz", image + 50 * inner)
        save_nifti(root / "labelsTr" / f"r{i}.nii.gz", label)
    facts = {
        "channel_names": {"0": "MRI"},
        "labels": {"background": 0, "whole": [1, 2], "core": [2], "ignore": 3},
        "regions_class_order": [1, 2],
        "numTraining": cases,
        "file_ending": ".nii.gz",
    }
    (root / "dataset.json").write_text(json.dumps(facts))
    return root


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    import torch

    torch.set_num_threads(1)


def run_training(data: Path, out: Path, sets: tuple[str, ...]) -> Path:
    """Train with the Python API; the run folder."""
    from delineate import steps
    from delineate.config import load_config

    result = steps.train(data, out, load_config(sets=sets))
    assert result.complete and result.report is not None and result.report.exists()
    assert result.steps == 6
    return out


@pytest.fixture(scope="session")
def balls(tmp_path_factory) -> Path:
    return make_balls(tmp_path_factory.mktemp("balls") / "data")


@pytest.fixture(scope="session")
def balls_run(balls) -> Path:
    return run_training(balls, balls.parent / "run", SETS_3D)


@pytest.fixture(scope="session")
def slices_run(balls) -> Path:
    return run_training(balls, balls.parent / "run2d", SETS_2D)


@pytest.fixture(scope="session", params=["false", "true"], ids=["2.5D", "triplanar"])
def slabs_run(balls, request) -> Path:
    sets = (*SETS_2D, "plan.dims=2.5", "plan.slices=3", f"plan.triplanar={request.param}")
    return run_training(balls, balls.parent / f"run25-{request.param}", sets)


@pytest.fixture(scope="session")
def discs_run(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("discs")
    return run_training(make_discs(root / "data"), root / "run", (*SETS, "plan.patch=[16,16]"))


@pytest.fixture(scope="session")
def channels_run(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("channels")
    return run_training(make_two_channels(root / "data"), root / "run", SETS_3D)


@pytest.fixture(scope="session")
def regions_run(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("regions")
    return run_training(make_regions(root / "data"), root / "run", SETS_3D)


@pytest.fixture(scope="session")
def make():
    """The functions above, for tests that spoil what they make."""

    class Make:
        ball = staticmethod(ball)
        nifti = staticmethod(save_nifti)
        balls = staticmethod(make_balls)
        discs = staticmethod(make_discs)
        two_channels = staticmethod(make_two_channels)
        regions = staticmethod(make_regions)
        sets = SETS_3D

    return Make


@pytest.fixture
def kill_at():
    """``kill_at(process, card, step)`` kills without a chance to tidy up, once there is a checkpoint of this step or a
    later one; the step it is of. ``settle_s`` is how long children are given to end with their parent."""

    def kill(process: subprocess.Popen[bytes], card: Path, step: int, settle_s: float = 0.0) -> int:
        until = time.monotonic() + 300
        while time.monotonic() < until and process.poll() is None:
            if card.exists() and json.loads(card.read_text())["card"]["state"]["step"] >= step:
                break
            time.sleep(0.002)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
        time.sleep(settle_s)
        return int(json.loads(card.read_text())["card"]["state"]["step"])

    return kill
