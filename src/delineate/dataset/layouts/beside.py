"""Images and masks beside each other in one folder: CaseN with mask_caseN, x.jpg with x_mask.gif."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.channels import name_channels
from delineate.dataset.folder import folders_in, scans_in, stem
from delineate.dataset.layouts import LAYOUTS
from delineate.dataset.pairing import pair_names
from delineate.dataset.words import LABEL_WORDS, names_label, tokens, trimmed


@LAYOUTS.register("beside")
def find_beside(root: Path) -> Dataset | None:
    """Pairs in one folder, where every mask has a word such as mask or label at the beginning or end of its name."""
    files = scans_in(root) if root.is_dir() else ()
    if not files or any(not trimmed(tokens(stem(f)), LABEL_WORDS) for f in files):
        return None  # a file named just "label" belongs to a folder per case
    images, labels = (_named([f for f in files if names_label(stem(f)) is told]) for told in (False, True))
    if not labels or not images:
        have, lack = ("images", "labels") if images else ("labels", "images")
        raise LayoutError(
            f"{root} holds {len(files)} {have} and no {lack}: {listed(f.name for f in files)}",
            "an image and a label for each case",
            f"bring the {lack}, named like the {have} or in a folder {lack} beside a folder {have}",
        )
    pairing = pair_names(images, labels, str(root))
    suffixes = tuple(sorted(next(iter(pairing.images.values()))))
    names = {label: _case_name(label, pairing.images[label]) for label in pairing.images}
    cases = tuple(
        Case(name=names[n], images=tuple(images[pairing.images[n][s]] for s in suffixes), label=labels[n])
        for n in sorted(names)
    )
    channels, said = name_channels(suffixes, cases[0].images[0])
    rest = [f.name for f in folders_in(root) if scans_in(f, deep=True)]
    left = (f"folders left out: {listed(rest)}",) if rest else ()
    notes = (f"images and labels beside each other, paired by {pairing.rule}", said, *left)
    return Dataset(root=root, layout="beside", channels=channels, cases=cases, notes=notes)


def _case_name(label: str, images: dict[str, str]) -> str:
    """The image's name where there is one image, else the label's."""
    return next(iter(images.values())) if len(images) == 1 else label


def _named(files: list[Path]) -> dict[str, Path]:
    twice = [name for name, n in Counter(stem(f).casefold() for f in files).items() if n > 1]
    if twice:
        raise LayoutError(
            f"several files of one name: {listed(f.name for f in files if stem(f).casefold() in twice)}",
            "one file per name",
            "remove the ones that do not belong",
        )
    return {stem(f): f for f in files}
