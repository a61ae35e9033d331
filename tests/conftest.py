"""What tests of several rooms ask for."""

from __future__ import annotations

import sys

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
