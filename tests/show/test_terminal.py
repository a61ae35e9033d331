from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from delineate.show.terminal import show_training


def told(capsys: pytest.CaptureFixture[str], **more: object) -> str:
    result = SimpleNamespace(
        run=Path("run"), complete=True, validation_dice=0.91234, steps=120, seconds=61.0, peak_bytes=2**30,
        expected_bytes=2**31, report=Path("run/report.html"), validation_hd95_mm=None, validation_nsd=None,
    )  # fmt: skip
    vars(result).update(more)
    show_training(result)
    return capsys.readouterr().out


def test_the_end_of_a_training_tells_dice_time_memory_and_report(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys)
    for part in ("Dice 0.9123 after 120 steps in 1 min 1 s", "1.0 GiB at the peak, 2.0 GiB", "run/report.html"):
        assert part in text
    assert "HD95" not in text


def test_distances_are_told_where_they_were_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert "HD95 4.25 mm, NSD 0.876 at 2 mm" in told(capsys, validation_hd95_mm=4.2512, validation_nsd=0.8761)


def test_a_stopped_training_tells_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert "stopped after 120 steps; continue with --resume -o run" in told(capsys, complete=False)
