"""Signals end a command tidily, wherever they arrive."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time

import pytest

from delineate import steps
from delineate.core.errors import DelineateError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent otherwise here")


@pytest.fixture
def heeded():
    """Signals end this process as in a terminal: what a shell starts in the background ignores Ctrl-C."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


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


@pytest.mark.parametrize(("number", "code", "told"), [(signal.SIGTERM, 143, "stopped\n"), (signal.SIGINT, 130, "")])
@pytest.mark.parametrize("deaths", [1, 3])
def test_a_signal_that_arrives_while_an_object_is_deleted_is_not_lost(
    cli, monkeypatch, heeded, number, code, told, deaths
):
    """Python prints what is raised there and goes on, and so the command would."""

    class Dying:
        left = deaths

        def __del__(self) -> None:
            Dying.left -= 1
            if Dying.left == deaths - 1:
                os.kill(os.getpid(), number)
            until = time.monotonic() + 0.2  # long enough for what is sent again to arrive here, too
            while time.monotonic() < until:
                pass

    def step(*_: object, **__: object) -> None:
        for _i in range(deaths):
            Dying()
        time.sleep(60)

    before = sys.unraisablehook
    monkeypatch.setattr(steps, "report", step)
    assert cli("report", "somewhere") == (code, "", told)
    assert Dying.left == 0 and sys.unraisablehook is before


def test_what_is_lost_otherwise_is_told_as_ever(cli, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(repr(lost.exc_value)))

    class Dying:
        def __del__(self) -> None:
            raise SystemExit("no signal came")

    def step(*_: object, **__: object) -> None:
        Dying()
        gc.collect()
        raise DelineateError("went on")

    monkeypatch.setattr(steps, "report", step)
    assert cli("report", "somewhere")[0] == 1 and told == ["SystemExit('no signal came')"]
