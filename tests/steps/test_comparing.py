"""The work of a comparison, without training: what is laid beneath it, and in which order it is done."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from delineate.config import load_config
from delineate.core.errors import SplitError
from delineate.dataset.trial import Trials
from delineate.steps import comparing
from delineate.steps.comparing import lay_ground, work_in_turn
from delineate.steps.study import Cell, Study, StudyFolder, WorkState


def study(data: Path, *sets: str) -> Study:
    config = load_config(sets=("folds=3", *sets))
    return Study(data=data, nets=("a", "b"), seeds=1, config=config, memory_bytes=2**33)


def scan(folder: Path, name: str, seed: int, change: float = 0.0) -> None:
    """Noise with a bright ball, different for every seed; ``change`` leaves it nearly the same."""
    from SimpleITK import GetImageFromArray, WriteImage

    rng = np.random.default_rng(seed)
    centre = rng.uniform(8, 16, 3)
    mask = sum((g - c) ** 2 for g, c in zip(np.indices((24, 24, 24)), centre, strict=True)) < 25
    image = rng.normal(0, 10, mask.shape) + 100 * mask
    image += change * np.random.default_rng(99).normal(0, 1, mask.shape)
    for part, array in (("images", image.astype(np.float32)), ("labels", mask.astype(np.uint8))):
        (folder / part).mkdir(parents=True, exist_ok=True)
        WriteImage(GetImageFromArray(array), folder / part / f"{name}.nii.gz")


def test_trainings_go_one_after_another(tmp_path, monkeypatch):
    """Each waits for another to begin, in vain, and looks at the states: its own alone says running."""
    folder, another = StudyFolder(tmp_path), threading.Event()
    cells = study(tmp_path).cells(3)
    begun: list[tuple[str, list[str]]] = []

    def train(_: StudyFolder, cell: Cell) -> WorkState:
        if begun:
            another.set()
        WorkState(state="running").save(folder.state(cell))
        if not another.is_set():
            another.wait(0.2)
        running = [c.name for c in cells if WorkState.at(folder.state(c)).state == "running"]
        begun.append((cell.name, running))
        done = WorkState(state="done", attempts=1)
        done.save(folder.state(cell))
        return done

    planned: list[str] = []
    monkeypatch.setattr(comparing, "plan_apart", lambda _, net: planned.append(net))
    monkeypatch.setattr(comparing, "can_train", lambda *_: True)
    monkeypatch.setattr(comparing, "train_apart", train)
    ended: list[str] = []
    work_in_turn(folder, cells, lambda cell: ended.append(cell.name))
    assert begun == [(c.name, [c.name]) for c in cells]
    assert planned == ["a", "b"] and ended == [c.name for c in cells]


def test_patients_stay_on_one_side_of_every_fold(tmp_path):
    for i in range(12):
        scan(tmp_path / "data", f"patient{i // 2}_t{i % 2}", i)
    folder = StudyFolder(tmp_path / "out")
    assert lay_ground(folder, study(tmp_path / "data")) == 3
    for trial in Trials.load(folder.splits).folds:
        sides = [{n.partition("_")[0] for n in side} for side in (trial.train, trial.validation, trial.test)]
        assert [2 * len(patients) for patients in sides] == list(map(len, (trial.train, trial.validation, trial.test)))
        assert sum(map(len, sides)) == len(set.union(*sides)) == 6


def test_nearly_the_same_scan_in_two_folds_is_refused_before_anything_is_trained(tmp_path):
    for i in range(5):
        scan(tmp_path / "data", f"c{i}", i)
    scan(tmp_path / "data", "copy", 1, change=1.0)
    folder = StudyFolder(tmp_path / "out")
    with pytest.raises(SplitError, match="c1 and copy"):
        lay_ground(folder, study(tmp_path / "data"))
    assert not folder.splits.exists()
    grouped = StudyFolder(tmp_path / "grouped")
    lay_ground(grouped, study(tmp_path / "data", "near_duplicates=group"))
    for trial in Trials.load(grouped.splits).folds:
        assert any({"c1", "copy"} <= set(side) for side in (trial.train, trial.validation, trial.test))
