"""Medical Segmentation Decathlon (Antonelli et al., Nature Communications 2022): `dataset.json` lists the pairs.

nnU-Net 1 wrote the same file for images split by channel (``x_0000.nii.gz``); these are found too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.declaration import declared_channels, declared_labels, read_declaration
from delineate.dataset.folder import must_exist, scans_in, stem
from delineate.dataset.layouts import LAYOUTS


@LAYOUTS.register("msd")
def find_msd(root: Path) -> Dataset | None:
    """Cases of ``training``; the ``test`` images have no labels and are left out."""
    declaration = read_declaration(root)
    if declaration is None or "training" not in declaration[1] or "channel_names" in declaration[1]:
        return None
    path, content = declaration
    channels = declared_channels(path, content.get("modality"))
    cases = tuple(_case(path, entry, len(channels)) for entry in content["training"])
    if not cases:
        raise LayoutError(f"{path} lists no training cases", "entries with image and label", "fill in `training`")
    must_exist({f"{c.name}/{i}": p for c in cases for i, p in enumerate((*c.images, c.label)) if p}, path)
    return Dataset(
        root=path.parent,
        layout="msd",
        channels=channels,
        cases=cases,
        labels=declared_labels(path, content),
        notes=_notes(path, content, cases),
    )


def _case(path: Path, entry: Any, channels: int) -> Case:
    if not isinstance(entry, dict) or not entry.get("image") or not entry.get("label"):
        raise LayoutError(f"{path}: a training entry without image or label: {entry!r}", "both", "complete the entry")
    image, label = path.parent / entry["image"], path.parent / entry["label"]
    images = (image,)
    if not image.is_file():
        split = tuple(
            image.with_name(f"{stem(image)}_{i:04d}{image.name[len(stem(image)) :]}") for i in range(channels)
        )
        images = split if split[0].is_file() else images
    return Case(name=stem(label), images=images, label=label)


def _notes(path: Path, content: dict[str, Any], cases: tuple[Case, ...]) -> tuple[str, ...]:
    notes = [f"{len(cases)} pairs listed in {path.name}"]
    if content.get("test"):
        notes.append(f"left out: {counted(len(content['test']), 'test image')} without a label")
    used = {p.resolve() for c in cases for p in c.images}
    folders = {p.parent.resolve() for c in cases for p in c.images}  # a link's own, not where it leads
    unused = [p.name for f in folders for p in scans_in(f) if p.resolve() not in used]
    if unused:
        notes.append(f"left out: {counted(len(unused), 'image')} beside the listed ones: {listed(unused, 3)}")
    return tuple(notes)
