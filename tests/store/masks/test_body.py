from __future__ import annotations

import numpy as np
import pytest

from delineate.store.masks import MASKS
from delineate.store.masks.body import otsu_threshold


def dice(a, b):
    return 2 * np.sum(a & b) / (a.sum() + b.sum())


def test_the_body_is_filled_and_the_table_is_not_part_of_it(chest):
    found = MASKS["body"](chest.hu, chest.spacing_mm)
    assert dice(found, chest.body) > 0.97
    assert (chest.lungs & ~found).sum() == 0 and (chest.table & found).sum() == 0


def test_without_hounsfield_units_air_is_told_from_dark_tissue(chest):
    rng = np.random.default_rng(1)
    mr = np.where(chest.body, 60.0, 0.0) + np.abs(rng.normal(0, 4, chest.shape))
    mr[:, 8:16, 12:52] += 500  # a bright part must not hide the rest
    assert dice(MASKS["body"](mr.astype(np.float32), chest.spacing_mm), chest.body) > 0.95


def test_an_arm_is_kept_and_a_sheet_is_cut_away(chest):
    hu = np.full((20, 40, 60), -1000, np.float32)
    hu[:, 10:30, 5:35] = 30
    hu[:, 16:24, 44:52] = 30
    hu[:, 4, :] = 100
    found = MASKS["body"](hu, chest.spacing_mm)
    assert found[:, 18:22, 46:50].all() and not found[:, 4].any()


@pytest.mark.parametrize("value", [0.0, -1000.0, 50.0])
def test_nothing_is_found_in_a_constant_scan_or_all_of_it(value, chest):
    found = MASKS["body"](np.full((5, 6, 7), value, np.float32), chest.spacing_mm)
    assert found.shape == (5, 6, 7) and not found.any()


def test_otsu_is_that_of_simpleitk():
    import SimpleITK as sitk  # noqa: N813

    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(100, 30, 6000), rng.normal(300, 60, 3000)]).reshape(10, 30, 30)
    otsu = sitk.OtsuThresholdImageFilter()
    otsu.SetNumberOfHistogramBins(256)
    otsu.Execute(sitk.GetImageFromArray(values))
    assert otsu_threshold(values) == pytest.approx(otsu.GetThreshold(), abs=2 * float(np.ptp(values)) / 256)
