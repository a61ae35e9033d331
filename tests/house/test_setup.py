"""What a fresh clone is installed from: every dependency has a lower bound and one exact pin above it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WANTED = [*PROJECT["dependencies"], *(d for extra in PROJECT["optional-dependencies"].values() for d in extra)]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    told = [line.split("#")[0].split(";")[0].strip() for line in lines]
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", line) for line in told if line), "exact versions only"
    return {canonical(line.split("==")[0]): line.split("==")[1] for line in told if line}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def numbers(version: str) -> list[int]:
    return [int(n) for n in re.findall(r"\d+", version.split("+")[0])]


@pytest.mark.parametrize("wanted", WANTED)
def test_every_dependency_has_a_lower_bound_and_a_pin_above_it(wanted: str) -> None:
    name, bound = wanted.split(">=")
    assert numbers(pins()[canonical(name)]) >= numbers(bound)


@pytest.mark.parametrize("target", ["setup", "demo", "test", "check", "prices"])
def test_make_knows_its_targets(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
