"""Scans without labels, for prediction: a file, a folder, a list; the files of several channels brought together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import listed
from delineate.dataset.case import Case
from delineate.dataset.folder import folders_in, must_exist, scans_in, stem, unique_names
from delineate.dataset.group import patient_of
from delineate.dataset.layouts.listing import read_list
from delineate.dataset.words import LABEL_WORDS, TEST_WORDS, looks_extra, names_label, squash, tokens, trimmed
from delineate.formats import is_scan, read_info

_NUMBER = 4  # digits of nnU-Net's channel suffix


def find_scans(path: Path | Sequence[Path], channels: tuple[str, ...]) -> tuple[Case, ...]:
    """Unlabelled cases, sorted by name, each with the files of ``channels`` in that order (or one file with all).

    ``path`` is a file, a folder of scans, a folder per case, a ``.txt`` list (a case per line, the files of its
    channels in order), or several of these. The files of one case are told by ``_0000`` or by channel names.

    Raises:
        LayoutError: nothing is found, a channel is missing, or two files claim one channel.
    """
    paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path]
    files: list[Path] = []
    cases: list[Case] = []
    for each in (p.expanduser().absolute() for p in paths):
        if each.is_dir():
            cases += _in_folder(each, channels)
        elif each.suffix == ".txt" and each.is_file():
            cases += _in_list(each, channels)
        elif each.is_file() and is_scan(each):
            files.append(each)
        else:
            raise LayoutError(
                f"{each} {'is not a known image format' if each.exists() else 'does not exist'}",
                "a scan, a folder of scans or a list of scans",
                "check the path",
            )
    cases += _group(files, channels, beside=True)
    if not cases:
        raise LayoutError(f"no scans in {listed(paths)}", "image files", "name the folder that holds the scans")
    names = [c.name for c in cases]
    if len(set(names)) < len(names):
        fresh = unique_names(tuple(c.images[0] for c in cases))
        cases = [c.model_copy(update={"name": n}) for c, n in zip(cases, fresh, strict=True)]
    return tuple(sorted(cases, key=lambda c: c.name))


def _in_folder(folder: Path, channels: tuple[str, ...]) -> list[Case]:
    """Scans in a folder, else one case per folder in it; masks among them are left out."""
    if files := _without_masks(scans_in(folder)):
        return _group(list(files), channels)
    inner = [f for f in folders_in(folder) if scans_in(f, deep=True) and not LABEL_WORDS & set(tokens(f.name))]
    test = [f for f in inner if TEST_WORDS & set(tokens(f.name))]
    images = test or [f for f in inner if squash(f.name) in ("images", "imagestr", "image", "imgs")]
    if len(images) == 1:
        return _in_folder(images[0], channels)
    cases = []
    for place in inner:
        cases += [_case_folder(place, channels)] if scans_in(place) else _in_folder(place, channels)
    return cases


def _without_masks(files: tuple[Path, ...]) -> tuple[Path, ...]:
    """Without the files that are masks of others beside them (``x_mask`` where there is ``x``)."""
    names = {tokens(stem(f)) for f in files}
    masks = [f for f in files if names_label(stem(f)) and trimmed(tokens(stem(f)), LABEL_WORDS) in names]
    return tuple(f for f in files if f not in masks)


def _case_folder(folder: Path, channels: tuple[str, ...]) -> Case:
    """One folder as one case."""
    files = scans_in(folder)
    if len(channels) > 1 and not _holds_all(files[0], channels):
        found = _by_channel(files, channels)
        case = {c: f for base in found.values() for c, f in base.items()}
        _require(folder.name, case, channels, files)
        return _case(folder.name, tuple(case[c] for c in channels))
    plain = [f for f in files if not looks_extra(stem(f))]
    named = [f for f in plain if squash(stem(f)).endswith(squash(channels[0]))]
    chosen = plain if len(plain) == 1 else named
    if len(chosen) != 1:
        raise LayoutError(
            f"{folder}: which file is the scan is not clear: {listed(f.name for f in files)}",
            f"one scan per folder, named {channels[0]}",
            "name the files instead of the folder",
        )
    return _case(folder.name, (chosen[0],))


def _in_list(path: Path, channels: tuple[str, ...]) -> list[Case]:
    rows = read_list(path)
    widths = {len(row) for row in rows}
    if not rows or len(widths) > 1 or widths - {1, len(channels)}:
        raise LayoutError(
            f"{path} is not a list of scans", f"on each line the files of {', '.join(channels)}", "correct the list"
        )
    must_exist({f"{i}/{k}": p for i, row in enumerate(rows) for k, p in enumerate(row)}, path)
    names = unique_names(tuple(row[0] for row in rows))
    return [_case(n, row) for n, row in zip(names, rows, strict=True)]


def _group(files: list[Path], channels: tuple[str, ...], beside: bool = False) -> list[Case]:
    """One case per file, or per set of files with one base name; ``beside``: missing channels are sought beside."""
    if not files:
        return []
    if len(channels) == 1 or _holds_all(files[0], channels):
        return [_case(_without_number(stem(f)), (f,)) for f in files]
    around = {f.parent: _by_channel(scans_in(f.parent), channels) for f in files} if beside else {}
    cases = {}
    for base, found in _by_channel(tuple(files), channels).items():
        if beside:
            folder = next(iter(found.values())).parent
            found = around[folder].get(base, found)
        name = base or next(iter(found.values())).parent.name
        _require(name, found, channels, tuple(files))
        cases[base] = _case(name, tuple(found[c] for c in channels))
    if not cases:
        _require("each scan", {}, channels, tuple(files))
    return list(cases.values())


def _holds_all(path: Path, channels: tuple[str, ...]) -> bool:
    """Whether one file holds all channels (an RGB picture, a 4D scan)."""
    return len(channels) > 1 and read_info(path).channels == len(channels)


def _by_channel(files: tuple[Path, ...], channels: tuple[str, ...]) -> dict[str, dict[str, Path]]:
    """Files by the name of their case and their channel: ``x_0000`` or ``x_flair``; other files are left out."""
    found: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in files:
        name = stem(path)
        for number, channel in enumerate(channels):
            size = _suffix_length(name, channel, number)
            if size:
                base = name[:-size].rstrip("_-. ")
                if channel in found[base]:
                    raise LayoutError(
                        f"two files for channel {channel} of {base}: {found[base][channel].name}, {path.name}",
                        "one file per channel",
                        "remove the one that does not belong",
                    )
                found[base][channel] = path
                break
    return found


def _suffix_length(name: str, channel: str, number: int) -> int:
    """How many letters at the end of a name stand for a channel; 0 if it is not that channel."""
    words, lower = squash(channel), name.lower()
    for size in range(len(name), 0, -1):
        starts_word = size == len(name) or not name[-size - 1].isalnum()
        if starts_word and (squash(lower[-size:]) == words or lower[-size:] == f"{number:0{_NUMBER}d}"):
            return size
    return 0


def _without_number(name: str) -> str:
    return name[: -_NUMBER - 1] if name.endswith("_0000") else name


def _require(name: str, found: dict[str, Path], channels: tuple[str, ...], files: tuple[Path, ...]) -> None:
    lacking = [c for c in channels if c not in found]
    if lacking:
        raise LayoutError(
            f"{name} has no file for the channel {listed(lacking)}; there are {listed(f.name for f in files)}",
            f"a file per channel, its name ending in {listed(channels)} or _0000, _0001 ... in this order",
            "bring the missing files, or write a list with the files of one case on each line",
        )


def _case(name: str, images: tuple[Path, ...]) -> Case:
    return Case(name=name, images=images, group=patient_of(name))
