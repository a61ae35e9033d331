"""The `dataset.json` of a folder: read, with its labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from delineate.core.errors import LayoutError
from delineate.core.labels import Labels


def read_declaration(root: Path) -> tuple[Path, dict[str, Any]] | None:
    """The path and the content of ``dataset.json`` in a folder (or given itself); None where there is none.

    Raises:
        LayoutError: the file is not a JSON object.
    """
    path = root / "dataset.json" if root.is_dir() else root
    if path.name != "dataset.json" or not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise LayoutError(f"{path} is not JSON: {error}", "a JSON object", "repair the named place") from error
    if not isinstance(content, dict):
        raise LayoutError(f"{path} holds a {type(content).__name__}", "a JSON object", "repair the file")
    return path, content


def declared_labels(path: Path, content: dict[str, Any]) -> Labels:
    """Labels from ``{"1": "liver"}`` (Decathlon, nnU-Net 1) or ``{"liver": 1, "whole": [1, 2]}`` (nnU-Net 2).

    The value named ``ignore`` marks voxels nobody labelled.

    Raises:
        LayoutError: the labels are missing, not integers, or regions without ``regions_class_order``.
    """
    try:
        unions = {name: union for name, union in _unions(content["labels"]) if union != (0,)}
        ignored = [unions.pop(name) for name in list(unions) if name.lower() == "ignore"]
        ignore = ignored[0][0] if ignored else None
        if all(len(union) == 1 for union in unions.values()):
            return Labels.exclusive({union[0]: name for name, union in unions.items()}, ignore)
        return Labels.of_regions(unions, tuple(int(v) for v in content["regions_class_order"]), ignore)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0]
        raise LayoutError(
            f"the labels of {path} cannot be used: {said}",
            '{"0": "background", "1": "liver"} or {"background": 0, "liver": 1}; '
            "with regions also regions_class_order, one value per region",
            "correct the entry `labels`",
        ) from error


def _unions(labels: dict[str, Any]) -> list[tuple[str, tuple[int, ...]]]:
    if all(key.lstrip("-").isdigit() for key in labels):
        return [(str(name), (int(value),)) for value, name in labels.items()]
    return [(n, tuple(int(v) for v in u) if isinstance(u, list) else (int(u),)) for n, u in labels.items()]


def declared_channels(path: Path, names: Any) -> tuple[str, ...]:
    """Channel names from ``{"0": "CT"}``.

    Raises:
        LayoutError: the entry is not such a mapping with the numbers 0, 1, 2 ...
    """
    if isinstance(names, dict) and names:
        keys = sorted(names, key=lambda k: (len(k), k))
        if keys == [str(i) for i in range(len(keys))]:
            return tuple(str(names[k]) for k in keys)
    raise LayoutError(
        f"{path} does not name its channels: {names!r}", '{"0": "CT"} or {"0": "FLAIR", "1": "T1"}', "correct the entry"
    )
