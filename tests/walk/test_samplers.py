"""Every sampler trains, in two and three dimensions, on cases of awkward shapes; what it drew is counted."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from delineate.patches.sampler import SAMPLERS

SETS = ("train.steps=6", "plan.width=4", "plan.batch=2", "train.precision=fp32", "patches.workers=0")
SETS_3D = (*SETS, "plan.patch=[16,16,16]")


def trained(data: Path, out: Path, *sets: str) -> dict:
    """The summary of a run."""
    from delineate import steps
    from delineate.config import load_config

    assert steps.train(data, out, load_config(sets=sets)).complete
    return json.loads((out / "summary.json").read_text())


def drawn(summary: dict) -> dict[str, int]:
    return {d["aim"]: d["drawn"] for d in summary["draws"]}


@pytest.fixture(scope="module")
def maps(balls, make, tmp_path_factory) -> Path:
    """The distance to a corner for each case."""
    folder = tmp_path_factory.mktemp("maps")
    for path in (balls / "images").iterdir():
        make.nifti(folder / path.name, np.indices((24, 24, 24)).sum(0).astype(np.float32))
    return folder


RUNS = [(n, (24, 24) if n == "slice" else (16, 16, 16)) for n in SAMPLERS.names()]


@pytest.mark.parametrize(("name", "patch"), RUNS, ids=SAMPLERS.names())
def test_every_sampler_trains_and_is_counted(balls, maps, tmp_path, name, patch):
    dims = f"plan.dims={len(patch)}"
    sets = (*SETS, f"plan.patch={list(patch)}", dims, f"patches.sampler={name}", f"patches.weights={maps}")
    summary = trained(balls, tmp_path / "run", *sets)
    assert sum(drawn(summary).values()) == summary["patches"] == 12
    assert "What patches were drawn for" in (tmp_path / "run" / "report.html").read_text()
    assert "patches drawn:" in (tmp_path / "run" / "log.txt").read_text()


def test_hard_draws_begin_after_a_validation(balls, tmp_path):
    counts = drawn(trained(balls, tmp_path / "run", *SETS_3D, "train.steps=60", "patches.sampler=hard"))
    assert counts["where validation was wrong"] > 5
    assert len(list((tmp_path / "run" / "folds" / "0" / "mistakes").glob("*.npz"))) == 4


def test_stated_shares_are_drawn(balls, tmp_path):
    shares = ("patches.sampler=balanced", "patches.class_shares.background=0.9", "train.steps=40")
    counts = drawn(trained(balls, tmp_path / "run", *SETS_3D, *shares))
    assert counts["background"] > 55 and sum(counts.values()) == 80


def test_a_map_of_zeros_is_told_before_the_first_step(cli, balls, maps, make, tmp_path):
    for path in maps.iterdir():
        make.nifti(tmp_path / "maps" / path.name, np.zeros((24, 24, 24), np.float32))
    knobs = [
        w for s in (*SETS_3D, "patches.sampler=weighted", f"patches.weights={tmp_path / 'maps'}") for w in ("--set", s)
    ]
    status, _, err = cli("train", balls, "-o", tmp_path / "run", *knobs)
    assert status == 1 and "0 everywhere" in err and "Traceback" not in err
    assert not (tmp_path / "run" / "folds" / "0" / "last.safetensors").exists()


def test_missing_maps_are_told_before_anything_is_prepared(cli, balls, make, tmp_path):
    knobs = [w for s in (*SETS_3D, "patches.sampler=weighted") for w in ("--set", s)]
    for more in ([], ["--set", f"patches.weights={tmp_path}"]):
        status, _, err = cli("train", balls, "-o", tmp_path / f"run{len(more)}", *knobs, *more)
        assert status == 1 and "probability map" in err and "Traceback" not in err
        assert not (tmp_path / f"run{len(more)}" / "prepared").exists()


def test_shares_of_a_class_that_is_not_there_are_told_before_anything_is_prepared(cli, balls, tmp_path):
    knobs = [w for s in (*SETS_3D, "patches.class_shares.livr=0.5") for w in ("--set", s)]
    status, _, err = cli("train", balls, "-o", tmp_path / "run", *knobs)
    assert status == 1 and "livr" in err and "Traceback" not in err
    assert not (tmp_path / "run" / "prepared").exists()


SMALL = [(3, (24, 24, 5)), (3, (24, 5, 5)), (3, (5, 5, 5)), (2, (24, 5, 24)), (2, (1, 1, 30)), (3, (30, 1, 1))]


@pytest.mark.parametrize(("dims", "shape"), SMALL)
def test_cases_smaller_than_the_patch(make, tmp_path, shape, dims):
    for i in range(4):
        image = np.random.default_rng(i).normal(0, 10, shape).astype(np.float32)
        mask = np.zeros(shape, np.uint8)
        mask[tuple(n // 2 for n in shape)] = 1
        make.nifti(tmp_path / "data" / "images" / f"c{i}.nii.gz", image + 100 * mask)
        make.nifti(tmp_path / "data" / "labels" / f"c{i}.nii.gz", mask)
    patch = f"plan.patch={[16] * dims}"
    summary = trained(tmp_path / "data", tmp_path / "run", *SETS, patch, f"plan.dims={dims}")
    assert sorted(drawn(summary).values()) == [6, 6] and drawn(summary)["anywhere"] == 6


def test_one_voxel_of_a_class(balls, make, tmp_path):
    for i in range(4):
        image, mask = make.ball(i)
        mask[23, 0, 23] = 2
        make.nifti(tmp_path / "data" / "images" / f"c{i}.nii.gz", image)
        make.nifti(tmp_path / "data" / "labels" / f"c{i}.nii.gz", mask)
    summary = trained(tmp_path / "data", tmp_path / "run", *SETS_3D, "patches.foreground=1.0")
    counts = drawn(summary)
    assert len([a for a in counts if a.startswith("around")]) == 2 and counts["anywhere"] == 0


class StopsAt:
    """A watch that asks the run to stop once ``step`` is done."""

    def __init__(self, step: int) -> None:
        self.step = step

    def heard(self, row) -> None:
        pass

    def moved(self, step, total, row) -> None:
        if step >= self.step:
            self.step = total + 1
            os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.skipif(os.name != "posix", reason="signals are not delivered like that here")
@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_resumed_run_draws_where_the_uninterrupted_one_would_have(balls, tmp_path, accumulate):
    from safetensors.numpy import load_file

    from delineate import steps
    from delineate.config import load_config

    sets = (*SETS_3D, "train.steps=40", "patches.sampler=hard", "patches.hard=0.8", f"train.accumulate={accumulate}")
    trained(balls, tmp_path / "straight", *sets)
    broken = tmp_path / "broken"
    assert not steps.train(balls, broken, load_config(sets=sets), watch=StopsAt(22)).complete
    assert steps.train(balls, broken, load_config(sets=sets), resume=True).complete
    a, b = (load_file(run / "folds" / "0" / "last.safetensors") for run in (tmp_path / "straight", broken))
    assert [k for k in a if a[k].tobytes() != b[k].tobytes()] == []
