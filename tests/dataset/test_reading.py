from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.geometry import Geometry
from delineate.dataset import reading
from delineate.dataset.facts import CaseHead, FileHead
from delineate.dataset.measure import _drawn
from delineate.dataset.reading import FACTS_BYTES, LIBRARIES_BYTES, choose_reading, look_bytes

MIB = 2**20


def head_of(name="a", channels=1, label=True, dtype="int16") -> CaseHead:
    """A case whose channel files take 2 MiB each and whose mask takes 1 MiB."""
    grid = Geometry(shape=(16, 256, 256))

    def file(path, kind):
        return FileHead(path=Path(path), geometry=grid, channels=1, dtype=kind, kind="scan")

    images = tuple(file(f"{name}_{n}.nii", dtype) for n in range(channels))
    return CaseHead(name=name, images=images, label=file(f"{name}.nii", "uint8") if label else None)


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(reading, "tree_bytes", lambda: 100 * MIB)
    return 100 * MIB + LIBRARIES_BYTES


def test_a_look_takes_the_mask_and_one_file_at_a_time():
    assert look_bytes(head_of()) == look_bytes(head_of(channels=4))
    assert 3 * MIB <= look_bytes(head_of()) <= 5 * MIB
    assert look_bytes(head_of(dtype="float64")) > 3 * look_bytes(head_of())
    assert look_bytes(head_of(label=False)) == look_bytes(head_of()) - MIB
    assert look_bytes(CaseHead(name="a", images=())) == 0


@pytest.mark.parametrize(("rooms", "workers"), [(1, 1), (2, 2), (3.5, 3), (20, 8)])
def test_as_many_as_fit_side_by_side(own, rooms, workers):
    heads = [head_of(str(n)) for n in range(10)]
    size = look_bytes(heads[0])
    budget = own + 10 * FACTS_BYTES + int(rooms * size)
    got = choose_reading(heads, 8, budget)
    assert (got.workers, got.too_large) == (workers, {})
    assert got.expected_bytes == own + 10 * FACTS_BYTES + workers * size <= budget


def test_what_does_not_fit_alone_is_told_and_does_not_slow_the_others(own):
    heads = [head_of("small"), head_of("large", dtype="float64"), head_of("other")]
    got = choose_reading(heads, 2, own + 3 * FACTS_BYTES + 2 * look_bytes(heads[0]))
    assert list(got.too_large) == [1] and got.workers == 2
    trouble = got.too_large[1]
    assert trouble.code == "E310" and trouble.path == Path("large_0.nii") and "not looked at" in trouble.what


@pytest.mark.parametrize("size", [1, 10, 200, 10_000])
@pytest.mark.parametrize("marked", [0.0, 0.05, 1.0])
def test_places_are_drawn_plane_by_plane_as_from_a_list_of_all(size, marked):
    mask = np.random.default_rng(3).random((7, 8, 9)) < marked
    places = np.flatnonzero(mask) if mask.any() else np.arange(mask.size)
    rng = np.random.default_rng(5)
    wanted = places if places.size <= size else np.sort(rng.choice(places, size, replace=False, shuffle=False))
    np.testing.assert_array_equal(_drawn(mask, size, np.random.default_rng(5)), wanted)
