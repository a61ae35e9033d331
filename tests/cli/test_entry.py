"""Every end of a command has its exit code, and its text on the right stream."""

from __future__ import annotations

import errno
import json

import pytest

from delineate import steps
from delineate.core.errors import DelineateError


def raising(error: BaseException):
    def step(*_: object, **__: object) -> None:
        raise error

    return step


@pytest.mark.parametrize(
    "arguments",
    [("paint",), ("train",), ("train", "d", "--tiem", "1h"), ("predict", "run"), ("train", "d", "--seed", "x")],
)
def test_wrong_usage_exits_2(cli, arguments):
    status, out, err = cli(*arguments)
    assert status == 2
    assert out == "" and "Usage" in err and "Traceback" not in err


def test_an_error_of_the_person_exits_1(cli, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(DelineateError("it came", "another", "do this")))
    status, out, err = cli("report", "somewhere")
    assert (status, out) == (1, "")
    assert err == "error E000: it came\n  expected: another\n  to do:    do this\n"


def test_an_error_as_json(cli, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(DelineateError("it came", "another", "do this")))
    status, out, _ = cli("report", "somewhere", "--json")
    assert status == 1
    assert json.loads(out) == {"error": "E000", "what": "it came", "expected": "another", "fix": "do this"}


def test_a_bug_exits_3_with_its_traceback(cli, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(ZeroDivisionError("oh")))
    status, out, err = cli("report", "somewhere")
    assert (status, out) == (3, "")
    assert "Traceback" in err and "ZeroDivisionError: oh" in err and "bug in delineate" in err


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "the memory ran out"),
        (MemoryError("Unable to allocate 9.00 GiB for an array"), "Unable to allocate 9.00 GiB"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"), "alloc_cpu"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "Cannot allocate memory"),
    ],
)
def test_memory_that_ran_out_is_no_bug(cli, monkeypatch, error, told):
    monkeypatch.setattr(steps, "report", raising(error))
    status, out, err = cli("report", "somewhere")
    assert (status, out) == (1, "") and "Traceback" not in err
    assert "error E310: the memory ran out" in err and told in err
    assert "expected:" in err and "close other programs" in err and "--memory" in err
    status, out, _ = cli("report", "somewhere", "--json")
    assert status == 1 and json.loads(out)["error"] == "E310"


def test_an_interrupt_exits_130(cli, monkeypatch):
    monkeypatch.setattr(steps, "report", raising(KeyboardInterrupt()))
    status, _, err = cli("report", "somewhere")
    assert status == 130
    assert "Traceback" not in err
