"""The commands, flags and functions that people's scripts rely on; a change here is a change for them."""

from __future__ import annotations

import inspect

import pytest
import typer.main

from delineate import steps
from delineate.cli import app

LISTS = ("losses", "samplers", "augmentations", "metrics", "formats", "layouts", "checks", "normalisers")
FLAGS = {
    "check": {"--layout", "--memory", "--html", "--json"},
    "train": {
        "--out", "-o", "--config", "--set", "--time", "--memory", "--device", "--layout", "--net", "--backbone",
        "--dims", "--seed", "--fold", "--splits", "--resume", "--repair", "--json",
    },
    "predict": {"--out", "-o", "--memory", "--device", "--mirror", "--fold", "--probabilities", "--json"},
    "evaluate": {
        "--out", "-o", "--run", "--resample", "--groups", "--size-bins", "--probabilities", "--nsd-mm",
        "--per-slice", "--memory", "--json",
    },
    "compare": {
        "--nets", "--seeds", "--folds", "--time", "--memory", "--device", "--out", "-o", "--config", "--set", "--ray",
        "--cpus", "--gpus", "--anyway", "--json",
    },
    "explain": {"--case", "--out", "-o", "--run", "--json"},
    "report": {"--json"},
    "doctor": {
        "--out", "-o", "--config", "--set", "--memory", "--device", "--layout", "--net", "--steps", "--seconds",
        "--json",
    },
    "bench": {"--out", "-o", "--config", "--set", "--memory", "--device", "--layout", "--seconds", "--json"},
    "env": {"--json"},
    "demo": {"--out", "-o", "--json"},
    "phantom": {"--out", "-o", "--cases", "--seed", "--json"},
    "nets": {"--dims", "--patch", "--channels", "--classes", "--run", "--cost", "--measure", "--json"},
    **{name: {"--json"} for name in LISTS},
}  # fmt: skip
VERBS = {
    "check": ("data", "layout", "progress", "memory", "told", "html"),
    "train": ("data", "out", "config", "resume", "progress", "watch", "started"),
    "predict": ("run", "scans", "out", "device", "mirror", "folds", "progress", "memory", "told", "probabilities"),
    "evaluate": (
        "prediction",
        "truth",
        "out",
        "run",
        "progress",
        "resample",
        "memory",
        "groups",
        "size_bins",
        "told",
        "nsd_mm",
        "per_slice",
    ),
    "compare": ("data", "out", "nets", "config", "seeds", "progress", "tell", "ray", "cpus", "gpus"),
    "compare_runs": ("runs", "out", "anyway"),
    "calibrate": ("probabilities", "truth", "out", "run", "progress"),
    "explain": ("metric", "case", "out", "run"),
    "report": ("run",),
    "doctor": ("data", "out", "config", "steps", "seconds", "progress"),
    "bench": ("data", "out", "config", "seconds", "progress"),
    "env": (),
    "nets": ("dims", "patch", "channels", "classes", "run", "cost", "measure", "only", "progress"),
    "check_net_weights": ("name", "file", "dims", "channels", "classes", "adapt", "options"),
    "draw_net": ("name", "dims", "patch", "channels", "classes", "options", "out"),
    "plugins": ("room",),
}

COMMANDS = typer.main.get_command(app).commands


def test_commands():
    assert set(COMMANDS) == set(FLAGS)


@pytest.mark.parametrize("command", sorted(FLAGS))
def test_flags(command):
    found = {o for p in COMMANDS[command].params if p.param_type_name == "option" for o in p.opts} - {"--help"}
    assert found == FLAGS[command]


@pytest.mark.parametrize("command", sorted(FLAGS))
def test_every_command_and_flag_says_what_it_does(command):
    assert COMMANDS[command].help
    for parameter in COMMANDS[command].params:
        assert parameter.help, parameter.name


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_functions(verb):
    assert tuple(inspect.signature(getattr(steps, verb)).parameters) == VERBS[verb]
