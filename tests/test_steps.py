"""What the joining of the rooms decides by itself; the walks in tests/walk go all the way."""

from __future__ import annotations

import json

import pytest

from delineate import steps
from delineate.config import load_config
from delineate.core.errors import BudgetError, DelineateError, RunExistsError, UnknownNameError


def test_versions_name_what_numbers_depend_on():
    found = steps.versions()
    assert {"delineate", "python", "torch", "numpy", "scipy", "nibabel", "SimpleITK", "blosc2"} <= set(found)
    assert "not installed" not in found.values()


def test_plugins_of_an_unknown_room():
    with pytest.raises(UnknownNameError, match="no registry is named 'kitchens'"):
        steps.plugins("kitchens")


def test_planners_are_listed():
    assert "standard" in steps.plugins("planners")


def test_too_little_memory_is_told_before_data_are_looked_for(tmp_path):
    with pytest.raises(BudgetError, match="too little"):
        steps.train(tmp_path / "nowhere", tmp_path / "run", load_config(memory="200MiB"))


def test_demo_writes_into_a_new_folder_only(tmp_path):
    (tmp_path / "kept").write_text("x")
    with pytest.raises(RunExistsError, match="not empty"):
        steps.demo(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_demo_goes_from_phantoms_to_masks_scores_and_a_report(tmp_path, monkeypatch):
    monkeypatch.setattr("delineate.steps.demonstration._DEMOS", (("photo", "15s"),))
    (told,) = steps.demo(tmp_path / "demo")
    truth = sorted(p.name for p in (tmp_path / "demo" / "photo-data" / "test" / "labels").iterdir())
    assert sorted(p.name for p in told.masks.iterdir()) == truth and told.cases == len(truth) == 16
    assert told.report.read_text(encoding="utf-8").startswith("<!doctype html>")
    scored = json.loads((tmp_path / "demo" / "photo-scores" / "scores.json").read_text())
    assert told.kind == "photo" and told.dice == pytest.approx(scored["foreground"]["dice"])
    assert told.dice > 0.3  # seconds are enough for more than chance


def test_what_was_asked_is_written_before_any_work(tmp_path):
    config = load_config(memory="200MiB", seed=7)
    with pytest.raises(BudgetError):
        steps.train(tmp_path / "nowhere", tmp_path / "run", config)
    assert load_config(tmp_path / "run" / "config.toml") == config


def test_a_run_that_stopped_before_its_plan_can_be_begun_again(tmp_path):
    for memory in ("200MiB", "201MiB"):
        with pytest.raises(BudgetError):
            steps.train(tmp_path / "nowhere", tmp_path / "run", load_config(memory=memory))


@pytest.mark.parametrize("knob", ["train.loss=dise", "plan.net=unett", "patches.sampler=foregruond", "plan.planner=x"])
def test_a_misspelt_plug_in_is_told_before_any_work(tmp_path, knob):
    with pytest.raises(UnknownNameError):
        steps.train(tmp_path / "nothing", tmp_path / "run", load_config(sets=[knob]))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("net", "options", "told"),
    [
        ("resenc_unet", "backbone='resnet50'", "has no option 'backbone'"),
        ("unet", "width=3", "did you mean 'widths'"),
        ("pspnet", "backbone='resnet5o'", "did you mean 'resnet50'"),
    ],
)
def test_options_that_a_network_does_not_have_are_told_before_any_work(tmp_path, net, options, told):
    knobs = load_config(sets=[f"plan.net={net}", f"plan.net_options.{options}"])
    with pytest.raises(DelineateError, match=told):
        steps.train(tmp_path / "nothing", tmp_path / "run", knobs)
    assert not (tmp_path / "run").exists()
