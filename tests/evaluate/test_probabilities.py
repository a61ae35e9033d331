"""Maps in folders against masks in folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from delineate.core.errors import DataError, GeometryError, LabelError, LayoutError
from delineate.core.labels import Labels
from delineate.evaluate.calibration import Tally
from delineate.evaluate.probabilities import LABELS, Calibration, calibrate_files, class_folders

TWO = Labels.exclusive({1: "organ", 2: "a/b c"})


def save(path: Path, array: Any, spacing: float = 1.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array.T, np.diag([spacing, spacing, spacing, 1])), path)


def make(root: Path, labels: Labels = TWO, cases: int = 2) -> tuple[Any, Any]:
    """Random maps and masks; the arrays ``[case, class, ...]`` and ``[case, ...]``."""
    rng = np.random.default_rng(0)
    maps = rng.random((cases, 2, 3, 4, 5)).astype(np.float32)
    masks = rng.integers(0, 3, (cases, 3, 4, 5)).astype(np.uint8)
    for i in range(cases):
        save(root / "truth" / f"c{i}.nii.gz", masks[i])
        for k, place in enumerate(class_folders(root / "maps", labels).values()):
            save(place / f"c{i}.nii.gz", maps[i, k])
    labels.save(root / "maps" / LABELS)
    return maps, masks


def test_every_case_and_all_together(tmp_path: Path) -> None:
    maps, masks = make(tmp_path)
    found = calibrate_files(tmp_path / "maps", tmp_path / "truth")
    assert [(c.case, c.class_name) for c in found.cases] == [(c, n) for c in ("c0", "c1") for n in TWO.names]
    for k, name in enumerate(TWO.names):
        assert found.cases[2 + k] == Tally.of(maps[1, k], masks[1] == k + 1).reliability(name, "c1")
        whole = Tally.of(maps[:, k], masks == k + 1).reliability(name)
        assert (found.classes[k].ece, found.classes[k].brier) == pytest.approx((whole.ece, whole.brier))
        assert [b.count for b in found.classes[k].bins] == [b.count for b in whole.bins]
    assert Calibration.model_validate_json(found.model_dump_json()) == found
    found.save_csv(tmp_path / "c.csv")
    assert len((tmp_path / "c.csv").read_text().splitlines()) == 7


def test_regions_and_unlabelled_voxels(tmp_path: Path) -> None:
    labels = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2), ignore_value=7)
    maps, masks = make(tmp_path, labels)
    masks[0, 0] = 7
    save(tmp_path / "truth" / "c0.nii.gz", masks[0])
    found = calibrate_files(tmp_path / "maps", tmp_path / "truth" / "c0.nii.gz")
    assert found.cases[0] == Tally.of(maps[0, 0, 1:], masks[0, 1:] > 0).reliability("whole", "c0")
    assert found.cases[1].voxels == 40


def test_names_that_no_folder_can_have() -> None:
    labels = Labels.exclusive({1: "a/b", 2: "a:b", 3: "..", 4: "left lung"})
    places = class_folders(Path("maps"), labels)
    assert [p.as_posix() for p in places.values()] == ["maps/1_a_b", "maps/2_a_b", "maps/_", "maps/left lung"]


def test_a_case_without_a_map_is_told(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "maps" / "organ" / "c1.nii.gz").unlink()
    found = calibrate_files(tmp_path / "maps", tmp_path / "truth")
    assert [(c.case, c.class_name) for c in found.cases] == [("c0", "organ"), ("c0", "a/b c"), ("c1", "a/b c")]
    assert found.notes == ("left out of the calibration for want of a map: c1 (organ)",)


def test_a_map_without_a_truth_is_told(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "truth" / "c1.nii.gz").unlink()
    found = calibrate_files(tmp_path / "maps", tmp_path / "truth")
    assert [c.case for c in found.cases] == ["c0", "c0"]
    assert found.notes == ("left out of the calibration for want of a truth: c1",)


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    maps, masks = make(tmp_path)
    path = tmp_path / "maps" / "organ" / "c0.nii.gz"
    save(path, maps[0, 0] * 100)
    with pytest.raises(DataError, match="holds values from"):
        calibrate_files(tmp_path / "maps", tmp_path / "truth")
    save(path, maps[0, 0], spacing=2.0)
    with pytest.raises(GeometryError, match="c0"):
        calibrate_files(tmp_path / "maps", tmp_path / "truth")
    save(path, maps[0, 0])
    save(tmp_path / "truth" / "c0.nii.gz", masks[0] + 5)
    with pytest.raises(LabelError, match="c0"):
        calibrate_files(tmp_path / "maps", tmp_path / "truth")
    (tmp_path / "maps" / LABELS).unlink()
    with pytest.raises(LayoutError, match="its classes are not known"):
        calibrate_files(tmp_path / "maps", tmp_path / "truth")
    with pytest.raises(LayoutError, match="no probability maps of spleen"):
        calibrate_files(tmp_path / "maps", tmp_path / "truth", Labels.exclusive({1: "spleen"}))
