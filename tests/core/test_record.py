from __future__ import annotations

import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from delineate.core.errors import RunError
from delineate.core.geometry import Geometry
from delineate.core.record import Record


class Numbers(Record):
    values: tuple[float, ...]


def test_a_record_is_the_same_after_the_disk(tmp_path: Path) -> None:
    record = Geometry(shape=(3, 4, 5), spacing_mm=(0.1, 1 / 3, 2e-17), origin_mm=(-1e9, 0.0, 7.0))
    record.save(tmp_path / "g.json")
    assert Geometry.load(tmp_path / "g.json") == record
    assert (tmp_path / "g.json").read_text().count("\n") > 3, "readable, one value a line"


def test_numbers_that_are_none_survive(tmp_path: Path) -> None:
    Numbers(values=(math.inf, -math.inf, math.nan)).save(tmp_path / "n.json")
    back = Numbers.load(tmp_path / "n.json").values
    assert back[:2] == (math.inf, -math.inf) and math.isnan(back[2])


def test_records_are_frozen_and_complete() -> None:
    record = Geometry(shape=(1, 2, 3))
    with pytest.raises(ValidationError):
        record.shape = (3, 2, 1)  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Geometry(shape=(1, 2, 3), colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "file"),
        (b"not json", "JSON"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b'{"shape": [1, 2]}', "shape"),
        (b'{"shape": [1, 2, 3], "colour": 1}', "colour"),
    ],
)
def test_what_is_wrong_with_a_file_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "g.json").write_bytes(content)
    with pytest.raises(RunError, match=rf"g\.json.*{told}"):
        Geometry.load(tmp_path / "g.json")
    with pytest.raises(RunError, match="cannot be read"):
        Geometry.load(tmp_path / "none.json")
