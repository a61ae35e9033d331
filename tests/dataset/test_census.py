from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from delineate.core.errors import LabelError
from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.census import count_values, grey_values, infer_labels, take_census
from delineate.dataset.measure import measure_cases


def mask_of(*values: int) -> np.ndarray:
    """A mask (x, y, z) that holds each value in one or more voxels."""
    return np.resize(np.array(values, np.int16), (4, 4, 4))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32])
@pytest.mark.parametrize("low", [0, -3, 70_000])
def test_counts_are_those_of_unique(dtype: type, low: int) -> None:
    if low + 5 > np.iinfo(dtype).max or low < np.iinfo(dtype).min:
        return
    array = np.random.default_rng(0).integers(low, low + 5, (3, 4, 5)).astype(dtype)
    values, counts = np.unique(array, return_counts=True)
    assert count_values(array) == (tuple(values), tuple(counts))


@pytest.mark.parametrize(
    ("held", "file_values"),
    [((0, 1), (0, 1)), ((0, 255), (0, 255)), ((0, 2, 3), (0, 2, 3)), ((0, 127, 255), (0, 127, 255))],
)
def test_each_value_is_a_class(
    dataset_of: Callable[..., Dataset], held: tuple[int, ...], file_values: tuple[int, ...]
) -> None:
    data = dataset_of([(np.ones((4, 4, 4), np.int16), mask_of(*held))])
    labels = infer_labels(measure_cases(data))
    assert labels.file_values == file_values
    assert (labels.decode(labels.encode(mask_of(*held))) == mask_of(*held)).all()


@pytest.mark.parametrize("held", [(0,), (1, 2), (-1, 0, 1), (0, 1, 2, 255)])
def test_unclear_masks_are_refused(dataset_of: Callable[..., Dataset], held: tuple[int, ...]) -> None:
    data = dataset_of([(np.ones((4, 4, 4), np.int16), mask_of(*held))])
    with pytest.raises(LabelError) as caught:
        infer_labels(measure_cases(data))
    assert caught.value.fix


def test_census_names_cases_and_voxels(dataset_of: Callable[..., Dataset]) -> None:
    image = np.ones((4, 4, 4), np.int16)
    data = dataset_of([(image, mask_of(0)), (image, mask_of(0, 1)), (image, mask_of(0, 7))])
    labels = Labels.exclusive({1: "liver"})
    told = {c.value: (c.name, c.cases, c.voxels, c.example) for c in take_census(measure_cases(data), labels)}
    assert told == {
        0: ("background", 3, 128, "case0"),
        1: ("liver", 1, 32, "case1"),
        7: ("not declared", 1, 32, "case2"),
    }


def test_numbered_objects_are_one_class(tmp_path: Path) -> None:
    root = tmp_path
    cases = []
    for k in range(3):
        mask = np.zeros((20, 20), np.uint16)
        mask[::2, ::2] = np.arange(1, 101).reshape(10, 10)
        Image.fromarray(mask).save(root / f"m{k}.png")
        Image.fromarray(np.random.default_rng(k).integers(0, 255, (20, 20)).astype(np.uint8)).save(root / f"i{k}.png")
        cases.append(Case(name=str(k), images=(root / f"i{k}.png",), label=root / f"m{k}.png"))
    labels = infer_labels(measure_cases(Dataset(root=root, layout="t", channels=("grey",), cases=tuple(cases))))
    assert labels.instances
    assert labels.file_values == (0, 1)
    ids = labels.encode(mask)
    assert (ids == (mask > 0)).all()
    assert (labels.decode(ids) == ids).all()
    with pytest.raises(LabelError):
        labels.encode(np.array([0.5, 1.0]))
    with pytest.raises(LabelError):
        labels.encode(np.array([-1, 1]))


def test_soft_borders_are_told_from_classes() -> None:
    y, x = np.mgrid[:64, :64]
    distance = np.hypot(y - 32, x - 32) - 20
    soft = np.clip(127 - distance * 80, 0, 255).astype(np.uint8)[None]
    hard = np.where(distance < -8, 255, np.where(distance < 0, 127, 0)).astype(np.uint8)[None]
    classes = (np.arange(64 * 64).reshape(1, 64, 64) // 200).astype(np.uint8)
    assert grey_values(soft, *count_values(soft))
    assert not grey_values(hard, *count_values(hard))
    assert not grey_values(classes, *count_values(classes))
