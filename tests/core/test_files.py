from __future__ import annotations

import errno
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from delineate.core.errors import DiskFullError
from delineate.core.files import atomic_path, disk_full_told, hash_file, hash_text, write_bytes, write_text


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.nii.gz"
    with atomic_path(path) as temporary:
        assert temporary.parent == path.parent and temporary.name.endswith("a.nii.gz") and not path.exists()
        temporary.write_text("all")
    assert path.read_text() == "all" and list(path.parent.iterdir()) == [path]
    (tmp_path / "usual").touch()
    assert path.stat().st_mode == (tmp_path / "usual").stat().st_mode, "others may read, as with any file"


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "Grüße 左")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "Grüße 左" and list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_at_any_moment_leaves_the_old_file_or_the_new_and_nothing_else(tmp_path: Path) -> None:
    path, moments, ends = tmp_path / "a.txt", 0, set()
    while moments < 1000:
        path.write_text("old")
        left = moments = moments + 1

        def interrupt(frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
            nonlocal left
            left -= event == "line"  # of the standard library too
            if left == 0:
                raise KeyboardInterrupt
            return interrupt

        try:
            sys.settrace(interrupt)
            write_text(path, "new")
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
        ends.add(path.read_text())
        assert list(tmp_path.iterdir()) == [path], f"at moment {moments}"
        if left > 0:  # it came to its end before the interruption
            break
    assert ends == {"old", "new"} and 30 < moments < 1000


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told(number: int, tmp_path: Path) -> None:
    with pytest.raises(DiskFullError, match=r"b\.bin"), atomic_path(tmp_path / "b.bin"):
        raise OSError(number, "no space")
    assert not list(tmp_path.iterdir())


def test_other_errors_of_the_system_pass(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), disk_full_told(tmp_path):
        raise PermissionError(errno.EACCES, "no")


def test_hashes(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"voxels")
    assert hash_file(tmp_path / "a") == hashlib.blake2b(b"voxels", digest_size=16).hexdigest()
    assert hash_text("ab", "c") != hash_text("a", "bc") != hash_text("abc")
    assert len(hash_text()) == 32
