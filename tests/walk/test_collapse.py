"""A network that answers background everywhere is told at once, and stopped."""

from __future__ import annotations

import csv
import json

import pytest

from delineate.show.glimpse import glimpse_steps

STEPS = 40
SETS = (
    "plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32", "patches.workers=0",
    f"train.steps={STEPS}", "train.learning_rate=1e-9", "patches.augment=false",
)  # fmt: skip


@pytest.fixture
def black(monkeypatch):
    """Whatever the network says, its masks are empty; at such a rate it learns nothing either."""
    from delineate.predict import validate

    restored = validate.restore_logits
    monkeypatch.setattr(validate, "restore_logits", lambda *given: restored(*given) * 0)


def train(cli, data, out, *more):
    return cli("train", data, "-o", out, *(word for s in (*SETS, *more) for word in ("--set", s)))


def notes(run):
    with (run / "folds" / "0" / "metrics.csv").open(newline="") as file:
        return {int(r["step"]): r["note"] for r in csv.DictReader(file) if r["phase"] == "validate"}


def test_it_is_told_at_once_and_stopped_with_a_report(balls, tmp_path, cli, black):
    out = tmp_path / "run"
    code, _, told = train(cli, balls, out)
    assert code == 1 and "error E530: only background is predicted in all 2 validation cases, at step 20" in told
    assert "step 10: validation Dice 0.0000; only background is predicted in all 2 validation cases" in told
    assert set(notes(out)) == {10, 20} and all("only background" in n for n in notes(out).values())
    assert (out / "log.txt").read_text().count("only background is predicted") == 2
    assert list(glimpse_steps(out / "folds" / "0" / "glimpses")) == [10, 20]
    assert json.loads((out / "summary.json").read_text())["complete"] is False
    page = (out / "report.html").read_text()
    assert "The same slices at each validation" in page and "step 20 · Dice 0.000" in page


def test_who_wants_to_be_told_only_gets_the_whole_run(balls, tmp_path, cli, black):
    out = tmp_path / "run"
    code, _, _ = train(cli, balls, out, "train.on_collapse=tell")
    assert code == 0 and len(notes(out)) == 5 and all("only background" in n for n in notes(out).values())
    steps = list(glimpse_steps(out / "folds" / "0" / "glimpses"))
    assert steps == sorted(notes(out)) and steps[-1] == STEPS


def test_a_network_that_finds_something_is_not_talked_of(balls_run):
    assert not any(notes(balls_run).values())
    assert list(glimpse_steps(balls_run / "folds" / "0" / "glimpses")) == sorted(notes(balls_run))
    assert "The same slices at each validation" in (balls_run / "report.html").read_text()
