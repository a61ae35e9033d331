"""What a training of a study leaves once it is done."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from delineate.core.run import RunFolder
from delineate.evaluate.score import ClassScore
from delineate.steps import reporting
from delineate.steps.cell import train_cell
from delineate.steps.gathering import save_scores
from delineate.steps.study import Cell, CellResult, StudyFolder
from delineate.train.fit import Outcome
from delineate.train.schedule import Length
from delineate.train.state import RunState

CELL = Cell(net="unet", seed=0, fold=1)


@pytest.fixture
def job(tmp_path: Path) -> Any:
    """A training of fold 1 whose validation compared one of two cases (0.9) and scored both at its end."""
    run = RunFolder(tmp_path / "run")
    run.fold(1).mkdir(parents=True)
    dice = {"a": 0.9, "b": 0.5}
    save_scores([ClassScore(case=c, class_name="x", state="present", values={"dice": d}) for c, d in dice.items()],
                run.fold(1))  # fmt: skip
    state = RunState(step=9, length=Length.of(9), best_score=0.9, best_step=9)
    return SimpleNamespace(
        run=run, begun=None, train_fold=lambda fold, resume: Outcome(state, complete=fold == 1 and resume),
        sitting=SimpleNamespace(spent_s=lambda: 3.0, memory=SimpleNamespace(peak_bytes=5)),
        timer=SimpleNamespace(device=SimpleNamespace(type="cpu")),
    )  # fmt: skip


@pytest.fixture
def summaries(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The Dice of each summary that is written."""
    told: list[float | None] = []

    def summarise(job: Any, outcomes: list[Outcome], scores: Any) -> Any:
        return SimpleNamespace(save=lambda path: told.append(reporting.validation_dice(scores, outcomes)))

    monkeypatch.setattr(reporting, "summarise_run", summarise)
    monkeypatch.setattr(reporting, "keep_pictures", lambda job: None)
    return told


def test_its_summary_is_of_all_validation_cases(tmp_path: Path, job: Any, summaries: list[float | None]) -> None:
    folder = StudyFolder(tmp_path / "study")
    folder.result(CELL).parent.mkdir(parents=True)
    assert train_cell(folder, CELL, job)
    assert summaries == [pytest.approx(0.7)]
    result = CellResult.load(folder.result(CELL))
    assert (result.steps, result.train_s, result.peak_bytes, result.device_peak_bytes) == (9, 3.0, 5, None)


def test_one_that_was_stopped_leaves_neither(tmp_path: Path, job: Any, summaries: list[float | None]) -> None:
    folder = StudyFolder(tmp_path / "study")
    stopped = Cell(net="unet", seed=0, fold=0)
    assert not train_cell(folder, stopped, job)
    assert not summaries and not folder.result(stopped).exists()
