from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import DataError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.plan.plan import Normaliser
from delineate.store.resample import resample_image
from delineate.store.scan import prepare_case, prepare_label, prepared_shape


def test_the_prepared_array_does_not_depend_on_how_the_scan_was_stored(words):
    plan = words.plan_of((1.5, 1.5, 1.5), crop="nonzero", axes=(2, 0, 1))
    scan = words.scan_of()
    expected, _ = prepare_case(scan, plan, plan.stages[0])
    for axes, flips in words.orientations:
        image, trace = prepare_case(words.turned(scan, axes, flips), plan, plan.stages[0])
        np.testing.assert_allclose(image, expected, atol=1e-5)
        np.testing.assert_allclose(trace.prepared.affine, prepare_case(scan, plan, plan.stages[0])[1].prepared.affine)


def test_landmarks_keep_their_world_position_without_resampling(words):
    plan = words.plan_of((3.0, 1.0, 1.2), crop="nonzero", normalisers=(Normaliser(name="ct", numbers=_RAW),))
    scan = words.scan_of()
    for axes, flips in words.orientations:
        turned = words.turned(scan, axes, flips)
        image, trace = prepare_case(turned, plan, plan.stages[0])
        assert not trace.resamples and trace.crop_shape != trace.original.shape
        places = np.argwhere(image[0] > 4.5)
        back = trace.original.to_index(trace.prepared.to_world(places))
        np.testing.assert_allclose(back, np.rint(back), atol=1e-6)
        values = turned.array_czyx[0][tuple(np.rint(back).astype(int).T)]
        np.testing.assert_array_equal(values, image[0][tuple(places.T)])


def test_a_resampled_ramp_keeps_its_world_position(words):
    geometry = Geometry(shape=(12, 20, 24), spacing_mm=(4.0, 1.0, 0.8), origin_mm=(1, 2, 3))
    world = geometry.to_world(np.moveaxis(np.indices(geometry.shape), 0, -1))
    scan = Volume(np.moveaxis(world, -1, 0).astype(np.float32), geometry)
    plan = words.plan_of(
        (2.0, 1.5, 1.1), channels=("x", "y", "z"), normalisers=(Normaliser(name="ct", numbers=_RAW),) * 3
    )
    for axes, flips in words.orientations[::5]:
        image, trace = prepare_case(words.turned(scan, axes, flips), plan, plan.stages[0])
        there = trace.prepared.to_world(np.moveaxis(np.indices(image.shape[1:]), 0, -1))
        inner = (slice(5, -5),) * 3  # a spline bends where the edge value goes on
        np.testing.assert_allclose(np.moveaxis(image, 0, -1)[inner], there[inner], atol=0.05)


@pytest.mark.parametrize("thick", [False, True])
def test_thick_slices_are_interpolated_linearly_across(words, thick):
    scan = words.scan_of()
    plan = words.plan_of((1.5, 1.2, 1.2), anisotropic=thick, normalisers=(Normaliser(name="ct", numbers=_RAW),))
    image, trace = prepare_case(scan, plan, plan.stages[0])
    expected = {s: resample_image(trace.view(scan.array_czyx[0]), trace.prepared_shape, s) for s in (False, True)}
    assert trace.prepared_shape[0] == 18 and np.abs(expected[True] - expected[False]).max() > 0.1
    np.testing.assert_allclose(image[0], expected[thick], atol=1e-5)


def test_labels_that_are_not_resampled_come_back_voxel_for_voxel(words):
    rng = np.random.default_rng(3)
    plan = words.plan_of((3.0, 1.0, 1.2), crop="nonzero")
    scan = words.scan_of()
    ids = rng.integers(0, 3, (1, *scan.geometry.shape)).astype(np.uint8) * (scan.array_czyx > 0)
    ids[ids == 2] = 255
    for axes, flips in words.orientations:
        turned = words.turned(scan, axes, flips)
        label = words.turned(Volume(ids, scan.geometry), axes, flips).array_czyx[0]
        _, trace = prepare_case(turned, plan, plan.stages[0])
        np.testing.assert_array_equal(words.brought_back(prepare_label(label, trace), trace), label)


