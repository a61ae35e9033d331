from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import RunError
from delineate.patches.mistakes import Mistakes
from delineate.store.likelihood import BlockMap


def of(value):
    return BlockMap.of(np.full((1, 1, 2), value), (4, 4, 12))


def test_maps_hold_from_their_draw_on_until_newer_ones(tmp_path):
    mistakes = Mistakes(tmp_path)
    mistakes.add(10, {"a": of(1), "b": None})
    mistakes.add(20, {"b": of(2), "a": None})
    for kept in (mistakes, Mistakes(tmp_path)):
        assert [kept.names(i) for i in (9, 10, 19, 20)] == [(), ("a",), ("a",), ("b",)]
        assert kept.get("a", 25) is None and kept.get("b", 25).sums[-1] == 4
        assert kept.looked_at == 4


def test_the_newest_cases_are_kept(tmp_path):
    mistakes = Mistakes(tmp_path)
    for number in range(70):
        mistakes.add(number, {f"case{number}": of(1)})
    assert mistakes.names(100) == tuple(f"case{number}" for number in range(6, 70))


def test_a_run_that_goes_on_from_before_forgets_what_came_later(tmp_path):
    mistakes = Mistakes(tmp_path)
    mistakes.add(10, {"a": of(1)})
    mistakes.add(20, {"b": of(1)})
    mistakes.forget_from(20)
    assert mistakes.names(100) == ("a",) and mistakes.looked_at == 1
    assert [p.name for p in tmp_path.iterdir()] == ["000000000010.npz"]


def test_a_damaged_file_is_told(tmp_path):
    Mistakes(tmp_path).add(10, {"a": of(1)})
    path = tmp_path / "000000000010.npz"
    whole = path.read_bytes()
    flipped = whole[:60] + bytes([whole[60] ^ 255]) + whole[61:]
    for damaged in (b"PK no zip", b"", whole[:100], whole[:-30], flipped):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match="000000000010"):
            Mistakes(tmp_path)


def test_a_file_left_half_written_is_passed_over(tmp_path):
    Mistakes(tmp_path).add(10, {"a": of(1)})
    (tmp_path / ".writing-abc-000000000020.npz").write_bytes(b"PK")
    mistakes = Mistakes(tmp_path)
    mistakes.forget_from(15)
    assert mistakes.names(100) == ("a",)
