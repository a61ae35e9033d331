"""A folder per case (BraTS, KiTS): the file name says the channel; the mask is named label, seg, mask, gt ..."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.channels import name_channels
from delineate.dataset.folder import folders_in, scans_in, stem
from delineate.dataset.layouts import LAYOUTS
from delineate.dataset.words import LABEL_WORDS, looks_extra, names_label, squash, tokens, trimmed


@dataclass
class CaseFolder:
    """One case while it is being told: images by what their names add to the case's, and files not used."""

    name: str
    images: dict[str, Path]
    label: Path
    extra: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)
    group: str = ""


@LAYOUTS.register("folders")
def find_folders(root: Path) -> Dataset | None:
    """Cases in folders (at any depth), or ``root`` itself as one case if it holds a file named just label or mask."""
    if not root.is_dir():
        return None
    places = _case_places(root)
    if not places:
        return None
    found = [case for place in places for case in _read_place(place)]
    _judge_unlabelled(found, len(places))
    _name_by_path(found, root)
    suffixes = _channel_suffixes(found)
    cases = tuple(
        Case(name=f.name, images=tuple(f.images[s] for s in suffixes), label=f.label, group=f.group)
        for f in sorted(found, key=lambda f: f.name)
    )
    channels, said = name_channels(suffixes, cases[0].images[0])
    labels = sorted({p.label.name for p in found})
    notes = [f"a folder per case, labels in files such as {labels[0]}", said]
    extra = Counter(e for f in found for e in f.extra)
    if extra:
        told = listed(f"{name} ({counted(n, 'case')})" for name, n in sorted(extra.items()))
        notes.append(f"not taken for channels: {told}")
    return Dataset(root=root, layout="folders", channels=channels, cases=cases, notes=tuple(notes))


def _case_places(root: Path) -> list[Path]:
    """Folders that hold scans; the root only where one of its files is named as a label and nothing else."""
    if direct := scans_in(root):
        alone = any(not trimmed(tokens(stem(p)), LABEL_WORDS) for p in direct)
        return [root] if alone else []
    return [place for folder in folders_in(root) for place in _places(folder)]


def _places(folder: Path) -> list[Path]:
    below = [place for inner in folders_in(folder) for place in _places(inner)]
    return [folder, *below] if scans_in(folder) else below


def _read_place(place: Path) -> list[CaseFolder]:
    """The case in a folder, or several if it holds several pairs of equal names (ACDC: frame01, frame01_gt ...)."""
    files = scans_in(place)
    named = _suffixes(place, files)
    labels = [s for s in named if s and names_label(s)]
    plain = [s for s in labels if not trimmed(tokens(s), LABEL_WORDS)]
    chosen = plain if len(plain) == 1 else labels
    if len(chosen) > 1 and (pairs := _pairs(place, named, labels)):
        return pairs
    if len(chosen) != 1 or len(named) == len(labels):
        what = f"{len(chosen)} candidate labels" if len(chosen) > 1 else "no image" if chosen else "no label"
        raise LayoutError(
            f"{place} has {what}: {listed(f.name for f in files)}",
            "in each case's folder the images and one label, named label, seg, mask or gt",
            "bring or move away the files, or list the pairs in a manifest.csv with the columns image,label",
        )
    images = {s: p for s, p in named.items() if s not in labels}
    extra = [s for s in labels if s not in chosen]
    if len(images) > 1:
        extra += [s for s in images if looks_extra(s)]
        images = {s: p for s, p in images.items() if s not in extra} or images
    return [CaseFolder(place.name, images, named[chosen[0]], extra)]


def _suffixes(place: Path, files: tuple[Path, ...]) -> dict[str, Path]:
    """Files by their name without the folder's name or the beginning all of them share."""
    names = [stem(f) for f in files]
    if all(n.casefold().startswith(place.name.casefold()) for n in names):
        start = len(place.name)
    else:
        start = _shared_length(names)
    named: dict[str, Path] = {}
    for name, file in zip(names, files, strict=True):
        suffix = squash(name[start:])
        key = name[start:].strip("_-. ").casefold() if suffix else ""
        if key in named:
            raise LayoutError(
                f"{place} has two files of one name: {named[key].name}, {file.name}", "one each", "remove one"
            )
        named[key] = file
    return named


