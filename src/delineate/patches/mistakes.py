"""`Mistakes`: where the network was wrong at each validation, kept so that a resumed run draws the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from delineate.core.errors import RunError
from delineate.core.files import atomic_path
from delineate.core.geometry import Triple
from delineate.store.likelihood import BlockMap

_KEPT_CASES = 64


class Mistakes:
    """Maps of counts of wrong voxels, by the draw from which on they hold.

    Patches are read ahead, so maps must not hold before the draws that are under way: who adds them says from which
    draw on. A case keeps its map until a newer one comes, the newest 64 are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.looked_at = 0
        """How many cases were looked at so far, those without a mistake among them."""
        self._versions: tuple[tuple[int, Mapping[str, BlockMap]], ...] = ()
        self._read()

    def add(self, first_index: int, maps: Mapping[str, BlockMap | None]) -> None:
        """The cases just looked at, None for one without a mistake; they hold from draw ``first_index`` on."""
        arrays: dict[str, np.ndarray] = {"names": np.array(list(maps), dtype=np.str_)}
        for number, found in enumerate(maps.values()):
            if found is not None and found.blocks is not None:
                arrays[f"{number}.shape"] = np.array(found.shape)
                arrays[f"{number}.blocks"], arrays[f"{number}.sums"] = found.blocks, found.sums
        with atomic_path(self._folder / f"{first_index:012d}.npz") as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        self._append(first_index, len(maps), maps)

    def forget_from(self, index: int) -> None:
        """Drop what holds from draw ``index`` on: a run that goes on from before will look again."""
        for path in self._files():
            if int(path.stem) >= index:
                path.unlink()
        self._read()

    def get(self, name: str, index: int) -> BlockMap | None:
        """The map of a case that holds for draw ``index``."""
        return self._at(index).get(name)

    def names(self, index: int) -> tuple[str, ...]:
        """The cases with a mistake known to draw ``index``."""
        return tuple(self._at(index))

    def _read(self) -> None:
        self._versions, self.looked_at = (), 0
        for path in self._files():
            self._append(int(path.stem), *_load(path))

    def _files(self) -> list[Path]:
        """By the draw from which on they hold; one that was being written when the run was killed is not among them."""
        return sorted(p for p in self._folder.glob("*.npz") if p.stem.isdigit())

    def _at(self, index: int) -> Mapping[str, BlockMap]:
        return next((maps for first, maps in reversed(self._versions) if first <= index), {})

    def _append(self, first_index: int, looked_at: int, maps: Mapping[str, BlockMap | None]) -> None:
        merged = {n: m for n, m in self._at(first_index).items() if n not in maps}
        merged |= {n: m for n, m in maps.items() if m is not None}
        merged = dict(list(merged.items())[-_KEPT_CASES:])
        # one assignment: threads that draw meanwhile see the old versions or the new ones
        self._versions = (*(v for v in self._versions if v[0] < first_index), (first_index, merged))
        self.looked_at += looked_at


def _load(path: Path) -> tuple[int, dict[str, BlockMap | None]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            names = [str(n) for n in kept["names"]]
            maps: dict[str, BlockMap | None] = dict.fromkeys(names)
            for number, name in enumerate(names):
                if f"{number}.sums" in kept.files:
                    z, y, x = (int(n) for n in kept[f"{number}.shape"])
                    shape: Triple = (z, y, x)
                    maps[name] = BlockMap(shape, kept[f"{number}.sums"], kept[f"{number}.blocks"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise RunError(
            f"{path} cannot be read: {error}", "the maps that training kept", "delete the file and resume"
        ) from error
    return len(names), maps
