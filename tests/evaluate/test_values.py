"""Values of masks, and the labels they mean."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from delineate.core.errors import LabelError
from delineate.evaluate.values import labels_of, one_sided, values_of


def save(path: Path, array: np.ndarray) -> Path:
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), path)
    return path


def test_values_are_those_of_numpy(tmp_path: Path) -> None:
    array = np.random.default_rng(0).choice([0, 3, 4, 200], (5, 6, 7)).astype(np.uint8)
    assert values_of(save(tmp_path / "a.nii.gz", array)) == set(np.unique(array).tolist()) - {0}


def test_a_scan_is_no_mask(tmp_path: Path) -> None:
    scan = save(tmp_path / "a.nii.gz", np.arange(2000, dtype=np.int16).reshape(10, 10, 20))
    with pytest.raises(LabelError, match="1999 values"):
        values_of(scan)
    with pytest.raises(LabelError, match="1998 values"):
        labels_of([frozenset(range(2, 1000)), frozenset(range(1000, 2000))])


def test_names() -> None:
    assert labels_of([frozenset({255})]).names == ("foreground",)
    assert labels_of([frozenset({4}), frozenset({1, 4})]).names == ("label 1", "label 4")
    with pytest.raises(LabelError, match="nothing but background"):
        labels_of([frozenset()])


def test_values_of_one_side() -> None:
    assert one_sided([frozenset({1, 2})], [frozenset({2}), frozenset({3})]) == (
        "only in the predictions: label 1",
        "only in the truth: label 3",
    )
    assert one_sided([frozenset({1})], [frozenset({1})]) == ()
