"""A CSV table with a row per case: columns image and label, or a column per channel; name and patient if wanted."""

from __future__ import annotations

from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.channels import name_channels
from delineate.dataset.folder import must_exist, read_table, unique_names
from delineate.dataset.group import patient_column
from delineate.dataset.layouts import LAYOUTS
from delineate.dataset.words import LABEL_WORDS, tokens
from delineate.formats import is_scan

_FILLING = frozenset({"path", "paths", "file", "filename", "name"})
_NAMES = ("name", "case", "case_id", "id")


@LAYOUTS.register("manifest")
def find_manifest(root: Path) -> Dataset | None:
    """Cases of a ``.csv`` file or of ``manifest.csv`` in a folder; paths are relative to the file's folder."""
    path = root / "manifest.csv" if root.is_dir() else root
    if path.suffix != ".csv" or not path.is_file():
        return None
    rows = read_table(path)
    label, images = _columns(path, rows)
    table = [(tuple(path.parent / row[c] for c in images), path.parent / row[label]) for row in rows]
    must_exist({f"{i}/{k}": p for i, (im, la) in enumerate(table) for k, p in enumerate((*im, la))}, path)
    name_column = next((c for c in _NAMES if c in rows[0]), None)
    names = tuple(r[name_column] for r in rows) if name_column else unique_names(tuple(im[0] for im, _ in table))
    patient = patient_column(rows)
    channels, said = name_channels(("",) if len(images) == 1 else tuple(map(_channel, images)), table[0][0][0])
    cases = tuple(
        Case(name=name, images=im, label=la, group=row[patient] if patient else "")
        for name, (im, la), row in zip(names, table, rows, strict=True)
    )
    notes = (f"{counted(len(cases), 'case')} in {path.name}: images in {', '.join(images)}, labels in {label}", said)
    return Dataset(root=path.parent, layout="manifest", channels=channels, cases=cases, notes=notes)


def _columns(path: Path, rows: tuple[dict[str, str], ...]) -> tuple[str, list[str]]:
    """The column of the masks and those of the images."""
    with_paths = [c for c in rows[0] if all(is_scan(Path(row[c])) for row in rows if row[c])]
    labels = [c for c in with_paths if LABEL_WORDS & set(tokens(c))]
    images = [c for c in with_paths if c not in labels and any(row[c] for row in rows)]
    if len(labels) != 1 or not images:
        raise LayoutError(
            f"{path} has the columns {listed(rows[0])}; image paths in {listed(images) or 'none'}, "
            f"label paths in {listed(labels) or 'none'}",
            "a column label and a column image, or one named after each channel",
            "rename the columns",
        )
    gaps = [f"row {i}: {c}" for i, row in enumerate(rows, 2) for c in (*images, *labels) if not row[c]]
    if gaps:
        raise LayoutError(f"{path} has empty places: {listed(gaps)}", "an image and a label per row", "fill them in")
    return labels[0], images


def _channel(column: str) -> str:
    words = [w for w in column.replace("-", "_").split("_") if w not in _FILLING and w not in ("image", "img")]
    return "_".join(words) or column
