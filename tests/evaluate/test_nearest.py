"""Distances to the nearest place by every way there is, against all pairs measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from delineate.evaluate import nearest
from delineate.evaluate.nearest import nearest_mm

GRIDS = [
    ((20, 24, 28), (1.0, 1.0, 1.0)),
    ((12, 40, 30), (5.0, 0.7, 0.9)),
    ((30, 9, 25), (0.8, 3.0, 0.4)),
    ((90, 50), (0.5, 1.3)),
]


def scattered(shape: tuple[int, ...], n: int, seed: int) -> Any:
    return np.sort(np.random.default_rng(seed).choice(int(np.prod(shape)), n, replace=False))


def all_pairs(origin: Any, target: Any, shape: tuple[int, ...], spacing_mm: tuple[float, ...]) -> Any:
    origin, target = (np.stack(np.unravel_index(p, shape), axis=1) * spacing_mm for p in (origin, target))
    return cdist(origin, target).min(axis=1)


@pytest.fixture(params=["search", "tree", "transform", "as it comes"])
def way(request: Any, monkeypatch: Any) -> str:
    """Only one of the three ways, or as costs have it."""
    looks = {"search": 10**9, "as it comes": nearest._LOOKS}.get(request.param, 0)
    monkeypatch.setattr(nearest, "_LOOKS", looks)
    if request.param == "search":
        monkeypatch.setattr(nearest, "_tree_mm2", None)
        monkeypatch.setattr(nearest, "_transform_mm2", None)
        monkeypatch.setattr(nearest, "_LINES", 10_000)
    if request.param in ("tree", "transform"):
        monkeypatch.setattr(nearest, "_TREE_QUERY", 0 if request.param == "tree" else 10**9)
        monkeypatch.setattr(nearest, "_TREE_POINT", 0)
    return str(request.param)


@pytest.mark.parametrize(("shape", "spacing_mm"), GRIDS)
@pytest.mark.parametrize("targets", [1, 40, 900])
def test_as_all_pairs(way: str, shape: Any, spacing_mm: Any, targets: int) -> None:
    origin, target = scattered(shape, 700, 1), scattered(shape, targets, 2)
    expected = all_pairs(origin, target, shape, spacing_mm)
    assert nearest_mm(origin, target, shape, spacing_mm) == pytest.approx(expected, rel=1e-6)


def test_lines_longer_than_a_byte(monkeypatch: Any) -> None:
    shape, origin = (700, 8, 8), np.array([0, 64 * 100, 64 * 699 + 63])
    monkeypatch.setattr(nearest, "_LOOKS", 10**6)
    expected = all_pairs(origin, np.array([5]), shape, (0.5, 1.0, 2.0))
    assert nearest_mm(origin, np.array([5]), shape, (0.5, 1.0, 2.0)) == pytest.approx(expected, rel=1e-6)


def test_a_near_surface_is_found_by_looking_beside(monkeypatch: Any) -> None:
    for other in ("_tree_mm2", "_transform_mm2"):
        monkeypatch.setattr(nearest, other, None)  # to call them would be an error
    plane = np.zeros((40, 60, 60), bool)
    plane[20] = True
    origin, target = np.flatnonzero(plane), np.flatnonzero(np.roll(plane, 3, axis=0))
    assert nearest_mm(origin, target, plane.shape, (0.7, 1.0, 1.0)) == pytest.approx(np.full(len(origin), 2.1))


def test_what_a_byte_cannot_count_is_not_passed_over_for_something_farther(monkeypatch: Any) -> None:
    shape, spacing_mm = (3, 320, 12), (5.0, 0.05, 5.0)
    monkeypatch.setattr(nearest, "_LOOKS", 10**6)
    origin, along, beside = (np.ravel_multi_index(p, shape) for p in ((1, 0, 4), (1, 300, 4), (1, 0, 8)))
    found = nearest_mm(np.array([origin]), np.sort([along, beside]), shape, spacing_mm)
    assert found == pytest.approx([15.0])  # 300 steps of 0.05 mm; beside are 20 mm
