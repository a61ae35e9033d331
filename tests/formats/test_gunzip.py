from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from delineate.formats.gunzip import open_gzip


@pytest.fixture(params=["isal", "gzip"])
def library(request: Any, monkeypatch: Any) -> str:
    """With python-isal, where it is installed, and without."""
    if request.param == "isal":
        pytest.importorskip("isal")
    else:
        monkeypatch.setitem(sys.modules, "isal", None)
        monkeypatch.setitem(sys.modules, "isal.igzip", None)
    return str(request.param)


def test_the_content_comes_out(library: str, tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"voxels" * 5000))
    with open_gzip(path) as stream:
        assert type(stream).__module__.startswith(library)
        assert stream.read(3) == b"vox" and stream.read() == (b"voxels" * 5000)[3:]


@pytest.mark.parametrize("place", [-6, -1, -40, 30])
def test_damage_is_told(library: str, tmp_path: Path, place: int) -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 50))
    data[place] ^= 64
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    with pytest.raises(Exception, match=r".+"), open_gzip(path) as stream:  # each library has its own classes
        stream.read()
    path.write_bytes(data[:-9])
    with pytest.raises(Exception, match=r".+"), open_gzip(path) as stream:
        stream.read()
