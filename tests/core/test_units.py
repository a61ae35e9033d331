from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.core.units import GIB, parse_memory, parse_time, show_memory, show_time


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GiB", 8 * GIB), ("8G", 8 * GIB), ("8gb", 8 * GIB), (" 512 MiB ", 512 * 1024**2), ("1.5g", GIB * 3 // 2)],
)
def test_amounts_of_memory(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "eight", "-1G", "0", "8 GHz", "1,5G"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(UsageError, match="memory"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("20min", 1200), ("20 MIN", 1200), ("1.5h", 5400), ("1h30min", 5400), ("2d", 172800)],
)
def test_lengths_of_time(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0min", "-5min", "10 minutes ago", "5min!"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(UsageError):
        parse_time(text)


def test_shown_amounts() -> None:
    assert [show_memory(v) for v in (GIB * 3.2, 410 * 1024**2, 0)] == ["3.2 GiB", "410 MiB", "0 MiB"]
    shown = [show_time(v) for v in (4.25, 45.2, 59.7, 725, 12000)]
    assert shown == ["4.2 s", "45 s", "1 min 0 s", "12 min 5 s", "3 h 20 min"]
