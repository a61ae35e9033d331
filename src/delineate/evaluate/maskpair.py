"""`MaskPair`: which prediction belongs to which truth, told by the names of the files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.formats import is_scan, strip_suffix


@dataclass(frozen=True)
class MaskPair:
    """One case: its true mask, and the predicted one; None where nobody predicted it, which is an empty prediction."""

    case: str
    prediction: Path | None
    truth: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The files there are."""
        return (self.truth,) if self.prediction is None else (self.prediction, self.truth)


def pair_files(prediction: Path, truth: Path) -> tuple[tuple[MaskPair, ...], tuple[str, ...]]:
    """A pair for every truth, sorted by name, and what to tell of files without a partner.

    Both are files, or folders whose files have the same names but for the suffix. A truth without a prediction is kept,
    a prediction without a truth left out.

    Raises:
        LayoutError: a path does not exist, two files have one name, or no prediction has the name of a truth.
    """
    for path in (prediction, truth):
        if not path.exists():
            raise LayoutError(f"{path} does not exist", "a mask or a folder of masks", "check the path")
    if prediction.is_file() and truth.is_file():
        return (MaskPair(strip_suffix(truth), prediction, truth),), ()
    found, wanted = masks_in(prediction), masks_in(truth)
    missing, extra = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
    if len(missing) == len(wanted):
        raise LayoutError(
            f"no mask in {prediction} ({listed(extra) or 'none there'}) has the name of one in {truth} "
            f"({listed(missing) or 'none there'})",
            "a prediction for a truth, of the same name (suffixes may differ)",
            "check the two paths; rename the predictions if they carry an ending of their own",
        )
    notes = []
    if missing:
        lacking = counted(len(missing), "case")
        notes.append(f"{lacking} without a prediction, counted as missed (an empty mask): {listed(missing)}")
    if extra:
        notes.append(f"{counted(len(extra), 'case')} in {prediction} without a truth, left out: {listed(extra)}")
    return tuple(MaskPair(name, found.get(name), wanted[name]) for name in sorted(wanted)), tuple(notes)


def masks_in(path: Path) -> dict[str, Path]:
    """The masks in a folder, or the one of a file, by name of the case.

    Raises:
        LayoutError: two files have one name.
    """
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
