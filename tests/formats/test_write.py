from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from delineate.core.errors import FormatError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.formats import FORMATS, read_volume, write_volume

VOLUME = Volume(np.ones((1, 1, 2, 3), np.uint8), Geometry(shape=(1, 2, 3)))


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="suffix"):
        write_volume(tmp_path / "a.docx", VOLUME)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.nii.gz"
    write_volume(path, VOLUME)
    before = path.read_bytes()

    def fail(self: object, path: Path, volume: Volume) -> None:
        path.write_bytes(b"half")
        raise RuntimeError("the power went")

    monkeypatch.setattr(FORMATS["nifti"], "write", fail)
    with pytest.raises(FormatError, match="power"):
        write_volume(path, VOLUME)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_folders_are_made(tmp_path: Path) -> None:
    write_volume(tmp_path / "new" / "folder" / "a.png", VOLUME)
    assert read_volume(tmp_path / "new" / "folder" / "a.png").array_czyx.shape == (1, 1, 2, 3)