@pytest.mark.parametrize("anisotropic", [False, True])
def test_resampled_labels_come_back_nearly_the_same(words, anisotropic):
    geometry = Geometry(shape=(20, 44, 48), spacing_mm=(3.0, 0.9, 0.8))
    ids = words.balls(geometry.shape)
    scan = Volume(np.ones((1, *geometry.shape), np.float32), geometry)
    plan = words.plan_of((2.0, 1.2, 1.2), anisotropic=anisotropic)
    for axes, flips in words.orientations[::7]:
        turned = words.turned(scan, axes, flips)
        label = words.turned(Volume(ids[None], geometry), axes, flips).array_czyx[0]
        _, trace = prepare_case(turned, plan, plan.stages[0])
        prepared = prepare_label(label, trace)
        assert prepared.shape == trace.prepared_shape != trace.crop_shape
        back = words.brought_back(prepared, trace)
        for i in (1, 2):
            dice = 2 * np.sum((back == i) & (label == i)) / (np.sum(back == i) + np.sum(label == i))
            assert dice > 0.95
        volume = np.sum(prepared == 2) * np.prod(trace.prepared.spacing_mm) / (np.sum(ids == 2) * 3 * 0.9 * 0.8)
        assert volume == pytest.approx(1, abs=0.05)


def test_the_volume_is_not_changed_and_spacings_within_one_percent_are_left_alone(words):
    scan = words.scan_of()
    before = scan.array_czyx.copy()
    plan = words.plan_of((3.02, 1.005, 1.2))
    image, trace = prepare_case(scan, plan, plan.stages[0])
    np.testing.assert_array_equal(scan.array_czyx, before)
    assert not trace.resamples and image.dtype == np.float32
    assert image.mean() == pytest.approx(0, abs=1e-5) and image.std() == pytest.approx(1, abs=1e-5)


def test_a_picture_keeps_its_one_slice(words):
    picture = Volume(np.zeros((3, 1, 30, 40), np.uint8), Geometry(shape=(1, 30, 40), spacing_mm=(1, 2, 2)))
    plan = words.plan_of(
        (5, 1, 1),
        (16, 16),
        channels=("red", "green", "blue"),
        normalisers=(Normaliser(name="scale", numbers={"maximum": 255}),) * 3,
    )
    image, trace = prepare_case(picture, plan, plan.stages[0])
    assert image.shape == (3, 1, 60, 80) and (image == -2).all()
    assert prepared_shape(picture.geometry, plan, plan.stages[0]) == (1, 60, 80)
    assert words.brought_back(np.ones((1, 60, 80), np.uint8), trace).shape == (1, 30, 40)


def test_an_empty_scan_is_not_cropped_to_nothing(words):
    scan = words.scan_of().with_array(np.zeros((1, 9, 12, 14), np.float32))
    plan = words.plan_of((3.0, 1.0, 1.2), crop="nonzero", normalisers=(Normaliser(name="zscore_nonzero"),))
    image, trace = prepare_case(scan, plan, plan.stages[0])
    assert trace.crop_shape == (9, 12, 14) and (image == 0).all()


def test_zero_stays_zero_when_a_masked_scan_is_resampled(words):
    array = np.zeros((1, 20, 20, 20), np.float32)
    array[0, 6:14, 6:14, 6:14] = np.random.default_rng(0).uniform(900, 1100, (8, 8, 8))
    plan = words.plan_of((0.7, 0.7, 0.7), normalisers=(Normaliser(name="zscore_nonzero"),))
    image, _ = prepare_case(Volume(array, Geometry(shape=(20, 20, 20))), plan, plan.stages[0])
    body = image[image != 0]
    assert body.size == pytest.approx((8 / 0.7) ** 3, rel=0.15)
    assert (image[0, 0] == 0).all() and body.std() == pytest.approx(1, abs=1e-3)


def test_bad_scans_are_refused(words):
    scan = words.scan_of()
    plan = words.plan_of((3.0, 1.0, 1.2))
    with pytest.raises(DataError, match="2 channels"):
        prepare_case(scan.with_array(np.repeat(scan.array_czyx, 2, axis=0)), plan, plan.stages[0])
    for bad in (np.nan, np.inf):
        array = scan.array_czyx.copy()
        array[0, 0, 0, 0] = bad
        with pytest.raises(DataError, match="1 voxels"):
            prepare_case(scan.with_array(array), plan, plan.stages[0])


_RAW = {"low": -1e6, "high": 1e6, "mean": 0.0, "std": 1.0}
