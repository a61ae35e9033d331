"""A study is what was asked; its cells share all but network, seed and fold."""

from __future__ import annotations

from pathlib import Path

import pytest

from delineate.config import load_config
from delineate.core.errors import RunExistsError
from delineate.steps.errand import guarded
from delineate.steps.study import Cell, Study, StudyFolder, WorkState, open_study


def study(**changes) -> Study:
    asked = {"data": Path("d"), "nets": ("a", "b"), "seeds": 2, "config": load_config(seed=5), "memory_bytes": 2**30}
    return Study(**(asked | changes))


def test_cells_are_every_network_with_every_seed_on_every_fold():
    cells = study().cells(3)
    assert len(set(cells)) == 12
    assert [c.net for c in cells[:4]] == ["a", "b", "a", "b"], "a study cut short has as much of each"
    assert cells[0].name == "a-seed0-fold0" and cells[0].path == Path("a/seed0/fold0")


def test_cells_differ_in_network_seed_and_fold_alone():
    one, other = (study().config_of_cell(c) for c in (Cell(net="a", seed=0, fold=1), Cell(net="b", seed=1, fold=0)))
    assert (one.plan.net, one.fold, other.plan.net, other.fold) == ("a", (1,), "b", (0,))
    same = {"seed": 0, "fold": None, "plan": one.plan}
    assert one.model_copy(update=same) == other.model_copy(update=same)


def test_no_training_of_a_study_is_stopped_before_its_budget_is_spent():
    asked = study(config=load_config(sets=("train.on_collapse=stop", "train.steps=7")))
    train = asked.config_of_cell(Cell(net="a", seed=0, fold=0)).train
    assert (train.on_collapse, train.steps) == ("tell", 7)


def test_no_two_trainings_of_a_network_begin_from_the_same_weights():
    cells = study(seeds=5).cells(10)
    seeds = [study().config_of_cell(c).seed + c.fold for c in cells if c.net == "a"]
    assert len(set(seeds)) == len(seeds)


def test_the_same_study_goes_on_and_another_is_refused(tmp_path):
    folder = StudyFolder(tmp_path / "out")
    assert open_study(folder, study()) == study()
    assert open_study(folder, study(memory_bytes=2**31)).memory_bytes == 2**30, "free memory is not asked for again"
    with pytest.raises(RunExistsError, match="other nets, seeds"):
        open_study(folder, study(nets=("a", "c"), seeds=3))


def test_a_study_whose_data_were_refused_is_begun_again(tmp_path):
    folder = StudyFolder(tmp_path / "out")
    open_study(folder, study())
    other = study(seeds=3)
    folder.ground.root.mkdir()
    folder.ground.check.write_text("{}")
    assert open_study(folder, other) == other
    assert open_study(folder, other) == other
    folder.ground.data.write_text("{}")
    with pytest.raises(RunExistsError, match="other seeds"):
        open_study(folder, study())


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "kept").write_text("x")
    with pytest.raises(RunExistsError, match="not empty"):
        open_study(StudyFolder(tmp_path), study())
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_work_that_is_done_is_not_done_again(tmp_path):
    done = []
    for _ in range(2):
        guarded(tmp_path / "state.json", lambda: bool(done.append(1)) or True)
    assert done == [1]
    assert WorkState.at(tmp_path / "state.json") == WorkState(state="done", attempts=1)


def test_the_step_of_every_attempt_is_kept(tmp_path):
    path = tmp_path / "state.json"

    def begin_at(step: int, done: bool) -> bool:
        WorkState.note_step(path, step)
        assert WorkState.at(path).state == "running"
        return done

    guarded(path, lambda: begin_at(0, False))
    guarded(path, lambda: False)  # one that ended before it trained
    guarded(path, lambda: begin_at(70, True))
    assert WorkState.at(path) == WorkState(state="done", attempts=3, began_at=(0, 70))


def test_an_error_becomes_the_text_of_the_state_and_the_work_is_tried_again(tmp_path, capsys):
    def fail() -> bool:
        raise ZeroDivisionError("oh")

    guarded(tmp_path / "state.json", fail)
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert WorkState.at(tmp_path / "state.json") == WorkState(state="failed", error="ZeroDivisionError: oh", attempts=1)
    guarded(tmp_path / "state.json", lambda: False)
    assert WorkState.at(tmp_path / "state.json") == WorkState(state="waiting", attempts=2)
