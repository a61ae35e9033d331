from __future__ import annotations

import json
from pathlib import Path

import pytest

from delineate.cli.printing import say_json


def test_numbers_that_json_does_not_have_are_told_as_in_files(capsys: pytest.CaptureFixture[str]) -> None:
    nan, inf = float("nan"), float("inf")
    say_json({"a": [nan, 1.5, (inf,)], "b": {"c": -inf, "d": None}, "path": Path("x"), 3: True})
    out = capsys.readouterr().out
    assert json.loads(out, parse_constant=pytest.fail) == {
        "a": ["NaN", 1.5, ["Infinity"]], "b": {"c": "-Infinity", "d": None}, "path": "x", "3": True,
    }  # fmt: skip
