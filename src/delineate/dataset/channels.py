"""Channels: what the inputs of a data set are called (``CT``, ``FLAIR``, ``red`` ...)."""

from __future__ import annotations

from pathlib import Path

from delineate.core.errors import FormatError, LayoutError
from delineate.dataset.words import IMAGE_WORDS, squash
from delineate.formats import read_info

_NAMES = "CT CTA CBCT PET SUV MR MRI T1 T1w T1c T1ce T1gd T1n T2 T2w T2f T2star FLAIR PD PDw ADC DWI SWI"
_KNOWN = {name.lower(): name for name in _NAMES.split()}
_PICTURE = {
    1: ("grey",),
    2: ("grey", "alpha"),
    3: ("red", "green", "blue"),
    4: ("red", "green", "blue", "alpha"),
}


def name_channel(suffix: str, number: int = 0) -> str:
    """The name of a channel from what its files are called: ``flair`` is FLAIR, ``0000`` channel_0, ``img`` image."""
    plain = squash(suffix)
    if not plain or plain in IMAGE_WORDS:
        return "image"
    return f"channel_{number}" if plain.isdigit() else _KNOWN.get(plain, suffix.strip("_-. "))


def name_channels(suffixes: tuple[str, ...], first: Path) -> tuple[tuple[str, ...], str]:
    """Channel names of a data set where nothing is declared, and a note that says how they were found.

    ``suffixes`` are what tells the image files of one case apart (one empty suffix for a single file); ``first`` is
    an image of the set, whose header tells pictures from scans. A file that cannot be read is left to the check.

    Raises:
        LayoutError: a single scan file holds several volumes and nothing says what they are.
    """
    if len(suffixes) > 1:
        names = tuple(name_channel(s, i) for i, s in enumerate(suffixes))
        return names, f"channels from file names: {', '.join(names)}"
    try:
        info = read_info(first)
    except FormatError:
        return (name_channel(suffixes[0]),), f"channel not known: {first.name} cannot be read"
    if info.kind == "picture":
        names = _PICTURE.get(info.channels, tuple(f"channel_{i}" for i in range(info.channels)))
        return names, f"pictures: {', '.join(names)}"
    if info.channels > 1:
        raise LayoutError(
            f"{first} holds {info.channels} volumes and nothing says what they are (a 4D file)",
            "one volume per file, or a dataset.json whose `modality` or `channel_names` names each volume",
            "add such a dataset.json if they are channels; split the file if they are times",
        )
    digits = squash(suffixes[0]).isdigit()
    name = "image" if digits else name_channel(suffixes[0])
    return (name,), f"one channel: {name}"
