"""The same scan saved again is found; other scans are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom

from delineate.dataset.likeness import PLANE, VOLUME, likeness, near_duplicates, thumbnail


def scan(seed: int, shape: tuple[int, int, int] = (40, 48, 44)) -> np.ndarray:
    """The anatomy that all have, and the texture of one person."""
    size = np.array(shape) / 12
    size[np.array(shape) == 1] = 0
    common = gaussian_filter(np.random.default_rng(99).normal(size=shape), size)
    own = gaussian_filter(np.random.default_rng(seed).normal(size=shape), np.minimum(size / 2, 2))
    return (100 * common / common.std() + 40 * own / own.std() + 300).astype(np.float32)


ALTERED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "noise": lambda a: a + np.random.default_rng(5).normal(0, 0.1 * a.std(), a.shape),
    "scale": lambda a: (3.1 * a - 7).astype(np.int16),
    "gamma": lambda a: ((a - a.min()) / np.ptp(a)) ** 0.7,
    "window": lambda a: np.clip(a, *np.percentile(a, (5, 95))),
    "shift": lambda a: np.roll(a, 1, 2),
    "mirror": lambda a: a[:, :, ::-1],
    "mirror twice": lambda a: a[:, ::-1, ::-1],
    "crop": lambda a: a[:, 1:, 2:],
    "8 bit": lambda a: ((a - a.min()) / np.ptp(a) * 255).astype(np.uint8),
}


@pytest.mark.parametrize("how", ALTERED)
@pytest.mark.parametrize("shape", [(40, 48, 44), (1, 200, 180)], ids=["volume", "picture"])
def test_the_same_scan_saved_again_is_found(how: str, shape: tuple[int, int, int]) -> None:
    scans = [scan(k, shape) for k in range(5)]
    scans.append(ALTERED[how](scans[2]))
    assert near_duplicates([thumbnail(a) for a in scans], list("abcdef")) == [(2, 5)]


@pytest.mark.parametrize("count", [8, 24])
def test_where_all_are_alike_only_the_same_scan_is_found(count: int) -> None:
    scans = [4 * scan(99) + scan(k) for k in range(count)]  # one anatomy, a quarter of it one's own
    small = [thumbnail(a) for a in scans]
    assert min(likeness(small[0], other) for other in small[1:]) > 0.9
    assert near_duplicates(small, [str(k) for k in range(count)]) == []
    again = thumbnail(ALTERED["noise"](scans[1]))
    assert near_duplicates([*small, again], [str(k) for k in range(count + 1)]) == [(1, count)]


def test_one_patient_may_be_alike() -> None:
    assert near_duplicates([thumbnail(scan(0))] * 2, ["p", "p"]) == []


def test_volumes_and_pictures_are_kept_apart_and_constant_ones_left_out() -> None:
    flat = scan(0, (1, 40, 44))
    small = [thumbnail(scan(0)), thumbnail(flat), thumbnail(np.ones((40, 50, 60)))]
    assert [t.shape for t in small] == [VOLUME, PLANE, (0, 0, 0)]
    assert near_duplicates([*small, *small], list("abcdef")) == [(0, 3), (1, 4)]
    assert near_duplicates([], []) == []


def test_cells_are_means() -> None:
    array = np.arange(32 * 32 * 32, dtype=np.float32).reshape(32, 32, 32)
    got = thumbnail(array).astype(float)
    means = array.reshape(16, 2, 16, 2, 16, 2).mean((1, 3, 5))
    assert np.corrcoef(got.ravel(), means.ravel())[0, 1] > 0.999
    assert (got.min(), got.max()) == (pytest.approx(0, abs=1), pytest.approx(255, abs=1))


def test_of_a_large_scan_some_voxels_are_enough() -> None:
    small = scan(0, (40, 64, 64))
    large = small.repeat(6, 1).repeat(6, 2)
    large += np.random.default_rng(0).normal(0, 20, large.shape).astype(np.float32)
    got = np.corrcoef(thumbnail(small).ravel(), thumbnail(large).ravel())[0, 1]
    assert got > 0.999 and likeness(thumbnail(small), thumbnail(large)) > 0.98


def test_voxels_that_are_no_numbers_are_borne() -> None:
    array = scan(0)
    array[0, 0, :5] = np.nan, np.inf, -np.inf, 1e30, -1e30
    assert likeness(thumbnail(array), thumbnail(scan(0))) > 0.98


def test_a_stretch_is_undone() -> None:
    other = zoom(scan(0), (1, 1, 1.1), order=1)[:, :, : scan(0).shape[2]]
    assert likeness(thumbnail(scan(0)), thumbnail(other)) > likeness(thumbnail(scan(0)), thumbnail(scan(1)))


def test_many_are_compared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    small = [thumbnail(np.random.default_rng(k).normal(size=(16, 16, 16))) for k in range(30)]
    small[17] = small[3]
    monkeypatch.setattr("delineate.dataset.likeness._BLOCK", 7 * 30)
    assert near_duplicates(small, [str(k) for k in range(30)]) == [(3, 17)]
