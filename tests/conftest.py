"""What tests of several rooms ask for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def cli(monkeypatch, capsys):
    """``cli(*arguments)`` runs the command line in this process; exit code, standard output and standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        from delineate.cli import main

        monkeypatch.setattr(sys, "argv", ["delineate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def edit_json():
    """``edit_json(path, "stages.0.batch", 0)`` changes the value at one place of a file, as a person would."""

    def edit(path: Path, place: str, value: Any) -> Path:
        told = json.loads(path.read_text())
        *rooms, last = (int(p) if p.isdigit() else p for p in place.split("."))
        there = told
        for room in rooms:
            there = there[room]
        there[last] = value
        path.write_text(json.dumps(told))
        return path

    return edit
