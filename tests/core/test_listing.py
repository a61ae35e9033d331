"""Names and numbers within a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.core.listing import counted, listed


@pytest.mark.parametrize(
    ("names", "most", "wanted"),
    [("abc", 3, "a, b, c"), ("abc", 2, "a, b and 1 more"), ("abcd", 2, "a, b and 2 more"), ("", 2, ""),
     (range(10), 8, "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"), ((Path("a"), 7), 8, "a, 7")],
)  # fmt: skip
def test_the_first_and_how_many_more(names: object, most: int, wanted: str) -> None:
    assert listed(iter(names), most) == wanted  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("n", "noun", "wanted"),
    [
        (0, "case", "0 cases"),
        (1, "case", "1 case"),
        (2, "case", "2 cases"),
        (1, "loss", "1 loss"),
        (3, "loss", "3 losses"),
    ],
)
def test_one_is_told_as_one(n: int, noun: str, wanted: str) -> None:
    assert counted(n, noun) == wanted
