"""Surface distances against DeepMind's surface-distance and against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from delineate.evaluate.metric import METRICS
from delineate.evaluate.metrics.nsd import nsd_at
from delineate.evaluate.pair import ClassPair
from delineate.evaluate.surface import Side, SurfaceDistances
from delineate.evaluate.surfels import surface_areas_mm, surface_codes

CASES = [
    ((9, 14, 17), (1.0, 1.0, 1.0), 0),
    ((9, 14, 17), (3.1, 0.71, 1.33), 1),
    ((12, 10, 8), (0.43, 2.17, 1.0), 2),
    ((23, 29), (1.0, 1.0), 3),
    ((23, 29), (0.37, 1.91), 4),
]


def blobs(shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two masks of several pieces and holes that touch the border and overlap in part."""
    rng = np.random.default_rng(seed)
    first = gaussian_filter(rng.normal(size=shape), 1.2)
    second = first + 0.6 * gaussian_filter(rng.normal(size=shape), 1.2)
    return first > np.quantile(first, 0.7), second > np.quantile(second, 0.72)


def pair_of(prediction: np.ndarray, truth: np.ndarray, spacing: tuple[float, ...]) -> ClassPair:
    if truth.ndim == 2:
        return ClassPair.of(prediction[None], truth[None], (7.0, *spacing))
    return ClassPair.of(prediction, truth, spacing)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:surface_distance")  # theirs, of scipy's old names
@pytest.mark.parametrize(("shape", "spacing", "seed"), CASES)
def test_agrees_with_surface_distance(shape: tuple[int, ...], spacing: tuple[float, ...], seed: int) -> None:
    reference = pytest.importorskip("surface_distance")
    truth, prediction = blobs(shape, seed)
    theirs = reference.compute_surface_distances(truth, prediction, spacing)
    pair = pair_of(prediction, truth, spacing)
    for mine, there, back in ((pair.surfaces.truth, "distances_gt_to_pred", "surfel_areas_gt"),
                              (pair.surfaces.prediction, "distances_pred_to_gt", "surfel_areas_pred")):  # fmt: skip
        assert mine.mm == pytest.approx(theirs[there], rel=1e-6)
        assert mine.total == pytest.approx(theirs[back].sum(), rel=1e-12)
    to_prediction, to_truth = reference.compute_average_surface_distance(theirs)
    assert METRICS["masd"](pair) == pytest.approx((to_prediction + to_truth) / 2, rel=1e-6)
    assert METRICS["hd95"](pair) == pytest.approx(reference.compute_robust_hausdorff(theirs, 95), rel=1e-6)
    assert METRICS["hd"](pair) == pytest.approx(reference.compute_robust_hausdorff(theirs, 100), rel=1e-6)
    for tolerance in (0.5001, 1.2003, 2.0005):  # no distance equals these
        share = reference.compute_surface_dice_at_tolerance(theirs, tolerance)
        assert nsd_at(tolerance)(pair) == pytest.approx(share, rel=1e-6)


@pytest.mark.parametrize(("shape", "spacing", "seed"), CASES)
def test_agrees_with_brute_force(shape: tuple[int, ...], spacing: tuple[float, ...], seed: int) -> None:
    truth, prediction = blobs(shape, seed)
    surfaces = pair_of(prediction, truth, spacing).surfaces
    places, areas = [], []
    for mask in (truth, prediction):
        codes = surface_codes(mask)
        found = np.argwhere((codes != 0) & (codes != 2 ** (2**mask.ndim) - 1))
        places.append(found * spacing)
        areas.append(surface_areas_mm(spacing)[codes[tuple(found.T)]])
    apart = cdist(*places)
    for side, mm, area in ((surfaces.truth, apart.min(1), areas[0]), (surfaces.prediction, apart.min(0), areas[1])):
        assert side.mm == pytest.approx(np.sort(mm), rel=1e-6)
        assert side.mean_mm == pytest.approx(np.average(mm, weights=area), rel=1e-6)
        assert side.total == pytest.approx(area.sum())


def test_what_surrounds_the_masks_and_how_they_lie_changes_nothing() -> None:
    truth, prediction = blobs((7, 9, 8), 5)
    spacing = (2.0, 0.5, 1.3)
    names = ("hd", "hd95", "assd", "masd", "nsd")
    plain = {n: METRICS[n](ClassPair.of(prediction, truth, spacing)) for n in names}
    turned = ClassPair.of(prediction.transpose(2, 0, 1), truth.transpose(2, 0, 1), (1.3, 2.0, 0.5))
    wide = ClassPair.of(np.pad(prediction, 4), np.pad(truth, 4), spacing)
    assert plain["assd"] > 0
    for other in (turned, wide):
        assert {n: METRICS[n](other) for n in names} == pytest.approx(plain, rel=1e-6)


def test_a_flat_image_is_measured_in_its_plane_whichever_axis_is_flat() -> None:
    truth, prediction = blobs((11, 13), 6)
    values = []
    for axis in range(3):
        spacing = [1.5, 0.8]
        spacing.insert(axis, 20.0)
        pair = ClassPair.of(np.expand_dims(prediction, axis), np.expand_dims(truth, axis), tuple(spacing))
        assert pair.diagonal_mm == pytest.approx(np.hypot(11 * 1.5, 13 * 0.8))
        values.append([METRICS[n](pair) for n in ("hd", "assd", "nsd", "boundary_iou")])
    assert values[0] == values[1] == values[2]


def test_one_slice_of_a_volume_is_no_flat_image() -> None:
    mask = np.zeros((3, 4, 4), bool)
    mask[1, 1:3, 1:3] = True
    assert ClassPair.of(mask, mask).surfaces.truth.total > 2 * 4  # both faces and the rim
    assert ClassPair.of(mask[1:2], mask[1:2]).surfaces.truth.total == pytest.approx(4 + 4 * np.sqrt(0.5))


def test_quantiles_are_of_area_not_of_patches() -> None:
    side = Side(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 98.0]))
    assert [side.quantile_mm(q) for q in (0.005, 0.015, 0.5, 1.0)] == [1, 2, 3, 3]
    assert side.within(2.0) == 2
    assert side.mean_mm == pytest.approx((1 + 2 + 3 * 98) / 100)


def test_equal_masks_touch_everywhere() -> None:
    mask = blobs((6, 7, 8), 7)[0]
    surfaces = SurfaceDistances.between(mask, mask, (1.0, 2.0, 3.0))
    assert surfaces.truth.mm.max() == surfaces.prediction.mm.max() == 0


def test_a_share_that_is_just_reached_goes_no_farther() -> None:
    side = Side(np.array([1.0, 2.0, 3.0, 4.0]), np.full(4, 0.25))
    assert [side.quantile_mm(share) for share in (0.25, 0.5, 0.51, 1.0)] == [1, 2, 3, 4]


def test_a_distance_in_single_precision_is_within_the_tolerance_it_equals() -> None:
    distance = float(np.sqrt(np.float32(0.3) ** 2))
    assert distance > 0.3
    assert Side(np.array([distance]), np.array([2.0])).within(0.3) == 2
    assert Side(np.array([0.3001]), np.array([2.0])).within(0.3) == 0
