"""Probability maps in files, compared with the truth.

A folder of maps holds one folder per class with a file per case, ``FOLDER/tumour/case01.nii.gz``, values from 0 to 1 on
the grid of the scan, and ``labels.json`` with the classes: what `delineate predict --probabilities` writes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from delineate.core.errors import DataError, GeometryError, LabelError, LayoutError
from delineate.core.files import write_text
from delineate.core.geometry import Geometry, same_place
from delineate.core.labels import Labels
from delineate.core.listing import listed
from delineate.core.record import Record
from delineate.core.volume import Volume
from delineate.evaluate.calibration import Reliability, Tally
from delineate.evaluate.maskpair import masks_in, pair_files
from delineate.formats import read_label, read_volume

LABELS = "labels.json"
_TOLERANCE = 1e-4

Progress = Callable[[int, int], None]


class Calibration(Record):
    """The calibration of every class over all cases together (``classes``), and of each case alone (``cases``).
    ``notes`` say what a reader of the numbers must know."""

    classes: tuple[Reliability, ...]
    cases: tuple[Reliability, ...]
    notes: tuple[str, ...] = ()

    def save_csv(self, path: Path) -> None:
        """Write one line per case and class, atomically; lines without a case are those of all cases together."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(("case", "class", "ece", "ace", "brier", "voxels"))
        for r in (*self.cases, *self.classes):
            table.writerow((r.case, r.class_name, r.ece, r.ace, r.brier, r.voxels))
        write_text(path, text.getvalue())


def class_folders(folder: Path, labels: Labels) -> dict[str, Path]:
    """Where the maps of each class lie: a folder named like the class, with ``_`` for what file names cannot hold."""
    names = [re.sub(r"[^\w .+-]", "_", name).strip(" .") or "_" for name in labels.names]
    taken = [n if names.count(n) == 1 else f"{i}_{n}" for i, n in enumerate(names, 1)]
    return {name: folder / place for name, place in zip(labels.names, taken, strict=True)}


def calibrate_files(
    folder: Path, truth: Path, labels: Labels | None = None, progress: Progress | None = None
) -> Calibration:
    """Compare the maps in ``folder`` with a true mask or a folder of them, of the same names but for the suffix.

    Without ``labels`` the classes are those of the folder's ``labels.json``. One map is held at a time.

    Raises:
        LayoutError: a class without a folder, or no map has the name of a mask.
        GeometryError: a map lies on another grid than the truth.
        DataError: values that are no probabilities.
        LabelError: values in a mask that the labels do not declare.
        FormatError, RunError: a file that cannot be read.
    """
    folder = Path(folder)
    labels = labels or Labels.load(_labels_file(folder))
    maps, truths, notes = _pair(folder, Path(truth), labels)
    cases: list[Reliability] = []
    pooled = {name: Tally() for name in labels.names}
    for done, (case, path) in enumerate(truths.items(), 1):
        for name, tally in _tallies(maps[case], path, labels).items():
            pooled[name] += tally
            cases.append(tally.reliability(name, case))
        if progress:
            progress(done, len(truths))
    classes = tuple(tally.reliability(name) for name, tally in pooled.items())
    return Calibration(classes=classes, cases=tuple(cases), notes=notes)


def _labels_file(folder: Path) -> Path:
    if not (folder / LABELS).is_file():
        raise LayoutError(
            f"{folder} has no {LABELS}, so its classes are not known",
            "the folder that `delineate predict --probabilities` wrote",
            "name the run whose classes these are with --run",
        )
    return folder / LABELS


def _pair(
    folder: Path, truth: Path, labels: Labels
) -> tuple[dict[str, dict[str, Path]], dict[str, Path], tuple[str, ...]]:
    """The maps of each case by class, the true masks, and what to tell of cases that are left out."""
    maps: dict[str, dict[str, Path]] = {}
    truths: dict[str, Path] = {}
    mapless, truthless = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for name, place in class_folders(folder, labels).items():
        if not place.is_dir():
            raise LayoutError(
                f"no probability maps of {name}: {place} is not there",
                "one folder per class, named like the class",
                "predict with --probabilities, or name the run whose classes these are with --run",
            )
        # a single truth is paired with the map of its name, like a folder of one mask
        pairs = pair_files(place, truth)[0]
        for pair in pairs:
            if pair.prediction is not None:
                maps.setdefault(pair.case, {})[name] = pair.prediction
                truths[pair.case] = pair.truth
            else:
                mapless[pair.case].append(name)
        for case in sorted(masks_in(place).keys() - {p.case for p in pairs}):
            truthless[case].append(name)
    return maps, truths, (*_left_out("a map", mapless, labels), *_left_out("a truth", truthless, labels))


def _left_out(what: str, cases: dict[str, list[str]], labels: Labels) -> tuple[str, ...]:
    """What to tell of cases that lack something in some of the classes, or in all."""
    told = [case if len(n) == len(labels.names) else f"{case} ({', '.join(n)})" for case, n in cases.items()]
    return (f"left out of the calibration for want of {what}: {listed(told)}",) if told else ()


def _tallies(maps: dict[str, Path], truth: Path, labels: Labels) -> dict[str, Tally]:
    true = read_label(truth)
    try:
        ids = labels.encode(true.array_czyx[0])
    except LabelError as error:
        raise LabelError(f"{truth}: {error.what}", error.expected, error.fix) from error
    valid = None if labels.ignore_id is None else ids != labels.ignore_id
    wanted = {c.name: c.ids for c in labels.classes}
    found = {}
    for name, path in maps.items():
        probability = _read_map(path, true.geometry).array_czyx[0]
        found[name] = Tally.of(probability, np.isin(ids, wanted[name]), valid)
        del probability
    return found


def _read_map(path: Path, geometry: Geometry) -> Volume:
    volume = read_volume(path)
    if len(volume.array_czyx) != 1 or not same_place(volume.geometry, geometry):
        raise GeometryError(
            f"the probability map {path} has {len(volume.array_czyx)} channels and the shape {volume.geometry.shape}",
            f"one channel on the grid of its true mask, {geometry.shape}",
            "predict it again for this scan with --probabilities",
        )
    low, high = float(volume.array_czyx.min()), float(volume.array_czyx.max())
    if not (low >= -_TOLERANCE and high <= 1 + _TOLERANCE):
        raise DataError(
            f"the probability map {path} holds values from {low:g} to {high:g}",
            "probabilities from 0 to 1",
            "write probabilities (after softmax or sigmoid), not logits, percent or labels",
        )
    return volume
