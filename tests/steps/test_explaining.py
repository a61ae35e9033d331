"""A metric explained on two masks of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import GeometryError, LabelError, UsageError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import write_volume
from delineate.steps.explaining import explain


def mask(path: Path, inside: tuple[slice, ...] | None, value: int = 1, spacing_mm: float = 1.0) -> Path:
    ids = np.zeros((1, 6, 7, 8), np.uint8)
    if inside is not None:
        ids[(0, *inside)] = value
    write_volume(path, Volume(ids, Geometry(shape=(6, 7, 8), spacing_mm=(2.0, spacing_mm, 1.0))))
    return path


BLOCK = (slice(1, 4), slice(2, 5), slice(2, 6))


def test_text_alone(tmp_path: Path) -> None:
    text, classes = explain("dice")
    assert text.formula == "2 TP / (2 TP + FP + FN)" and classes == ()
    with pytest.raises(UsageError, match="without a case"):
        explain("dice", out=tmp_path / "p.png")


def test_numbers_and_a_picture(tmp_path: Path) -> None:
    moved = (slice(2, 5), *BLOCK[1:])
    pair = mask(tmp_path / "p.nii.gz", moved), mask(tmp_path / "t.nii.gz", BLOCK)
    _, (found,) = explain("hd", pair, tmp_path / "picture.png")
    assert (found.class_name, found.tp, found.fp, found.fn, found.voxel_ml) == ("foreground", 24, 12, 12, 0.002)
    assert found.value == pytest.approx(2)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_refusals(tmp_path: Path) -> None:
    true, empty = mask(tmp_path / "t.nii.gz", BLOCK), mask(tmp_path / "e.nii.gz", None)
    with pytest.raises(GeometryError, match="different grids"):
        explain("dice", (mask(tmp_path / "o.nii.gz", BLOCK, spacing_mm=1.5), true))
    with pytest.raises(LabelError, match="nothing but background"):
        explain("dice", (empty, empty))
