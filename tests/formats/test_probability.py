"""Probabilities in 16 bits that every reader sees as numbers from 0 to 1."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import read_volume
from delineate.formats.probability import to_stored, write_probability

AFFINE = np.array([[-0.7, 0, 0, 3], [0, 0, 2.5, 4], [0, 0.8, 0, 5], [0, 0, 0, 1.0]])


def test_comes_back_as_probability_in_any_reader(tmp_path: Path) -> None:
    scan = tmp_path / "scan.nii.gz"
    nib.save(nib.Nifti1Image(np.zeros((4, 5, 6), np.int16), AFFINE), scan)
    p = np.random.default_rng(0).random((1, 6, 5, 4)).astype(np.float32)
    p[0, 0, 0, :2] = 0, 1
    write_probability(tmp_path / "p.nii.gz", read_volume(scan).with_array(to_stored(p)))
    ours, theirs = read_volume(tmp_path / "p.nii.gz"), nib.load(tmp_path / "p.nii.gz")
    assert ours.array_czyx.dtype == np.float32
    assert np.abs(ours.array_czyx - p).max() < 1e-5
    assert ours.array_czyx[0, 0, 0, :2].tolist() == [0, 1]
    assert np.abs(theirs.get_fdata().T - p[0]).max() < 1e-5
    assert np.array_equal(theirs.affine, nib.load(scan).affine)
    assert theirs.get_data_dtype() == np.uint16


def test_only_what_was_made_for_it(tmp_path: Path) -> None:
    volume = Volume(np.zeros((1, 2, 2, 2), np.float32), Geometry(shape=(2, 2, 2)))
    with pytest.raises(FormatError, match="float32"):
        write_probability(tmp_path / "p.nii.gz", volume)
    with pytest.raises(FormatError, match=r"p\.png"):
        write_probability(tmp_path / "p.png", volume.with_array(to_stored(volume.array_czyx)))
    assert not list(tmp_path.iterdir())


def test_what_lies_outside_is_brought_inside() -> None:
    assert to_stored(np.array([-0.1, 0, 0.5, 1, 1.00001], np.float32)).tolist() == [0, 0, 32768, 65535, 65535]
