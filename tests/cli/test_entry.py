"""Every end of a command has its exit code, and its text on the right stream."""

from __future__ import annotations

import errno
import json
import os
import signal
import time

import pytest

from delineate import steps
from delineate.core.errors import DelineateError


@pytest.fixture
def heeded():
    """Signals end this process as in a terminal: what a shell starts in the background ignores Ctrl-C."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


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


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_the_shell_has_ignored_stays_ignored(cli, monkeypatch, number):
    reached = []

    def step(*_: object, **__: object) -> None:
        os.kill(os.getpid(), number)
        reached.append(signal.getsignal(number))
        raise DelineateError("went on")

    before = signal.signal(number, signal.SIG_IGN)
    try:
        monkeypatch.setattr(steps, "report", step)
        assert cli("report", "somewhere")[0] == 1 and reached == [signal.SIG_IGN]
    finally:
        signal.signal(number, before)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
@pytest.mark.parametrize(("number", "code", "told"), [(signal.SIGTERM, 143, "stopped\n"), (signal.SIGINT, 130, "")])
def test_an_interruption_that_a_library_made_an_error_of_is_no_bug(cli, monkeypatch, heeded, number, code, told):
    """Pydantic does so, where a signal comes while it writes a record."""

    def step(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), number)
            time.sleep(60)
        except BaseException as error:
            raise ValueError(f"Error calling function: {error!r}") from None

    monkeypatch.setattr(steps, "report", step)
    status, out, err = cli("report", "somewhere")
    assert (status, out, err) == (code, "", told)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")
def test_sigterm_undoes_what_is_half_done_and_exits_143(cli, monkeypatch, heeded):
    undone = []

    def step(*_: object, **__: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        finally:
            undone.append(True)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(steps, "report", step)
    status, out, err = cli("report", "somewhere")
    assert (status, out, err) == (143, "", "stopped\n") and undone
    assert signal.getsignal(signal.SIGTERM) is before
