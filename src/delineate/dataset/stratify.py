"""Dealing patients to parts so that each part is like the whole: the same classes, the same sizes.

Iterative stratification: Sechidis, Tsoumakas & Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011;
here patients are dealt, each with the traits of all its cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SIZE_BINS = 4


@dataclass(frozen=True, eq=False)
class Patients:
    """Patients in the order in which they are dealt: ``cases`` ``[patient]``, how many each has, and ``traits``
    ``[patient, trait]``, how many of them show a trait. The first ``classes`` traits are the presence of a class, the
    others bins of foreground size."""

    names: tuple[str, ...]
    cases: NDArray[np.int64]
    traits: NDArray[np.int64]
    classes: int


def describe_patients(
    groups: Mapping[str, Sequence[str]], sizes: Mapping[str, Sequence[int]], parts: int, seed: int
) -> Patients:
    """The traits of every patient (``groups``: its cases) from ``sizes``: voxels per class of each case.

    The order is drawn from the seed; it does not depend on the order of ``groups``.
    """
    order = np.random.default_rng(np.random.SeedSequence([seed])).permutation(sorted(groups))
    names = tuple(str(n) for n in order)
    every = sorted(name for members in groups.values() for name in members)
    classes = max((len(s) for s in sizes.values()), default=0)
    shown = {name: [int(v > 0) for v in sizes.get(name, [0] * classes)] for name in every}
    bins = max(1, min(_SIZE_BINS, len(every) // max(1, parts))) if classes else 0
    ranked = sorted(every, key=lambda name: (sum(sizes.get(name, ())), name))
    for rank, name in enumerate(ranked):
        shown[name] += [int(b == rank * bins // len(every)) for b in range(bins)]
    traits = np.array([np.sum([shown[name] for name in groups[g]], axis=0) for g in names], np.int64)
    cases = np.array([len(groups[g]) for g in names], np.int64)
    return Patients(names, cases, traits, classes)


def deal(patients: Patients, shares: Sequence[float], judged: int) -> list[list[str]]:
    """A part of the patients for each of ``shares`` (their sum is 1), none of them empty.

    The rarest trait is dealt first, each of its patients to the part that lacks it most. The first ``judged`` parts are
    validated on: none gets all patients of a class that two or more have, for then nobody could learn it (certain where
    there are fewer classes than parts, or one judged part; else avoided where it can be).
    """
    table = _Table(patients, np.asarray(shares, np.float64), judged)
    while (trait := table.rarest()) is not None:
        held = np.flatnonzero(table.open & (patients.traits[:, trait] > 0))
        table.place(int(max(held, key=lambda p: patients.traits[p, trait])), trait)
    for patient in sorted(np.flatnonzero(table.open), key=lambda p: -patients.cases[p]):
        table.place(int(patient), None)
    return table.parts()


class _Table:
    """Who is dealt to which part, and what each part still wants."""

    def __init__(self, patients: Patients, shares: NDArray[np.float64], judged: int) -> None:
        self.patients, self.judged = patients, judged
        self.part = np.full(len(patients.names), -1)
        self.wants_cases = shares * patients.cases.sum()
        self.wants_traits = shares[:, None] * patients.traits.sum(axis=0)

    @property
    def open(self) -> NDArray[np.bool_]:
        return self.part < 0

    def rarest(self) -> int | None:
        """The trait that the fewest patients not yet dealt have."""
        left = np.count_nonzero(self.patients.traits[self.open], axis=0)
        return min(np.flatnonzero(left).tolist(), key=lambda t: left[t], default=None)

    def place(self, patient: int, trait: int | None) -> None:
        wanted = self.wants_cases if trait is None else self.wants_traits[:, trait]
        spoiled = self._spoiled(patient)
        best = min(range(len(wanted)), key=lambda f: (spoiled[f], -round(wanted[f], 9), -self.wants_cases[f]))
        self.part[patient] = best
        self.wants_cases[best] -= self.patients.cases[patient]
        self.wants_traits[best] -= self.patients.traits[patient]

    def _spoiled(self, patient: int) -> NDArray[np.int64]:
        """For each part, how many classes it alone would have if this patient came to it, too."""
        count = np.zeros(len(self.wants_cases), np.int64)
        for trait in np.flatnonzero(self.patients.traits[patient, : self.patients.classes]):
            others = self.patients.traits[:, trait] > 0
            others[patient] = False
            where = np.unique(self.part[others])
            if len(where) == 1 and 0 <= where[0] < self.judged:
                count[where[0]] += 1
        return count

    def parts(self) -> list[list[str]]:
        for empty in set(range(len(self.wants_cases))) - set(self.part.tolist()):
            fullest = int(np.bincount(self.part).argmax())
            held = np.flatnonzero(self.part == fullest)
            self.part[min(held, key=lambda p: self.patients.cases[p])] = empty
        return [[self.patients.names[p] for p in np.flatnonzero(self.part == f)] for f in range(len(self.wants_cases))]
