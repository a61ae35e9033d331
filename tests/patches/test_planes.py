from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from delineate.config import PatchConfig
from delineate.patches.augmentation import AugmentSettings, augment
from delineate.patches.batch import slices_as_channels
from delineate.patches.loader import BatchShape, Loader
from delineate.patches.planes import ORDERS, PlaneSampler, plane_seed, read_slab, slab_of, turned
from delineate.patches.samplers.foreground import ForegroundSampler

BOX = (1, 6, 8)


def whole(source, name):
    return source.read_box(name, (0, 0, 0), source.shape(name))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_turned_case_is_the_case_with_that_axis_first(source, axis):
    view = turned(source, axis)
    image, label = whole(source, "a")
    turned_image, turned_label = whole(view, "a")
    np.testing.assert_array_equal(turned_image, np.moveaxis(image, axis + 1, 1))
    np.testing.assert_array_equal(turned_label, np.moveaxis(label, axis, 0))
    assert view.names == source.names and view.shape("a") == turned_label.shape
    for i, voxels in view.foreground("b").items():
        assert (whole(view, "b")[1][tuple(voxels.T)] == i).all()
    inner = view.read_box("a", (2, -1, 3), (4, 5, 6))[1]
    np.testing.assert_array_equal(inner[:, 1:], turned_label[2:6, :4, 3:9])
    assert (inner[:, 0] == 0).all()


@pytest.mark.parametrize("z", [0, 1, 5, 10, 11])
def test_a_slab_goes_on_at_the_ends(source, z):
    image, label = whole(source, "a")
    slab, ids = read_slab(source, "a", (z, 2, 3), BOX, 5)
    for k, near in enumerate(np.clip([z - 2, z - 1, z, z + 1, z + 2], 0, 11)):
        np.testing.assert_array_equal(slab[:, k], image[:, near, 2:8, 3:11])
        np.testing.assert_array_equal(ids[k], label[near, 2:8, 3:11])


def test_training_and_prediction_see_the_same_slab(source):
    image, _ = whole(source, "a")
    for z in range(12):
        slab, _ = read_slab(source, "a", (z, 0, 0), (1, 14, 16), 3)
        np.testing.assert_array_equal(slab_of(image, z, 3), slab.reshape(-1, 14, 16))


def test_a_volume_of_fewer_slices_than_a_slab(memory_source):
    source = memory_source({"thin": np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], np.uint8)})
    _, ids = read_slab(source, "thin", (1, 0, 0), (1, 2, 2), 7)
    np.testing.assert_array_equal(ids[:, 0, 0], [1, 1, 1, 5, 5, 5, 5])


def loader_of(source, axes, augmented=False):
    samplers = {
        a: ForegroundSampler(turned(source, a), source.names, BOX, PatchConfig(), plane_seed(3, a)) for a in axes
    }
    settings = AugmentSettings(
        dims=3, spacing_mm=(1, 1, 1), anisotropic=True, knobs=PatchConfig(affine=1, elastic=1, intensity=1)
    )
    return Loader(source, PlaneSampler(samplers), BatchShape(BOX[1:], 6, 5), 0, settings if augmented else None, 3)


def test_axes_take_turns_and_look_at_places_of_their_own(source):
    draws = [d for b in loader_of(source, (0, 1, 2)).batches(0, 20) for d in b.draws]
    assert Counter(d.axis for d in draws) == {0: 40, 1: 40, 2: 40}
    places = {axis: [(d.case, d.start) for d in draws if d.axis == axis] for axis in range(3)}
    assert places[0] != places[1] != places[2]
    assert {d.kind for d in draws} == {"foreground", "uniform"}


def test_every_axis_gets_its_share_of_each_kind(source):
    knobs = PatchConfig(foreground=1 / 3)
    planes = PlaneSampler(
        {a: ForegroundSampler(turned(source, a), source.names, BOX, knobs, plane_seed(0, a)) for a in range(3)}
    )
    draws = [planes.sample(i, 0) for i in range(90)]
    assert Counter(d.axis for d in draws if d.kind == "foreground") == {0: 10, 1: 10, 2: 10}


@pytest.mark.parametrize("axes", [(0,), (0, 1, 2)])
def test_what_is_learned_is_the_centre_slice(source, axes):
    for batch in loader_of(source, axes).batches(0, 10):
        flat = slices_as_channels(batch)
        assert flat.image_bcx.shape == (6, 5, 6, 8) and flat.label_bx.shape == (6, 6, 8)
        for draw, image, label in zip(flat.draws, flat.image_bcx, flat.label_bx, strict=True):
            wanted_image, wanted_label = turned(source, draw.axis).read_box(draw.case, draw.start, BOX)
            np.testing.assert_array_equal(image[2], wanted_image[0, 0])
            np.testing.assert_array_equal(label, wanted_label[0])


def test_every_slice_is_reached(source):
    draws = [d for b in loader_of(source, (0,)).batches(0, 200) for d in b.draws if d.case == "c"]
    assert {d.start[0] for d in draws} == set(range(8))


def test_slices_of_a_slab_are_varied_alike(memory_source):
    """A volume that is the same along the first axis stays so."""
    source = memory_source({"a": np.tile(np.random.default_rng(0).integers(0, 3, (1, 30, 30)), (9, 1, 1))})
    read = source.read_box
    source.read_box = lambda *a: (read(*a)[1][None].astype(np.float32), read(*a)[1])
    batch = next(loader_of(source, (0,), augmented=True).batches(0, 1))
    still = batch.image_bcx.clone()
    varied = augment(batch)
    decided = [d.params for d in batch.decisions]
    quiet = [i for i, p in enumerate(decided) if "noise" not in p]
    assert all("spatial" in p for p in decided)
    assert not np.allclose(varied.image_bcx, still)
    for label in varied.label_bx:
        assert (label == label[:1]).all()
    for i in quiet:
        np.testing.assert_allclose(varied.image_bcx[i], varied.image_bcx[i, :, :1].expand(1, 5, 6, 8), atol=1e-5)


def test_orders_put_each_axis_first():
    assert [o[0] for o in ORDERS] == [0, 1, 2] and all(sorted(o) == [0, 1, 2] for o in ORDERS)


def test_the_axes_look_at_different_places(memory_source):
    cube = memory_source({"a": np.zeros((12, 12, 12), np.uint8)})
    first, *others = (
        [ForegroundSampler(cube, ("a",), BOX, PatchConfig(), plane_seed(3, axis)).sample(i, 0) for i in range(20)]
        for axis in range(3)
    )
    assert plane_seed(3, 0) == 3 and first not in others and others[0] != others[1]
