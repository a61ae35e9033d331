from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import label as scipy_label

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import check_dataset
from delineate.dataset.measure import measure_cases
from delineate.dataset.profile import Profile, profile_dataset

SHAPE = (9, 8, 7)
REGIONS = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2), ignore_value=9)


def pairs(count: int = 6) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Images (0 in the first row) and masks of 1, 2 and, in half of the cases, 9."""
    made = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        mask = rng.choice([0, 1, 2, 9 if seed % 2 else 0], SHAPE, p=[0.7, 0.15, 0.05, 0.1]).astype(np.uint8)
        if seed == 3:
            mask[mask == 2] = 1
        image = rng.normal(50, 9, SHAPE).astype(np.float32) + 100 * (mask > 0)
        image[0] = 0
        made.append((image, mask))
    return made


def profiled(data: Dataset) -> Profile:
    return profile_dataset(data, check_dataset(data, detail=True))


def test_sizes_parts_and_pairs_are_those_of_brute_force(dataset_of: Callable[..., Dataset]) -> None:
    made = pairs()
    profile = profiled(dataset_of(made, labels=REGIONS))
    classes = [[np.isin(m, (1, 2)), m == 2] for _, m in made]
    for case, masks in zip(profile.cases, classes, strict=True):
        assert case.class_voxels == tuple(int(m.sum()) for m in masks)
        assert case.parts == tuple(scipy_label(m, np.ones((3, 3, 3)))[1] for m in masks)
        assert case.shape == SHAPE[::-1] and case.spacing_mm == (1.0, 1.0, 1.0)
    there = np.array([[m.any() for m in masks] for masks in classes], int)
    assert profile.together == tuple(map(tuple, (there.T @ there).tolist()))
    assert profile.sizes(1)[3] is None and profile.parts(1)[3] is None
    assert profile.sizes(0)[0] == pytest.approx(classes[0][0].sum() / 1000) and profile.size_unit == "ml"


def test_intensities_are_parted_by_the_mask(dataset_of: Callable[..., Dataset]) -> None:
    made = pairs()
    profile = profiled(dataset_of(made, labels=REGIONS))
    histogram = profile.histograms[0]
    centres = (np.array(histogram.edges[:-1]) + np.array(histogram.edges[1:])) / 2
    inside = np.concatenate([i[np.isin(m, (1, 2))] for i, m in made])
    outside = np.concatenate([i[(m == 0) & (i != 0)] for i, m in made])
    width = centres[1] - centres[0]
    assert centres @ np.array(histogram.inside) == pytest.approx(inside.mean(), abs=3 * width)
    assert centres @ np.array(histogram.outside) == pytest.approx(outside.mean(), abs=3 * width)
    for case, (image, mask) in zip(profile.cases, made, strict=True):
        assert case.medians[0] == pytest.approx(np.median(image[np.isin(mask, (1, 2))]), rel=1e-5)


def test_what_surrounds_leaves_padding_and_ignored_voxels_out(dataset_of: Callable[..., Dataset]) -> None:
    made = pairs()
    for fact, (image, mask) in zip(measure_cases(dataset_of(made, labels=REGIONS), detail=True), made, strict=True):
        assert fact.detail is not None
        found = fact.detail.background_cn[0]
        assert found.size > 50 and np.isin(found, image[(mask == 0) & (image != 0)]).all()


def test_the_other_facts_are_the_same_with_and_without(dataset_of: Callable[..., Dataset]) -> None:
    data = dataset_of(pairs(), labels=REGIONS)
    for plain, deep in zip(measure_cases(data), measure_cases(data, detail=True), strict=True):
        assert plain.detail is None
        assert np.array_equal(plain.sample_cn, deep.sample_cn) and plain.label == deep.label


def test_classes_that_were_inferred_are_counted_too(dataset_of: Callable[..., Dataset]) -> None:
    made = [(i, None if m is None else m * (m < 9)) for i, m in pairs()]
    profile = profiled(dataset_of(made))
    assert profile.class_names == ("class 1", "class 2")
    for case, (_, mask) in zip(profile.cases, made, strict=True):
        assert case.parts == tuple(scipy_label(mask == v, np.ones((3, 3, 3)))[1] for v in (1, 2))


def test_numbered_objects_are_their_own_parts(tmp_path: Path) -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[2:5, 2:5], mask[5:9, 2:5], mask[12:15, 20:25] = 1, 2, 3
    Image.fromarray(mask).save(tmp_path / "m.png")
    Image.fromarray(mask * 50).save(tmp_path / "i.png")
    case = Case(name="a", images=(tmp_path / "i.png",), label=tmp_path / "m.png")
    data = Dataset(root=tmp_path, layout="t", channels=("grey",), cases=(case,), labels=Labels.of_instances())
    profile = profiled(data)
    assert profile.flat and profile.size_unit == "pixels"
    assert profile.cases[0].parts == (3,) and profile.sizes(0) == (float((mask > 0).sum()),)
    # black is a colour of a picture
    assert sum(profile.histograms[0].outside) == pytest.approx(1) and profile.histograms[0].edges[0] == 0


def test_cases_without_masks_or_images(dataset_of: Callable[..., Dataset]) -> None:
    made = pairs(4)
    made[1] = (made[1][0], None)
    data = dataset_of(made, labels=REGIONS)
    data.cases[2].images[0].write_bytes(b"no")
    profile = profiled(data)
    assert profile.cases[1].class_voxels == () and profile.cases[1].medians
    assert profile.cases[2].shape is None and profile.cases[2].medians == ()
    assert profile.sizes(0)[1] is None


def test_an_unusual_grid_and_size_are_named(dataset_of: Callable[..., Dataset]) -> None:
    made = [(i, np.isin(m, (1, 2)).astype(np.uint8)) for i, m in pairs(8)]
    image, mask = made[5]
    made[5] = (np.concatenate([image] * 6), np.concatenate([mask] * 6))
    found = profiled(dataset_of(made, labels=Labels.exclusive({1: "a"}))).outliers
    assert {"shape along x", "size of a"} <= {o.quantity for o in found if o.case == "case5"}
    assert {o.case for o in found if o.quantity in ("shape along x", "size of a")} == {"case5"}
