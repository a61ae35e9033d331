"""Headers first, then voxels, of one file of a case at a time."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from delineate.core.volume import Volume
from delineate.dataset import measure
from delineate.dataset.case import Dataset


def several(dataset_of: Callable[..., Dataset], cases: int = 3, files: int = 3) -> Dataset:
    """Cases of several channel files and a mask each."""
    scan, mask = np.random.default_rng(0).normal(size=(6, 7, 8)).astype(np.float32), np.zeros((6, 7, 8), np.uint8)
    mask[2:4, 2:4, 2:4] = 1
    data = dataset_of([(scan + k, mask) for k in range(cases * files)], channels=("a", "b", "c")[:files])
    joined = tuple(
        data.cases[k].model_copy(update={"images": tuple(c.images[0] for c in data.cases[k : k + files])})
        for k in range(0, cases * files, files)
    )
    return data.model_copy(update={"cases": joined})


def test_every_header_is_read_before_the_first_voxel(
    dataset_of: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    for name in ("read_head", "read_volume", "read_label"):
        real = getattr(measure, name)
        monkeypatch.setattr(measure, name, lambda what, real=real, name=name: (told.append(name), real(what))[1])
    measure.measure_cases(several(dataset_of))
    assert told == ["read_head"] * 3 + ["read_label", *["read_volume"] * 3] * 3


def test_one_file_of_a_case_is_in_memory_at_a_time(
    dataset_of: Callable[..., Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The voxels of a file are gone when the next is read, and those of a case when the next one begins."""
    read, alive = measure.read_volume, list[int]()
    seen: list[weakref.ref[np.ndarray]] = []

    def watched(path: Path) -> Volume:
        alive.append(sum(ref() is not None for ref in seen))
        volume = read(path)
        seen.append(weakref.ref(volume.array_czyx))
        return volume

    monkeypatch.setattr(measure, "read_volume", watched)
    measure.measure_cases(several(dataset_of))
    assert alive == [0] * 9
    assert all(ref() is None for ref in seen)
