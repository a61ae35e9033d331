"""`Format`: one file format; `FORMATS`: all of them, found by suffix."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.registry import Registry
from delineate.core.volume import Volume


@dataclass(frozen=True)
class VolumeInfo:
    """What the header of a file tells: its grid, how many channels, the type that `Format.read` will give, and
    whether it is a picture (one slice without a place in the world) or a scan."""

    geometry: Geometry
    channels: int
    dtype: np.dtype[Any]
    kind: Literal["picture", "scan"]


class Format(ABC):
    """One file format. A plug-in is a subclass with a name and suffixes; it holds no state.

    The attributes say what survives a round trip; the contract tests hold every format to them.
    """

    name: str = ""
    suffixes: tuple[str, ...] = ()
    lossy: bool = False
    """Voxels may change on the way to the disk: never used for labels."""
    writes: bool = True
    places: bool = True
    """Whether spacing, origin and direction are kept."""
    stacks: bool = True
    """Whether more than one slice fits."""
    channels: tuple[int, ...] = (1, 2, 3, 4)
    """Numbers of channels that can be written, examples where there is no limit."""
    dtypes: tuple[str, ...] = ("uint8", "int16", "uint16", "int32", "float32")
    """Types that come back as they were written."""

    @abstractmethod
    def read(self, path: Path) -> Volume:
        """All voxels, in the type of the file."""

    @abstractmethod
    def read_info(self, path: Path) -> VolumeInfo:
        """What `read` would give, from the header alone."""

    def read_label(self, path: Path) -> Volume:
        """Voxels as label values; differs from `read` where a palette turns values into colours."""
        return self.read(path)

    @abstractmethod
    def write(self, path: Path, volume: Volume) -> None:
        """Write to ``path``, which ends in one of the suffixes."""


FORMATS: Registry[type[Format]] = Registry("format", "delineate.formats")


def format_of(path: Path) -> Format:
    """The format of a file by its suffix (the case of letters does not matter).

    Raises:
        FormatError: no format has that suffix.
    """
    found = _find(Path(path).name)
    if found is None:
        raise FormatError(
            f"{path} has a suffix no format knows",
            "one of " + ", ".join(s for name in FORMATS for s in FORMATS[name].suffixes),
            "convert the file, for example to .nii.gz, or correct its name",
        )
    return found[0]


def is_scan(path: Path) -> bool:
    """Whether the name is one of a file of voxels. Hidden files (``._a.nii.gz`` of macOS) are not."""
    name = Path(path).name
    return not name.startswith(".") and _find(name) is not None


def strip_suffix(path: Path) -> str:
    """The name without the suffix of its format: ``case.01`` of ``case.01.nii.gz``; an unknown suffix stays."""
    name = Path(path).name
    found = _find(name)
    return name if found is None else name[: -len(found[1])]


def _find(name: str) -> tuple[Format, str] | None:
    """The format with the longest suffix that ends the name, and that suffix."""
    lowered = name.lower()
    fits = [(n, s) for n in FORMATS for s in FORMATS[n].suffixes if lowered.endswith(s) and lowered != s]
    if not fits:
        return None
    kind, suffix = max(fits, key=lambda fit: len(fit[1]))
    return FORMATS[kind](), suffix
