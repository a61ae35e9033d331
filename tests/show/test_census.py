from __future__ import annotations

from pathlib import Path

import pytest

from delineate.dataset.fingerprint import Fingerprint
from delineate.show.census import take_census


def test_ranges_and_class_sizes(run_files: dict[str, Path]) -> None:
    census = take_census(Fingerprint.load(run_files["fingerprint.json"]))
    size, _, spacing = census.ranges
    assert (size.smallest, size.median, size.largest) == ("30 × 64 × 60", "32 × 64 × 60", "34 × 64 × 60")
    assert spacing.median == "2.5 × 1 × 1"
    liver, kidney = census.classes
    assert liver.median_size == "10.5 ml"  # 4200 voxels of 2.5 mm3
    assert (kidney.present, kidney.cases) == (4, 5)
    assert liver.share + kidney.share == pytest.approx(1)


def test_pictures_are_measured_in_pixels(run_files: dict[str, Path]) -> None:
    finger = Fingerprint.load(run_files["fingerprint.json"])
    flat = finger.model_copy(
        update={
            "cases": tuple(c.model_copy(update={"shape": (1, 64, 60), "spacing_mm": (1, 1, 1)}) for c in finger.cases)
        }
    )
    census = take_census(flat)
    assert census.flat
    assert census.classes[0].median_size == "4,200 pixels"
    assert [r.name for r in census.ranges] == ["Size (voxels)", "Size without empty border"]


def test_no_cases_is_no_error() -> None:
    assert take_census(Fingerprint(cases=(), channels=(), class_names=("a",))).classes[0].median_size == "none"
