"""The abdominal CT."""

from __future__ import annotations

import numpy as np
import pytest

from delineate.phantom.abdomen import CLASSES, draw_abdomen
from delineate.phantom.scan import Scan

SHAPE = (48, 64, 64)


@pytest.fixture(scope="module")
def scans() -> list[Scan]:
    return [draw_abdomen(SHAPE, np.random.default_rng(i), 1) for i in range(5)]


def test_hounsfield_units(scans: list[Scan]) -> None:
    for scan in scans:
        hu = scan.image_czyx[0]
        assert hu.dtype == np.int16
        assert scan.channels == ("CT",)
        assert np.median(hu[:, :3, :3]) == pytest.approx(-1000, abs=15)
        typical = {
            name: np.median(hu[scan.label_zyx == value])
            for name, value in CLASSES.items()
            if (scan.label_zyx == value).any()
        }
        chest = hu[-4:]  # lungs are drawn though they are no class
        assert ((chest > -900) & (chest < -700)).mean() > 0.03
        assert 80 < typical["liver"] < 130
        assert 140 < typical["kidney"] < 220
        assert 200 < typical["vertebrae"] < 430
        if "lesion" in typical:
            assert typical["lesion"] < typical["liver"] - 40


def test_every_patient_has_every_organ_and_some_have_lesions(scans: list[Scan]) -> None:
    for scan in scans:
        assert {1, 3, 4} <= set(np.unique(scan.label_zyx))
    counts = [(scan.label_zyx == CLASSES["lesion"]).sum() for scan in scans]
    assert any(counts)
    assert all(n == 0 or n > 150 for n in counts)  # none too small to be learned


def test_anatomy_is_in_its_place(scans: list[Scan]) -> None:
    for scan in scans:
        centre = {n: np.argwhere(scan.label_zyx == v).mean(0) for n, v in CLASSES.items() if n != "lesion"}
        assert centre["liver"][2] < centre["vertebrae"][2]  # on the patient's right, which is low x
        assert centre["liver"][0] > centre["kidney"][0]
        assert centre["vertebrae"][1] > centre["liver"][1]
