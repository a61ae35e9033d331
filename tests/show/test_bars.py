from __future__ import annotations

import io

import pytest
from rich.console import Console

from delineate.show.bars import Bars


def test_in_a_log_there_is_a_line_at_the_beginning_and_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with Bars(period_s=60) as progress:
        for done in range(1, 10):
            progress("prepare", done, 9)
    told = capsys.readouterr()
    assert told.out == "" and told.err.splitlines() == ["prepare 1/9", "prepare 9/9"]


def test_on_a_terminal_each_phase_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(Bars, "_console", lambda self: Console(file=screen, force_terminal=True, width=80))
    with Bars() as progress:
        for phase in ("check", "prepare"):
            for done in (1, 2):
                progress(phase, done, 2)
        progress("plan", 0, 1)  # what is left open is closed with the block
    text = screen.getvalue()
    assert all(f"{phase} " in text for phase in ("check", "prepare", "plan")) and "100%" in text
    assert text.rstrip(" \r\n").endswith("\x1b[?25h"), "the cursor is shown again"


def test_machines_are_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Bars(shown=False) as progress:
        progress("check", 1, 1)
    assert capsys.readouterr() == ("", "")
