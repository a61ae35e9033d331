"""The command line: exit codes, JSON, and every command that needs no data."""

from __future__ import annotations

import json
import sys

import pytest

from delineate import cli, steps
from delineate.core.errors import DelineateError

LISTS = ("nets", "losses", "samplers", "augmentations", "metrics", "formats", "layouts", "checks", "normalisers")


@pytest.fixture
def run(monkeypatch, capsys):
    """``run(*arguments)``: exit code, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["delineate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return call


def raising(error: BaseException):
    def step(*_: object, **__: object) -> None:
        raise error

    return step


def test_version(run):
    import delineate

    assert run("--version") == (0, f"{delineate.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [("paint",), ("train",), ("train", "d", "--tiem", "1h"), ("predict", "run"), ("train", "d", "--seed", "x")],
)
def test_wrong_usage_exits_2(run, arguments):
    status, out, err = run(*arguments)
    assert status == 2
    assert out == "" and "Usage" in err and "Traceback" not in err


def test_an_error_of_the_person_exits_1(run, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(DelineateError("it came", "another", "do this")))
    status, out, err = run("report", "somewhere")
    assert (status, out) == (1, "")
    assert err == "error E000: it came\n  expected: another\n  to do:    do this\n"


def test_an_error_as_json(run, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(DelineateError("it came", "another", "do this")))
    status, out, _ = run("report", "somewhere", "--json")
    assert status == 1
    assert json.loads(out) == {"error": "E000", "what": "it came", "expected": "another", "fix": "do this"}


def test_a_bug_exits_3_with_its_traceback(run, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(ZeroDivisionError("oh")))
    status, out, err = run("report", "somewhere")
    assert (status, out) == (3, "")
    assert "Traceback" in err and "ZeroDivisionError: oh" in err and "bug in delineate" in err


def test_an_interrupt_exits_130(run, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(KeyboardInterrupt()))
    status, _, err = run("report", "somewhere")
    assert status == 130
    assert "Traceback" not in err


def test_env(run):
    status, out, _ = run("env", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["machine"]["cores"] >= 1 and told["machine"]["memory_bytes"] > 0
    assert told["versions"]["torch"][0].isdigit()
    status, out, _ = run("env")
    assert status == 0 and "cores" in out and "memory available" in out


@pytest.mark.parametrize("room", LISTS)
def test_lists(run, room):
    status, out, err = run(room, "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert told
    assert all(told.values()), "each says what it is"
    status, text, _ = run(room)
    assert status == 0 and all(name in text for name in told)


def test_phantom(run, tmp_path):
    status, out, err = run("phantom", "photo", "-o", tmp_path / "data", "--cases", "2", "--json")
    assert status == 0, err
    assert json.loads(out) == {"folder": str(tmp_path / "data")}
    assert any((tmp_path / "data").rglob("*.png"))
    status, _, err = run("check", tmp_path / "data")
    assert status == 0, err
