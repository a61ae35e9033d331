"""`RunSummary`: how a run went, as JSON; and the pictures kept for the report."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from delineate.core.errors import RunError
from delineate.core.files import atomic_path
from delineate.core.record import Record
from delineate.show.facts import CasePicture, DrawCount, Mosaic


class RunSummary(Record):
    """Time in seconds by phase, memory in bytes, what ran where, how often each augmentation was applied, and what
    patches were drawn for."""

    complete: bool
    validation_dice: float | None
    steps: int
    timings_s: dict[str, float]
    expected_bytes: int
    peak_bytes: int
    budget_bytes: int
    device: str
    precision: str
    patches: int
    applied: dict[str, int]
    versions: dict[str, str]
    notes: tuple[str, ...] = ()
    draws: tuple[DrawCount, ...] = ()


def save_pictures(path: Path, pictures: Sequence[CasePicture], mosaic: Mosaic | None) -> None:
    """Keep what the report draws, as arrays without pickles."""
    arrays: dict[str, np.ndarray] = {}
    for number, picture in enumerate(pictures):
        arrays[f"{number}.text"] = np.array([picture.case, picture.title, picture.note])
        arrays[f"{number}.image"] = picture.image_zyx
        arrays[f"{number}.truth"] = picture.truth_zyx
        arrays[f"{number}.prediction"] = picture.prediction_zyx
        arrays[f"{number}.spacing_mm"] = np.array(picture.spacing_mm)
    if mosaic is not None:
        arrays["mosaic.images"], arrays["mosaic.labels"] = mosaic.images, mosaic.labels
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def load_pictures(path: Path) -> tuple[tuple[CasePicture, ...], Mosaic | None]:
    """What `save_pictures` kept; nothing where there is no such file.

    Raises:
        RunError: the file is damaged.
    """
    if not path.exists():
        return (), None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            numbers = sorted({int(k.split(".")[0]) for k in kept.files if k[0].isdigit()})
            pictures = tuple(_picture(kept, n) for n in numbers)
            mosaic = Mosaic(kept["mosaic.images"], kept["mosaic.labels"]) if "mosaic.images" in kept.files else None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise RunError(
            f"{path} cannot be read: {error}",
            "the pictures that training kept",
            "delete the file: the report is then without pictures of cases",
        ) from error
    return pictures, mosaic


def _picture(kept: np.lib.npyio.NpzFile, number: int) -> CasePicture:
    case, title, note = (str(t) for t in kept[f"{number}.text"])
    z, y, x = (float(v) for v in kept[f"{number}.spacing_mm"])
    return CasePicture(
        case, title, kept[f"{number}.image"], kept[f"{number}.truth"], kept[f"{number}.prediction"], (z, y, x), note
    )
