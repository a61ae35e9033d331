"""What every check signs: it yields problems of its own name, with a case, a cause and a fix, and never raises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import CHECKS, Problem, survey_facts
from delineate.dataset.measure import measure_cases

LABELS = Labels.exclusive({1: "organ"})


def nifti(path: Path, array: np.ndarray, shift: float = 0.0) -> Path:
    affine = np.eye(4)
    affine[0, 3] = shift
    nibabel.save(nibabel.Nifti1Image(array, affine), path)
    return path


def case(root: Path, k: int, image: np.ndarray | None = None, mask: np.ndarray | None = None) -> Case:
    ordinary = np.random.default_rng(k).normal(size=(8, 8, 8)).astype(np.float32)
    box = np.zeros((8, 8, 8), np.uint8)
    box[2:5, 2:5, 2:5] = 1
    return Case(
        name=f"c{k}",
        images=(nifti(root / f"i{k}.nii", ordinary if image is None else image),),
        label=nifti(root / f"m{k}.nii", box if mask is None else mask),
    )


def dataset(root: Path, cases: list[Case], labels: Labels | None = LABELS) -> Dataset:
    return Dataset(root=root, layout="test", channels=("image",), cases=tuple(cases), labels=labels)


def ask(name: str, data: Dataset) -> list[Problem]:
    return list(CHECKS[name](survey_facts(data, measure_cases(data))))


def truncated(root: Path) -> Dataset:
    bad = case(root, 0)
    bad.images[0].write_bytes(bad.images[0].read_bytes()[:400])
    return dataset(root, [bad])


def soft(root: Path) -> Dataset:
    y, x = np.mgrid[:40, :40]
    grey = np.clip(127 - (np.hypot(y - 20, x - 20) - 12) * 80, 0, 255).astype(np.uint8)[..., None]
    return dataset(root, [case(root, 0, np.random.default_rng(0).normal(size=(40, 40, 1)), grey)], None)


def saved_again(root: Path) -> Dataset:
    """A scan, and the same on another scale with a little noise."""
    rng = np.random.default_rng(0)
    mask = np.zeros((16, 16, 16), np.uint8)
    mask[4:8, 4:8, 4:8] = 1
    image = rng.normal(0, 7, mask.shape)
    images = (image, 100 + 3 * image + rng.normal(0, 0.1, mask.shape))
    return dataset(root, [case(root, k, i.astype(np.float32), mask) for k, i in enumerate(images)])


ordinary_box = np.zeros((8, 8, 8), np.uint8)
BAD: dict[str, Callable[[Path], Dataset]] = {
    "readable": truncated,
    "mask_type": lambda r: dataset(r, [case(r, 0, mask=np.full((8, 8, 8), 0.5, np.float32))]),
    "finite": lambda r: dataset(r, [case(r, 0, image=np.full((8, 8, 8), np.inf, np.float32))]),
    "place": lambda r: dataset(r, [case(r, 0, mask=np.ones((8, 8, 7), np.uint8))]),
    "channels": lambda r: dataset(r, [case(r, 0, image=np.ones((8, 8, 8, 3), np.float32))]),
    "paired": lambda r: dataset(r, [case(r, 0).model_copy(update={"label": None})]),
    "values": lambda r: dataset(r, [case(r, 0, mask=np.full((8, 8, 8), 9, np.uint8))]),
    "meaning": lambda r: dataset(r, [case(r, 0, mask=np.full((8, 8, 8), 9, np.uint8))], None),
    "greys": soft,
    "marked": lambda r: dataset(r, [case(r, 0, mask=ordinary_box), case(r, 1)]),
    "constant": lambda r: dataset(r, [case(r, 0, image=np.ones((8, 8, 8), np.float32))]),
    "duplicate": lambda r: dataset(r, [case(r, 0), case(r, 0).model_copy(update={"name": "copy"})]),
    "near_duplicate": saved_again,
    "rare": lambda r: dataset(r, [case(r, 0)]),
    "sides": lambda r: dataset(r, [case(r, 0)], Labels.exclusive({1: "left kidney", 2: "right kidney"})),
}


def test_every_check_has_its_bad_data_set() -> None:
    assert set(BAD) == set(CHECKS.names())


@pytest.mark.parametrize("name", CHECKS.names())
def test_it_says_what_it_does(name: str) -> None:
    assert CHECKS[name].__doc__


@pytest.mark.parametrize("name", CHECKS.names())
def test_good_data_passes(name: str, tmp_path: Path) -> None:
    assert ask(name, dataset(tmp_path, [case(tmp_path, k) for k in range(5)])) == []


@pytest.mark.parametrize("name", CHECKS.names())
def test_bad_data_is_told_with_a_fix(name: str, tmp_path: Path) -> None:
    problems = ask(name, BAD[name](tmp_path))
    assert problems
    for problem in problems:
        assert problem.check == name
        assert problem.what
        assert problem.fix


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", CHECKS.names())
def test_it_bears_the_bad_data_of_the_others(name: str, bad: str, tmp_path: Path) -> None:
    assert all(p.check == name for p in ask(name, BAD[bad](tmp_path)))


@pytest.mark.parametrize("name", CHECKS.names())
def test_it_bears_an_empty_data_set(name: str, tmp_path: Path) -> None:
    ask(name, dataset(tmp_path, []))
    ask(name, dataset(tmp_path, [], None))
