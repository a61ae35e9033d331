"""Masks in files: paired by name, compared on one grid, measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delineate.core.errors import GeometryError, LabelError, LayoutError
from delineate.core.geometry import corner_distance_mm, same_place
from delineate.core.labels import Labels
from delineate.core.volume import Volume
from delineate.evaluate.score import ClassScore, score_case
from delineate.evaluate.table import ScoreTable, summarise
from delineate.formats import is_scan, read_label, strip_suffix

Progress = Callable[[int, int], None]

_MOST_VALUES = 1000


def evaluate_files(
    prediction: Path, truth: Path, labels: Labels | None = None, progress: Progress | None = None
) -> ScoreTable:
    """Measure masks against the truth: two files, or two folders whose files have the same names but for the suffix.

    Without ``labels`` every value but 0 found in any of the files is a class (so 0/255 is fine). ``progress`` is
    told how many cases of how many are done.

    Raises:
        LayoutError: a file without a partner, two of one name, or nothing to compare; all are named.
        GeometryError: prediction and truth lie on different grids.
        LabelError: values that ``labels`` does not declare, or nothing but background everywhere.
        FormatError: a file that cannot be read.
    """
    pairs = pair_files(Path(prediction), Path(truth))
    labels = labels or infer_labels([path for _, *both in pairs for path in both])
    rows: list[ClassScore] = []
    for done, (case, predicted, true) in enumerate(pairs, 1):
        rows += score_files(predicted, true, labels, case)
        if progress:
            progress(done, len(pairs))
    return summarise(rows)


def score_files(prediction: Path, truth: Path, labels: Labels, case: str) -> tuple[ClassScore, ...]:
    """Measure one file against another; see `evaluate_files`."""
    predicted, true = read_label(prediction), read_label(truth)
    _refuse_elsewhere(predicted, true, prediction, truth)
    ids = [_encode(volume, labels, path) for volume, path in ((predicted, prediction), (true, truth))]
    return score_case(ids[0], ids[1], labels, true.geometry, case)


def pair_files(prediction: Path, truth: Path) -> tuple[tuple[str, Path, Path], ...]:
    """Which prediction belongs to which truth: ``(case, prediction, truth)``, sorted by name; see `evaluate_files`."""
    for path in (prediction, truth):
        if not path.exists():
            raise LayoutError(f"{path} does not exist", "a mask or a folder of masks", "check the path")
    if prediction.is_file() and truth.is_file():
        return ((strip_suffix(truth), prediction, truth),)
    found, wanted = _masks(prediction), _masks(truth)
    _refuse_unmatched(found, wanted, prediction, truth)
    return tuple((name, found[name], wanted[name]) for name in sorted(wanted))


def infer_labels(paths: Sequence[Path]) -> Labels:
    """One class per value other than 0 that stands in any of the files.

    Raises:
        LabelError: there is none, or so many that a file cannot be a mask.
    """
    values: set[int] = set()
    for path in paths:
        values |= {int(v) for v in np.unique(read_label(path).array_czyx)} - {0}
        if len(values) > _MOST_VALUES:
            raise LabelError(f"{path} brings the labels to {len(values)} values", "a mask", "is it a scan by mistake?")
    if not values:
        raise LabelError("nothing but background in any mask", "at least one labelled voxel", "check the two paths")
    if len(values) == 1:
        return Labels.exclusive({values.pop(): "foreground"})
    return Labels.exclusive({v: f"label {v}" for v in sorted(values)})


def _masks(path: Path) -> dict[str, Path]:
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    found: dict[str, Path] = {}
    for file in files:
        if file.name.startswith(".") or not is_scan(file):
            continue
        name = strip_suffix(file)
        if name in found:
            raise LayoutError(f"two masks named {name}: {found[name]} and {file}", "one per case", "move one away")
        found[name] = file
    return found


def _refuse_unmatched(found: dict[str, Path], wanted: dict[str, Path], prediction: Path, truth: Path) -> None:
    complaints = [
        f"{len(names)} in {here} without a partner in {there}: {_some(names)}"
        for names, here, there in (
            (sorted(wanted.keys() - found.keys()), truth, prediction),
            (sorted(found.keys() - wanted.keys()), prediction, truth),
        )
        if names
    ]
    if not found and not wanted:
        complaints = [f"no masks in {prediction} and none in {truth}"]
    if complaints:
        raise LayoutError(
            "; ".join(complaints),
            "a prediction for every truth and the reverse, of the same name (suffixes may differ)",
            "predict what is missing, or give folders that hold only the cases to compare",
        )


def _refuse_elsewhere(predicted: Volume, true: Volume, prediction: Path, truth: Path) -> None:
    a, b = predicted.geometry, true.geometry
    if same_place(a, b):
        return
    if a.shape != b.shape:
        what = f"{prediction} has shape {a.shape}, {truth} has {b.shape}"
    else:
        what = f"{prediction} and {truth} lie {corner_distance_mm(a, b):.2f} mm apart"
    raise GeometryError(what, "masks on one grid", "resample the prediction to the truth's grid (nearest neighbour)")


def _encode(volume: Volume, labels: Labels, path: Path) -> NDArray[Any]:
    try:
        return labels.encode(volume.array_czyx[0])
    except LabelError as error:
        raise LabelError(f"{path}: {error.what}", error.expected, error.fix) from error


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
