from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from delineate.core.labels import Labels
from delineate.dataset.case import Case, Dataset
from delineate.dataset.check import CheckResult, Problem
from delineate.show.terminal import show_check, show_training


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


def test_a_check_shows_what_was_paired_and_each_problem_with_cause_and_fix(capsys: pytest.CaptureFixture[str]) -> None:
    case = Case(
        name="c[red]1", images=(Path("d/c1_t1.nii"), Path("d/c1_t2.nii")), label=Path("d/c1_seg.nii"), group="P7"
    )
    data = Dataset(
        root=Path("d"), layout="folders", channels=("T1", "T2"), notes=("labels end in _seg",), labels=None,
        cases=(case, Case(name="bare", images=(Path("d/bare.nii"),), label=None)),
    )  # fmt: skip
    problem = Problem(
        severity="error", check="place", case="c[red]1", what="it is short", cause="a crop", fix="mend it"
    )
    show_check(data, CheckResult(problems=(problem,), labels=Labels.exclusive({1: "liver"})))
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        "2 cases (1 labelled), layout: folders",
        "channels: T1, T2",
        "classes: liver",
        "labels end in _seg",
    ]
    assert any("c[red]1 │ c1_t1.nii, c1_t2.nii │ c1_seg.nii │ P7" in line for line in lines)
    assert any("bare │ bare.nii │ - │ -" in line for line in lines)
    assert lines[-4:] == [
        "error c[red]1: it is short", "cause: a crop", "fix: mend it", "not ready: mend the errors above first",
    ]  # fmt: skip
    show_check(data, CheckResult(problems=(), labels=None))
    assert capsys.readouterr().out.endswith("ready to train\n")
