"""What is told of the models of a study, from the files its trainings leave."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.config import load_config
from delineate.dataset.trial import Trial, Trials
from delineate.evaluate.score import ClassScore
from delineate.evaluate.table import ScoreTable, summarise
from delineate.show.board import Board
from delineate.steps.standing import board_of_study, compare_all
from delineate.steps.study import Cell, CellResult, NetFacts, Study, StudyFolder, WorkState

FOLDS, CASES = 2, 4
DICE = {"good": 0.9, "poor": 0.8, "late": 0.95}


def lay(root: Path, missing: set[str]) -> StudyFolder:
    """A study of three networks, two seeds and two folds of four cases; of ``missing`` ones fold 1 is still to come."""
    folder = StudyFolder(root / "study")
    study = Study(data=root, nets=tuple(DICE), seeds=2, config=load_config(time="10min"), memory_bytes=1)
    study.save(folder.study)
    folds = [Trial(train=(), validation=(), test=tuple(f"c{f}{i}" for i in range(CASES))) for f in range(FOLDS)]
    Trials(folds=tuple(folds), note="by hand").save(folder.splits)
    for net in DICE:
        facts = NetFacts(
            precision="fp32", prepared="k", patch=(8, 8), spacing_mm=(1.0, 1.0), parameters=7, multiply_adds=5
        )
        facts.save(folder.net(net) / "facts.json")
    for cell in study.cells(FOLDS):
        if cell.net in missing and cell.fold == 1:
            WorkState(state="failed", error="E520").save(folder.state(cell))
            continue
        rows = [
            ClassScore(
                case=case, class_name="a", state="present", values={"dice": DICE[cell.net] - i / 100 - cell.seed / 50}
            )
            for i, case in enumerate(folds[cell.fold].test)
        ]
        summarise(rows).save_json(folder.scores(cell))
        took = CellResult(
            steps=9, train_s=60.0 + cell.fold, peak_bytes=100 + cell.seed, device_peak_bytes=None,
            device="cpu", predict_s=2.0 + cell.fold,
        )  # fmt: skip
        took.save(folder.result(cell))
        WorkState(state="done").save(folder.state(cell))
    return folder


def told(board: Board) -> str:
    return "; ".join(board.notes)


def test_one_model_is_compared_with_nothing() -> None:
    made, notes = compare_all({})
    assert made == () and "nothing can be tested" in notes[0]


def test_seeds_are_averaged_and_folds_pooled(tmp_path: Path) -> None:
    board = board_of_study(lay(tmp_path, set()))
    assert [e.name for e in board.entries] == ["late", "good", "poor"]
    good = board.entries[1]
    assert good.quality["dice"].mean == pytest.approx(0.9 - 0.015 - 0.01)
    assert (good.done, good.asked, good.cases) == (4, 4, FOLDS * CASES)
    assert good.seed_sd == pytest.approx(0.02 / 2**0.5) and good.folds["dice"].std == pytest.approx(0)
    cost = good.cost
    assert (cost.train_s, cost.predict_s, cost.peak_bytes, cost.parameters) == (60.5, 2.5, 101, 7)
    (found,) = board.comparisons
    assert len(found.cases) == FOLDS * CASES and len(found.pairs) == 3
    assert "in no test" not in told(board) and "2 seeds" in told(board)


def test_scores_of_an_older_version_are_compared_in_what_all_have_and_named(tmp_path: Path) -> None:
    folder = lay(tmp_path, set())
    path = folder.scores(Cell(net="good", seed=1, fold=0))
    rows = [r.model_copy(update={"values": {**r.values, "nsd": 1.0}}) for r in ScoreTable.load(path).rows]
    summarise(rows).save_json(path)
    board = board_of_study(folder)
    assert board.metrics == ("dice",)
    assert "nsd (lacking in good-seed0-fold0, good-seed0-fold1" in told(board)


def test_an_unfinished_model_takes_no_cases_from_the_tests_of_the_others(tmp_path: Path) -> None:
    board = board_of_study(lay(tmp_path, {"late"}))
    assert [e.name for e in board.entries] == ["good", "poor", "late"]
    (found,) = board.comparisons
    assert len(found.cases) == FOLDS * CASES and {m.name for m in found.models} == {"good", "poor"}
    assert "in no test until all their trainings are done: late" in told(board)
    assert [(u.name, u.why) for u in board.unfinished] == [("late-seed0-fold1", "E520"), ("late-seed1-fold1", "E520")]
    assert board.entries[2].seed_sd is None


def test_where_fewer_than_two_are_finished_all_are_compared_on_what_they_share(tmp_path: Path) -> None:
    board = board_of_study(lay(tmp_path, {"late", "poor"}))
    (found,) = board.comparisons
    assert len(found.cases) == CASES and len(found.models) == 3
    assert "only some models have" in told(board) and "in no test" not in told(board)
