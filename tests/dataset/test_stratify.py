"""Patients dealt to parts: nobody lost, classes spread, sizes alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from delineate.dataset.stratify import deal, describe_patients


@st.composite
def cohorts(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, tuple[int, ...]], int, int]:
    """Patients with their cases, voxels per class of each case, the number of parts (more than classes), a seed."""
    classes = draw(st.integers(0, 4))
    counts = draw(st.lists(st.integers(1, 4), min_size=6, max_size=24))
    groups = {f"p{i}": [f"p{i}_{j}" for j in range(n)] for i, n in enumerate(counts)}
    voxels = st.tuples(*[st.sampled_from([0, 0, 5, 900])] * classes)
    sizes = {name: draw(voxels) for members in groups.values() for name in members}
    return groups, sizes, draw(st.integers(classes + 1, 6).filter(lambda k: k >= 2)), draw(st.integers(0, 99))


def dealt(groups: Mapping[str, list[str]], sizes: Mapping[str, tuple[int, ...]], parts: int, seed: int):
    return deal(describe_patients(groups, sizes, parts, seed), (1 / parts,) * parts, parts)


@settings(max_examples=60, deadline=None)
@given(cohorts())
def test_everyone_is_dealt_once_and_every_class_can_be_learned(cohort) -> None:
    groups, sizes, count, seed = cohort
    parts = dealt(groups, sizes, count, seed)
    assert len(parts) == count and all(parts)
    assert sorted(p for part in parts for p in part) == sorted(groups)
    for k in range(len(next(iter(sizes.values())))):
        holders = {g for g, members in groups.items() if any(sizes[m][k] for m in members)}
        if len(holders) > 1:
            assert all(holders - set(part) for part in parts)


@settings(max_examples=30, deadline=None)
@given(cohorts())
def test_the_order_in_which_they_come_does_not_matter(cohort) -> None:
    groups, sizes, count, seed = cohort
    turned = dict(reversed([(g, members[::-1]) for g, members in groups.items()]))
    assert dealt(groups, sizes, count, seed) == dealt(turned, dict(reversed(sizes.items())), count, seed)


def spread(parts: list[list[str]], sizes: Mapping[str, tuple[int, ...]]) -> np.ndarray:
    """How much the parts differ: in presence of each class, and in mean size."""
    present = [np.mean([np.array(sizes[p]) > 0 for p in part], axis=0) for part in parts]
    size = [np.mean([sum(sizes[p]) for p in part]) for part in parts]
    return np.append(np.std(present, axis=0), np.std(size))


def test_parts_are_more_alike_than_by_chance() -> None:
    rng = np.random.default_rng(0)
    fair, chance = [], []
    for seed in range(20):
        sizes = {
            f"p{i}": tuple((rng.random(3) < (0.9, 0.3, 0.1)) * rng.lognormal(5, 1, 3).astype(int)) for i in range(60)
        }
        fair.append(spread(dealt({p: [p] for p in sizes}, sizes, 5, seed), sizes))
        mixed = rng.permutation(sorted(sizes)).reshape(5, 12).tolist()
        chance.append(spread(mixed, sizes))
    assert (np.mean(fair, axis=0) < 0.7 * np.mean(chance, axis=0)).all()


def test_patients_with_many_cases_leave_the_parts_even() -> None:
    groups = {f"p{i}": [f"p{i}_{j}" for j in range(1 + i % 5)] for i in range(40)}
    sizes = {m: (1,) for members in groups.values() for m in members}
    cases = [sum(len(groups[p]) for p in part) for part in dealt(groups, sizes, 5, 1)]
    assert max(cases) - min(cases) <= 5
