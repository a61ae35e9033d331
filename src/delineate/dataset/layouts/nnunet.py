"""nnU-Net 2 raw data: `dataset.json` with channel_names, labels and file_ending; imagesTr/x_0000, labelsTr/x.

With the entry ``dataset`` the json lists the files of each case instead.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from delineate.core.errors import LayoutError
from delineate.core.listing import listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.declaration import declared_channels, declared_labels, read_declaration
from delineate.dataset.folder import must_exist
from delineate.dataset.layouts import LAYOUTS


@LAYOUTS.register("nnunet")
def find_nnunet(root: Path) -> Dataset | None:
    """Cases of imagesTr and labelsTr; imagesTs has no labels and is left out."""
    declaration = read_declaration(root)
    if declaration is None or "channel_names" not in declaration[1]:
        return None
    path, content = declaration
    channels = declared_channels(path, content["channel_names"])
    cases = _listed(path, content["dataset"]) if "dataset" in content else _in_folders(path, content, len(channels))
    if not cases:
        raise LayoutError(f"{path.parent} has no training cases", "images in imagesTr, masks in labelsTr", "add them")
    notes = [f"channels and labels declared in {path.name}"]
    if (path.parent / "imagesTs").is_dir():
        notes.append("imagesTs is left out: these images have no labels for training")
    return Dataset(
        root=path.parent,
        layout="nnunet",
        channels=channels,
        cases=cases,
        labels=declared_labels(path, content),
        notes=tuple(notes),
    )


def _listed(path: Path, entries: dict[str, Any]) -> tuple[Case, ...]:
    try:
        cases = tuple(
            Case(
                name=name,
                images=tuple(path.parent / i for i in entry["images"]),
                label=path.parent / entry["label"],
            )
            for name, entry in sorted(entries.items())
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LayoutError(
            f"the entry `dataset` of {path} cannot be used: {error}", '{"case": {"images": [...], "label": ...}}'
        ) from error
    must_exist({f"{c.name}/{i}": p for c in cases for i, p in enumerate((*c.images, c.label)) if p}, path)
    return cases


def _in_folders(path: Path, content: dict[str, Any], channels: int) -> tuple[Case, ...]:
    ending = str(content.get("file_ending", ".nii.gz"))
    images: dict[str, dict[int, Path]] = defaultdict(dict)
    odd = []
    for name, file in _files(path.parent / "imagesTr", ending).items():
        base, _, number = name.rpartition("_")
        if base and len(number) == 4 and number.isdigit():
            images[base][int(number)] = file
        else:
            odd.append(file.name)
    labels = _files(path.parent / "labelsTr", ending)
    wanted = set(range(channels))
    faults = {
        "images whose name does not end in _0000, _0001 ...": odd,
        "images without a label": sorted(set(images) - set(labels)),
        "labels without an image": sorted(set(labels) - set(images)),
        f"cases that do not have exactly {channels} channels": sorted(n for n, c in images.items() if set(c) != wanted),
    }
    told = "; ".join(f"{len(names)} {what}: {listed(names)}" for what, names in faults.items() if names)
    if told:
        raise LayoutError(
            f"{path.parent}: {told}",
            f"imagesTr/CASE_0000{ending} (one file per channel) and labelsTr/CASE{ending}",
            "bring or remove the named files, or correct channel_names or file_ending in dataset.json",
        )
    return tuple(
        Case(name=n, images=tuple(images[n][i] for i in range(channels)), label=labels[n]) for n in sorted(labels)
    )


def _files(folder: Path, ending: str) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {
        p.name[: -len(ending)]: p
        for p in sorted(folder.iterdir())
        if p.name.endswith(ending) and not p.name.startswith(".")
    }
