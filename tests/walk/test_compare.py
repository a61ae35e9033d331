"""Networks compared on tiny data: from the command to the tables, through a kill, a failure and a lost machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from delineate import steps
from delineate.config import load_config
from delineate.core.errors import UsageError
from delineate.dataset.trial import Trials
from delineate.steps import cell as work
from delineate.steps import comparing
from delineate.steps.errand import train_apart
from delineate.steps.study import Cell, Study, StudyFolder, WorkState

SETS = (
    "train.steps=3", "plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32",
    "patches.workers=0",
)  # fmt: skip
NETS = ("plain_unet", "resenc_unet")


def config(*more: str, **flags):
    return load_config(sets=(*SETS, *more), memory="3GiB", folds=2, **flags)


@pytest.fixture(scope="module")
def study(balls) -> StudyFolder:
    """Two networks, two folds, one seed. Each piece of work is done here instead of in a process of its own, most of
    whose time is spent on loading torch; the study that is killed below has processes."""
    folder = StudyFolder(balls.parent / "study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "hold_on_to_parent", lambda: None)
        patch.setattr(comparing, "plan_apart", lambda f, net: work.main(str(f.root), "plan", net))
        patch.setattr(
            comparing, "train_apart", lambda f, c: work.main(str(f.root), "cell", c.net, str(c.seed), str(c.fold))
        )
        steps.compare(balls, folder.root, NETS, config(), seeds=1)
    return folder


def states(folder: StudyFolder) -> dict[str, WorkState]:
    return {c.name: WorkState.at(folder.state(c)) for c in cells_of(folder)}


def test_every_training_is_done_and_every_case_is_tested_once(study):
    assert {s.state for s in states(study).values()} == {"done"} and len(states(study)) == 4
    board = json.loads((study.root / "leaderboard.json").read_text())
    assert {e["name"] for e in board["entries"]} == set(NETS)
    for entry in board["entries"]:
        assert (entry["done"], entry["asked"], entry["cases"]) == (2, 2, 6)
        assert all(entry["cost"][k] for k in ("parameters", "multiply_adds", "peak_bytes", "predict_s", "train_s"))
        assert list(entry["folds"]["dice"]["folds"]) == ["fold 0", "fold 1"] and entry["folds"]["dice"]["n"] == 2
    assert [c["metric"] for c in board["comparisons"]] == ["dice", "hd95", "nsd"]
    assert len(board["comparisons"][0]["cases"]) == 6
    assert any("--seeds 3" in note for note in board["notes"]), "one seed is told to be too few"
    kept = {p.name for p in (study.root / "runs").rglob("*.safetensors")}
    assert kept == {"best.safetensors"}, "what only an unfinished training needs would fill the disk"


def test_test_cases_are_predicted_by_networks_that_never_saw_them(study):
    for fold, trial in enumerate(Trials.load(study.splits).folds):
        for net in NETS:
            cell = Cell(net=net, seed=0, fold=fold)
            tested = {r["case"] for r in json.loads(study.scores(cell).read_text())["rows"]}
            assert tested == set(trial.test) == {p.name.removesuffix(".nii.gz") for p in study.masks(cell).iterdir()}
            known = json.loads(study.run(cell).splits.read_text())["folds"][fold]
            assert not tested & {*known["train"], *known["validation"]}


def test_scores_are_those_of_evaluate(study, balls, tmp_path):
    cell = Cell(net="plain_unet", seed=0, fold=0)
    truth = tmp_path / "truth"
    truth.mkdir()
    for mask in study.masks(cell).iterdir():
        (truth / mask.name).symlink_to(balls / "labels" / mask.name)
    table = steps.evaluate(study.masks(cell), truth, run=study.run(cell).root)
    told = json.loads(study.scores(cell).read_text())
    assert {r.case: r.values["hd95"] for r in table.rows} == {r["case"]: r["values"]["hd95"] for r in told["rows"]}


def test_plans_that_want_the_data_alike_share_them(study):
    assert len(list((study.root / "prepared").iterdir())) == 1
    assert not list((study.root / "runs").rglob("*.b2nd"))


def test_patches_are_varied_alike_for_every_network(study):
    asked = {Study.load(study.study).config.patches.strength}
    assert asked | {load_config(study.run(cell).config).patches.strength for cell in cells_of(study)} == {"standard"}


def test_nothing_is_done_twice_and_equal_asking_gives_equal_splits(study, balls, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in study.root.rglob("*.safetensors")}
    steps.compare(balls, study.root, NETS, config(), seeds=1)
    assert {p: p.stat().st_mtime_ns for p in study.root.rglob("*.safetensors")} == before
    assert {s.attempts for s in states(study).values()} == {1}
    from delineate.steps.comparing import lay_ground

    asked = Study.load(study.study)
    lay_ground(StudyFolder(tmp_path), asked)
    assert (tmp_path / "splits.json").read_bytes() == study.splits.read_bytes()


def test_a_network_that_fails_stops_no_other(balls, study, monkeypatch, tmp_path):
    """One whose planning fails has no training; the other's are kept, and the failed ones named everywhere."""
    folder = copy(study, tmp_path / "out", without=[c for c in cells_of(study) if c.net == "plain_unet"])
    WorkState(state="failed", error="E310: nothing fits", attempts=1).save(folder.net("plain_unet") / "state.json")
    monkeypatch.setattr("delineate.steps.comparing.plan_apart", lambda *_: None)
    board = steps.compare(balls, folder.root, NETS, config(), seeds=1)
    assert [(e.name, e.done) for e in board.entries] == [("resenc_unet", 2), ("plain_unet", 0)]
    assert {u.name for u in board.unfinished} == {"plain_unet-seed0-fold0", "plain_unet-seed0-fold1"}
    assert all("E310: nothing fits" in u.why for u in board.unfinished)
    for name in ("leaderboard.csv", "leaderboard.tex", "compare.html"):
        assert "plain_unet-seed0-fold1" in (folder.root / name).read_text().replace(r"\_", "_"), name


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL here")
def test_a_killed_study_goes_on_from_its_checkpoint(balls, study, tmp_path, kill_at):
    sets = (*SETS[1:], "train.steps=60", "train.checkpoint_every_s=0.02")
    cell, *others = cells_of(study)
    folder = copy(study, tmp_path / "out", without=[cell])
    shutil.rmtree(folder.net(cell.net))  # so that the plan, too, is made in a process of its own
    alike = (*sets, "patches.strength=standard")  # what every network gets where none was named
    longer = load_config(sets=alike, memory="3GiB", folds=2, time="10min")
    Study.load(study.study).model_copy(update={"config": longer}).save(folder.study)
    command = [
        sys.executable, "-c", "from delineate.cli import main; main()", "compare", str(balls), "--nets", ",".join(NETS),
        "--seeds", "1", "--folds", "2", "--memory", "3GiB", "-o", str(folder.root), "--json",
        *(w for s in sets for w in ("--set", s)),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    step = kill_at(process, folder.run(cell).fold(0) / "last.json", 3, settle_s=1.0)
    assert WorkState.at(folder.state(cell)).state == "running"
    board = steps.compare(balls, folder.root, NETS, longer, seeds=1)
    assert not board.unfinished
    told = WorkState.at(folder.state(cell))
    assert told == WorkState(state="done", attempts=2, began_at=(0, told.began_at[-1]))
    assert step <= told.began_at[1] < 60, "the second attempt goes on from the checkpoint that the first left"
    assert [(r.name, r.began_at) for r in board.resumed] == [(cell.name, told.began_at)]
    assert f"goes on from the checkpoint of step {told.began_at[1]}\n" in folder.run(cell).log.read_text()
    assert {WorkState.at(folder.state(c)).attempts for c in others} == {1}, "what is done is not done again"
    assert WorkState.at(folder.net(cell.net) / "state.json") == WorkState(state="done", attempts=1)
    assert (folder.net(cell.net) / "process.log").exists() and not (study.net(cell.net) / "process.log").exists()
    lines = folder.run(cell).fold(0).joinpath("metrics.csv").read_text().splitlines()
    assert 3 <= step < 60 and lines[-1].startswith("60,")
    straight = copy(folder, tmp_path / "straight", without=[cell])
    steps.compare(balls, straight.root, NETS, longer, seeds=1)
    assert WorkState.at(straight.state(cell)).began_at == (0,)
    assert weights(straight, cell) == weights(folder, cell), "as if nothing had cut it off"


def test_runs_are_compared_and_refused_where_they_differ(balls, balls_run, study, tmp_path, make):
    twin = tmp_path / "twin"
    steps.train(balls, twin, load_config(sets=(*make.sets, "plan.net=plain_unet")))
    board = steps.compare_runs([balls_run, twin], tmp_path / "out")
    assert len(board.entries) == 2 and (tmp_path / "out" / "compare.html").exists()
    assert board.metrics == ("dice", "hd95", "nsd")
    assert not board.marked and "validation" in board.notes[0]
    other = study.run(Cell(net="plain_unet", seed=0, fold=0)).root
    with pytest.raises(UsageError, match=r"splits.*budget"):
        steps.compare_runs([balls_run, other])
    assert steps.compare_runs([balls_run, other], anyway=True).marked


def test_runs_that_differ_are_compared_at_the_command_line_only_anyway_and_marked(cli, balls_run, study, tmp_path):
    other, out = study.run(Cell(net="plain_unet", seed=0, fold=0)).root, tmp_path / "out"
    status, _, told = cli("compare", balls_run, other, "-o", out)
    assert status == 1 and "cannot be compared fairly" in told and "--anyway" in told
    assert not out.exists(), "nothing is written"
    status, shown, _ = cli("compare", balls_run, other, "-o", out, "--anyway")
    assert status == 0 and "not a fair comparison: the budget differs" in " ".join(shown.split())
    for name in ("leaderboard.json", "leaderboard.csv", "leaderboard.tex", "compare.html"):
        assert "not a fair comparison: the budget differs" in (out / name).read_text(encoding="utf-8"), name


def test_runs_on_other_data_are_refused(balls_run, tmp_path):
    """The same names, splits and budget; the content of one scan is another."""
    other = tmp_path / "other"
    shutil.copytree(balls_run, other)
    finger = json.loads((other / "fingerprint.json").read_text())
    assert not steps.compare_runs([balls_run, other]).marked
    finger["cases"][0]["content"] = "another"
    (other / "fingerprint.json").write_text(json.dumps(finger))
    with pytest.raises(UsageError, match=r"fairly: the data \(contents of the files\) differ") as refused:
        steps.compare_runs([balls_run, other])
    assert "splits" not in refused.value.what and "budget" not in refused.value.what
    marks = steps.compare_runs([balls_run, other], anyway=True).marked
    assert marks == ("not a fair comparison: the data (contents of the files) differ",)


def test_a_training_whose_machine_is_lost_goes_on_elsewhere(balls, tmp_path):
    """Two nodes of a local cluster; the one that trains is taken away."""
    pytest.importorskip("ray")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("lost_node.py")), str(balls), str(tmp_path / "out")],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["state"], told["last_step"]) == ("done", told["steps"]), told["error"]
    first, second, *_ = told["began_at"]
    assert first == 0 and 1 <= told["killed_at"] <= second < told["steps"], "it goes on from its checkpoint"
    cell = Cell(net="plain_unet", seed=0, fold=0)
    straight = copy(StudyFolder(tmp_path / "out"), tmp_path / "straight", without=[cell])
    assert train_apart(straight, cell).began_at == (0,)
    assert weights(straight, cell) == weights(StudyFolder(tmp_path / "out"), cell), "as if nothing had been lost"


def weights(study: StudyFolder, cell: Cell) -> tuple[str, dict[str, bytes]]:
    """What a training left, byte by byte: the hash of all it ended with, optimiser included, and the best weights."""
    from safetensors.numpy import load_file

    fold = study.run(cell).fold(cell.fold)
    ended = json.loads((fold / "last.json").read_text())["tensors"]
    return ended, {k: a.tobytes() for k, a in load_file(fold / "best.safetensors").items()}


def cells_of(study: StudyFolder) -> tuple[Cell, ...]:
    return Study.load(study.study).cells(len(Trials.load(study.splits).folds))


def copy(study: StudyFolder, root: Path, without: list[Cell]) -> StudyFolder:
    """A study again, some of its trainings not begun."""
    shutil.copytree(study.root, root)
    folder = StudyFolder(root)
    for cell in without:
        shutil.rmtree(folder.run(cell).root)
        folder.scores(cell).unlink()
    return folder