def _shared_length(names: list[str]) -> int:
    """How many letters all names begin with, up to the last separator; 0 for a single name."""
    same = 0
    while len(names) > 1 and same < min(map(len, names)) and len({n[same] for n in names}) == 1:
        same += 1
    return max(names[0].rfind("_", 0, same), names[0].rfind("-", 0, same)) + 1


def _pairs(place: Path, named: dict[str, Path], labels: list[str]) -> list[CaseFolder]:
    """Pairs of equal names in one folder; empty where a label has no image of exactly its name."""
    images = {tokens(s): s for s in named if s not in labels}
    keys = {s: trimmed(tokens(s), LABEL_WORDS) for s in labels}
    if len(set(keys.values())) < len(labels) or not all(k in images for k in keys.values()):
        return []
    rest = [s for k, s in images.items() if k not in keys.values()]
    files = named.values()
    numbered = any(c.isdigit() for c in place.name) and all(f.name.startswith(place.name) for f in files)
    group = place.name if numbered else ""  # a folder such as "benign" is not a patient
    return [
        CaseFolder(stem(named[images[k]]), {"": named[images[k]]}, named[s], unlabelled=[] if i else rest, group=group)
        for i, (s, k) in enumerate(keys.items())
    ]


def _judge_unlabelled(found: list[CaseFolder], places: int) -> None:
    """An image beside several pairs is extra if every folder has its like (ACDC's 4d), else its label is missing."""
    counts = Counter(s for f in found for s in f.unlabelled)
    lacking = [f"{f.label.parent.name}: {s}" for f in found for s in f.unlabelled if counts[s] < max(places, 2)]
    if lacking:
        raise LayoutError(
            f"images without a label: {listed(lacking)}",
            "a label for each image",
            "bring the labels or move the images away",
        )
    for f in found:
        f.extra += f.unlabelled


def _name_by_path(found: list[CaseFolder], root: Path) -> None:
    """Where two folders have one name, the folders above tell them apart."""
    twice = {name for name, n in Counter(f.name for f in found).items() if n > 1}
    for case in found:
        if case.name in twice:
            above = case.label.parent.relative_to(root).parts
            case.name = "-".join(above if above[-1:] == (case.name,) else (*above, case.name))
    if len({f.name for f in found}) < len(found):
        raise LayoutError(f"two cases of one name in {root}: {listed(sorted(twice))}", "one name each", "rename one")


def _channel_suffixes(found: list[CaseFolder]) -> tuple[str, ...]:
    """What every case has; what only few have is noted as extra.

    Raises:
        LayoutError: a channel that more than half of the cases have is missing in some.
    """
    if all(len(f.images) == 1 for f in found):
        only = {s for f in found for s in f.images}
        if len(only) > 1:
            for f in found:
                f.images = {"": next(iter(f.images.values()))}
        return tuple(found[0].images)
    counts = Counter(s for f in found for s in f.images)
    for suffix, n in counts.items():
        if len(found) / 2 < n < len(found):
            lacking = [f.name for f in found if suffix not in f.images]
            raise LayoutError(
                f"the image {suffix!r} that {n} of {len(found)} cases have is missing in {listed(lacking)}",
                "the same channels in every case",
                "bring the missing files or leave these cases out",
            )
    every = tuple(sorted(s for s, n in counts.items() if n == len(found)))
    for f in found:
        f.extra += [s for s in f.images if s not in every]
    if not every:
        have = "; ".join(f"{f.name}: {listed(p.name for p in f.images.values())}" for f in found[:4])
        raise LayoutError(f"no image is in every case: {have}", "the same file names in each folder", "name them alike")
    return every
