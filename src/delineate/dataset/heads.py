"""Headers of a case's files, read before any voxel; what cannot be read becomes a `Trouble`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from delineate.core.errors import DelineateError
from delineate.dataset.case import Case
from delineate.dataset.facts import CaseHead, FileHead, Trouble
from delineate.formats import read_info

T = TypeVar("T")


def read_head(case: Case) -> CaseHead:
    """The headers of a case; a file that cannot be opened becomes a `Trouble`."""
    troubles: list[Trouble] = []
    images = [_file_head(path, "image", troubles) for path in case.images]
    label = None if case.label is None else _file_head(case.label, "label", troubles)
    return CaseHead(
        name=case.name, images=tuple(i for i in images if i is not None), label=label, troubles=tuple(troubles)
    )


def _file_head(path: Path, role: str, troubles: list[Trouble]) -> FileHead | None:
    info = tried(lambda: read_info(path), path, role, troubles)
    if info is None:
        return None
    return FileHead(
        path=path, geometry=info.geometry, channels=info.channels, dtype=str(info.dtype), kind=str(info.kind)
    )


def tried(read: Callable[[], T], path: Path, role: str, troubles: list[Trouble]) -> T | None:
    """What ``read`` returns; None, and one more of ``troubles``, where the file cannot be read."""
    try:
        return read()
    except DelineateError as error:
        told = Trouble(path=path, role=role, code=error.code, what=error.what, expected=error.expected, fix=error.fix)
    except (OSError, EOFError) as error:
        told = Trouble(
            path=path,
            role=role,
            code="E210",
            what=f"{path} cannot be read: {error}",
            expected="a file of voxels",
            fix="copy it again from where it came",
        )
    troubles.append(told)
    return None
