"""Folds from drawing to the run folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delineate.config import load_config
from delineate.core.errors import CheckError, SplitError
from delineate.core.memory import MemoryWatch
from delineate.core.run import RunFolder
from delineate.steps.groundwork import Groundwork
from delineate.steps.sitting import Sitting


def checked(data: Path, out: Path, *sets: str) -> dict:
    """What stands in ``splits.json`` after the check."""
    run = RunFolder(out)
    run.begin()
    with MemoryWatch() as watch:
        ground = Groundwork(run, load_config(sets=sets), Sitting(0.0, watch, 2**33, 0.0), lambda *_: None)
        ground.check(data)
    return json.loads(run.splits.read_text())


@pytest.fixture
def data(tmp_path: Path, make) -> Path:
    return make.balls(tmp_path / "data", cases=6)


def test_drawn_folds_are_alike(data, tmp_path):
    made = checked(data, tmp_path / "run")
    assert len(made["folds"]) == 5 and "alike in classes and sizes" in made["note"]


def test_a_hold_out(data, tmp_path):
    (fold,) = checked(data, tmp_path / "run", "holdout=0.33")["folds"]
    assert len(fold["validation"]) == 2 and len(fold["train"]) == 4


def test_folds_of_nnunet(data, tmp_path):
    folds = [{"train": ["c0", "c1", "c2", "c3"], "val": ["c4", "c5"]}]
    (tmp_path / "splits_final.json").write_text(json.dumps(folds))
    (fold,) = checked(data, tmp_path / "run", f"splits={tmp_path / 'splits_final.json'}")["folds"]
    assert fold["validation"] == ["c4", "c5"]


def test_a_limit_leaves_cases_out_of_given_folds(data, tmp_path):
    folds = [{"train": ["c0", "c2", "c4", "c5"], "val": ["c1", "c3"]}]
    (tmp_path / "splits_final.json").write_text(json.dumps(folds))
    sets = (f"splits={tmp_path / 'splits_final.json'}", "limit_cases=3")
    made = checked(data, tmp_path / "run", *sets)
    assert [made["folds"][0][side] for side in ("train", "validation")] == [["c0", "c2"], ["c1"]]
    assert "leaves 3 cases of the file out" in made["note"]
    with pytest.raises(SplitError, match="none to validate on"):
        checked(data, tmp_path / "fewer", sets[0], "limit_cases=1")


def test_a_limit_that_leaves_cases_out_asks_for_few(data, tmp_path, make):
    assert "one patient only" in checked(data, tmp_path / "one", "limit_cases=1")["note"]
    told = json.loads((tmp_path / "one" / "check.json").read_text())["problems"]
    (warning,) = (p for p in told if p["check"] == "rare")
    assert (warning["severity"], warning["what"]) == ("warning", "there is only one labelled case")
    _, mask = make.ball(1)
    mask[0, 0, 0] = 2
    make.nifti(data / "labels" / "c1.nii.gz", mask)
    assert "trains without class 2" in checked(data, tmp_path / "three", "limit_cases=3")["note"]
    for sets in ((), ("limit_cases=6",)):
        with pytest.raises(CheckError, match='the class "class 2" is in this case only'):
            checked(data, tmp_path / f"all{len(sets)}", *sets)


def test_the_patients_of_the_names_are_shown(cli, tmp_path, make):
    data = make.balls(tmp_path / "data", cases=4)
    for path in sorted(data.rglob("c*.nii.gz")):
        number = int(path.name[1])
        path.rename(path.with_name(f"patient{number // 2}_t{number % 2}.nii.gz"))
    status, out, _ = cli("check", data)
    lines = [" ".join(line.replace("│", " ").split()) for line in out.splitlines()]
    assert status == 0
    assert "4 cases of 2 patients (inferred from the names), for example patient0_t0 of patient0" in lines
    for i in range(4):
        name = f"patient{i // 2}_t{i % 2}"
        assert f"{name} {name}.nii.gz {name}.nii.gz patient{i // 2}" in lines


def test_a_copy_is_refused_grouped_or_allowed(data, tmp_path, make):
    image, mask = make.ball(1)
    make.nifti(data / "images" / "copy.nii.gz", image[::-1] * 2 + 3)
    make.nifti(data / "labels" / "copy.nii.gz", mask[::-1])
    with pytest.raises(SplitError, match="c1 and copy"):
        checked(data, tmp_path / "a")
    folds = checked(data, tmp_path / "b", "near_duplicates=group")["folds"]
    assert all(("c1" in f["validation"]) == ("copy" in f["validation"]) for f in folds)
    assert "treated as one patient" in (tmp_path / "b" / "data.json").read_text()
    assert checked(data, tmp_path / "c", "near_duplicates=allow")["folds"]
