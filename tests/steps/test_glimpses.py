"""The same slice of the same cases at every validation, read from the prepared cases."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from delineate.core.geometry import Geometry
from delineate.core.labels import Labels
from delineate.show.glimpse import Glimpsed, glimpse_steps
from delineate.show.palette import class_colours, rgb
from delineate.steps.glimpses import Glimpses
from delineate.store.trace import Trace

SHAPE = (6, 20, 12)  # of the scan: x last, read with its axes turned
PREPARED = (24, 10, 3)


class Cases:
    """Scans lying on their side, cropped to x 2 to 10, then resampled: 8 slices along x become 24."""

    def __init__(self):
        self.boxes = []

    def trace(self, name):
        return Trace(
            original=Geometry(shape=SHAPE, spacing_mm=(2.0, 1.0, 1.0)), axes=(2, 1, 0), flips=(True, False, False),
            crop_start=(2, 0, 0), crop_shape=(8, 20, 6), prepared_shape=PREPARED,
        )  # fmt: skip

    def read_box(self, name, start, shape):
        self.boxes.append((name, start, shape))
        assert shape == (1, 10, 3)
        return np.random.default_rng(start[0]).normal(size=(2, *shape)), np.zeros(shape)


def scan(x: int, voxels: int = 4):
    """Ids with a square in one slice across x."""
    ids = np.zeros(SHAPE, np.uint8)
    ids[:voxels, 5:12, x] = 1
    return ids


@pytest.fixture
def glimpses(tmp_path):
    labels = Labels.exclusive({1: "one"}, ignore_value=9)
    return Glimpses(Cases(), ("a", "b", "c", "d"), labels, tmp_path / "glimpses")


def drawn(glimpses, step):
    return np.asarray(Image.open(io.BytesIO(glimpse_steps(glimpses.folder)[step].read_bytes())), int)


def test_the_slice_is_where_most_is_labelled_and_never_another(glimpses):
    truth = scan(3) | scan(8, voxels=1)
    glimpses("a", truth * 0, truth)
    # x = 3 is the 7th of 8 slices from the other end of the crop, the last but one of three for each: 3 * 6 + 1
    assert glimpses.store.boxes == [("a", (19, 0, 0), (1, 10, 3))]
    glimpses.keep(10)
    glimpses("a", truth, scan(8))
    glimpses.keep(20)
    assert {box[1] for box in glimpses.store.boxes} == {(19, 0, 0)}
    first, second = drawn(glimpses, 10), drawn(glimpses, 20)
    assert first.shape == (192, 115, 3), "20 mm by 12 mm"
    line = np.round(255 * np.array(rgb(class_colours(1)[0])))
    assert np.ptp(first, axis=-1).any() and not (first == line).all(axis=-1).any(), "there is truth, and no prediction"
    assert (second == line).all(axis=-1).any(), "the prediction is the line"


def test_what_must_be_ignored_is_not_what_is_drawn(glimpses):
    truth = scan(3) | scan(8, voxels=1)
    truth[:, :, 5] = glimpses.labels.ignore_id
    glimpses("a", truth * 0, truth)
    assert glimpses.store.boxes[0][1] == (19, 0, 0)


def test_of_a_case_without_anything_the_middle_is_drawn(glimpses):
    glimpses("a", scan(0) * 0, scan(0) * 0)
    assert glimpses.store.boxes[0][1] == (13, 0, 0)


def test_three_cases_at_most_in_the_order_of_their_names(glimpses):
    for name in ("d", "c", "a", "b"):
        glimpses(name, scan(3), scan(3))
    glimpses.keep(5)
    assert len(glimpses.store.boxes) == 3
    assert Glimpsed.load(glimpses.folder / "cases.json").cases == ("a", "b", "c")
    assert drawn(glimpses, 5).shape[1] == 3 * 115 + 2 * 4
    glimpses.keep(6)
    assert list(glimpse_steps(glimpses.folder)) == [5], "nothing new was seen"


def test_later_pictures_hold_the_cases_of_the_first(glimpses):
    for step, names in ((5, "ab"), (10, "abc")):
        for name in names:
            glimpses(name, scan(3), scan(3))
        glimpses.keep(step)
    assert drawn(glimpses, 5).shape == drawn(glimpses, 10).shape
    assert Glimpsed.load(glimpses.folder / "cases.json").cases == ("a", "b")
    glimpses.forget_after(0)  # begun anew: there may be time for more
    glimpses("c", scan(3), scan(3))
    glimpses.keep(5)
    assert Glimpsed.load(glimpses.folder / "cases.json").cases == ("c",)


def test_a_resumed_run_forgets_what_it_has_yet_to_reach(glimpses):
    for step in (5, 10, 15):
        glimpses("a", scan(3), scan(3))
        glimpses.keep(step)
    glimpses.forget_after(10)
    assert list(glimpse_steps(glimpses.folder)) == [5, 10]


def test_they_are_bounded_in_number_and_bytes(glimpses):
    rng = np.random.default_rng(0)
    for step in range(60):
        for name in ("a", "b", "c"):
            glimpses(name, rng.integers(0, 2, SHAPE, np.uint8), scan(3))
        glimpses.keep(step)
    sizes = [p.stat().st_size for p in glimpse_steps(glimpses.folder).values()]
    assert len(sizes) == 50 and max(sizes) < 3 * 192 * 192 * 3
