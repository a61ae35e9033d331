"""Chance stays in training: what validates, predicts or scores cannot vary its images, by what it imports and takes."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import typing
from pathlib import Path

import pytest

import delineate
from delineate.patches.augmentation import Augmentation, AugmentSettings
from delineate.patches.batch import Batch, Decision
from delineate.predict import mirror, model, slide, validate
from delineate.predict.validate import Validator

ROOT = Path(delineate.__file__).parent
FORBIDDEN = ("delineate.patches.augment", "delineate.patches.loader", "delineate.patches.sampler", "random", "secrets")
STEADY = sorted(p for room in ("predict", "evaluate", "store") for p in (ROOT / room).rglob("*.py"))
CHANCE = {Augmentation, AugmentSettings, Batch, Decision}


def imported(path: Path) -> set[str]:
    """Everything a file imports, inside of functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{a.name}" for a in node.names)}
    return names


def test_there_are_files_to_look_at():
    assert len(STEADY) > 20
    assert any(name.startswith(FORBIDDEN) for name in imported(ROOT / "patches" / "loader.py"))


@pytest.mark.parametrize("path", STEADY, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_what_validates_and_predicts_imports_nothing_random(path):
    assert [n for n in imported(path) if n.startswith(FORBIDDEN) or ".sampler" in n] == []


def test_only_the_source_of_training_patches_varies_them():
    """Augmentation is asked for in patches itself, and in steps where training patches come from."""
    users = {
        p.relative_to(ROOT).as_posix()
        for p in ROOT.rglob("*.py")
        if p.relative_to(ROOT).parts[0] != "patches"
        and any(n.startswith("delineate.patches.augmentation") for n in imported(p))
    }
    assert users <= {"steps/patchsource.py", "steps/benching.py"}


@pytest.mark.parametrize(
    "entry", [Validator, model.Model, mirror.MirrorEngine, slide.SlidingLogits, validate.mean_dice]
)
def test_no_parameter_can_carry_a_random_transform(entry):
    made = entry.__init__ if inspect.isclass(entry) else entry
    for name, hint in typing.get_type_hints(made).items():
        assert not (_inside(hint) & CHANCE), name


def test_the_validator_holds_no_seed():
    assert not {"seed", "augment", "settings", "loader"} & {f.name for f in dataclasses.fields(Validator)}


def _inside(hint: object) -> set[object]:
    found = {hint} if isinstance(hint, type) else set()
    for inner in typing.get_args(hint):
        found |= _inside(inner)
    return found
