"""`make_phantom`: a data set with exact masks, in a layout that delineate reads, from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from delineate.core.errors import RunExistsError, UsageError
from delineate.core.geometry import Triple
from delineate.core.registry import Registry
from delineate.phantom.save import save_pair
from delineate.phantom.scan import Scan

SMALLEST = 24
"""Voxels along an axis below which no structure would be left to find."""


@dataclass(frozen=True)
class Kind:
    """A kind of phantom: how one case is drawn and how a data set of them is written.

    ``draw(shape, rng, sequences)`` gives one case; ``save(folder, name, scan)`` writes it into a training folder;
    ``declare(folder, names, scan, classes)`` writes what describes the folder, if its layout has such a file.
    ``classes`` is ``{name: file value}``; ``dims`` 2 means pictures of one slice.
    """

    draw: Callable[[Triple, np.random.Generator, int], Scan]
    save: Callable[[Path, str, Scan], None]
    classes: dict[str, int]
    dims: int
    declare: Callable[[Path, tuple[str, ...], Scan, dict[str, int]], None] | None = None


PHANTOMS: Registry[Kind] = Registry("phantom", "delineate.phantom")


def make_phantom(
    kind: str,
    folder: Path,
    cases: int,
    size: tuple[int, ...] | int,
    seed: int = 0,
    sequences: int = 2,
    test_cases: int = 0,
) -> Path:
    """Write a data set of phantoms and return the folder to train on.

    ``size`` is voxels along z, y, x (y, x for pictures), or one number for all. ``sequences`` (2 to 4) matters to
    brains. With ``test_cases`` the training set goes to ``folder/train`` and the held-out scans and masks to
    ``folder/test/images`` and ``folder/test/labels``; otherwise ``folder`` is the training set. The same seed gives
    the same bytes, and a case does not depend on how many others there are.

    Raises:
        UnknownNameError: no phantom of that kind.
        UsageError: no cases, or a size or number of sequences that cannot be.
        RunExistsError: ``folder`` is there and not empty.
    """
    made = PHANTOMS[kind]
    shape = _shape(size, made.dims)
    if cases < 1 or test_cases < 0 or seed < 0 or not 2 <= sequences <= 4:
        raise UsageError(
            f"cannot make {cases} and {test_cases} cases of {sequences} sequences from seed {seed}",
            "at least one case, 2 to 4 sequences, a seed from 0 on",
            "change the number",
        )
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise RunExistsError(f"{folder} is not empty", "a new folder", "name another, or delete it first")
    train = folder / "train" if test_cases else folder
    names = tuple(f"{kind}_{i:03d}" for i in range(1, cases + 1))
    for number, name in enumerate(names):
        scan = made.draw(shape, np.random.default_rng([seed, 0, number]), sequences)
        made.save(train, name, scan)
    if made.declare:
        made.declare(train, names, scan, made.classes)
    for number in range(test_cases):
        scan = made.draw(shape, np.random.default_rng([seed, 1, number]), sequences)
        save_pair(folder / "test", f"{kind}_test_{number + 1:03d}", scan)
    return train


def _shape(size: tuple[int, ...] | int, dims: int) -> Triple:
    wanted = (size,) * dims if isinstance(size, int) else tuple(size)
    if len(wanted) != dims or min(wanted) < SMALLEST:
        raise UsageError(
            f"a size of {size}",
            f"{dims} numbers (or one for all) from {SMALLEST} on",
            "give for example " + " ".join(("64", "96", "96")[-dims:]),
        )
    z, y, x = (1, *wanted)[-3:]
    return z, y, x
