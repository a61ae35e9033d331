"""An errand: a piece of a study's work in a process of its own, so that a crash stops nothing else and all memory is
given back at its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from delineate.core.errors import DelineateError
from delineate.core.shortage import shortage
from delineate.steps.study import Cell, StudyFolder, WorkState

_PROGRAM = "import sys; from delineate.steps.cell import main; main(*sys.argv[1:])"
_GRACE_S = 120.0
_TAIL_CHARACTERS = 1500


def plan_apart(folder: StudyFolder, net: str) -> WorkState:
    """Make the plan of a network, unless it is there."""
    home = folder.net(net)
    told = WorkState.at(home / "state.json")
    if told.state == "done":
        return told
    return send((str(folder.root), "plan", net), home / "state.json", home / "process.log")


def train_apart(folder: StudyFolder, cell: Cell) -> WorkState:
    """Train and test a cell."""
    words = (str(folder.root), "cell", cell.net, str(cell.seed), str(cell.fold))
    return send(words, folder.state(cell), folder.run(cell).root / "process.log")


def can_train(folder: StudyFolder, cell: Cell) -> bool:
    """Whether the cell's network has a plan; without one the cell fails for the same reason."""
    plan = WorkState.at(folder.net(cell.net) / "state.json")
    if plan.state == "done":
        return True
    error = f"no plan for {cell.net}: {plan.error or 'planning was stopped'}"
    before = WorkState.at(folder.state(cell))
    before.model_copy(update={"state": "failed", "error": error}).save(folder.state(cell))
    return False


def send(words: tuple[str, ...], state: Path, log: Path) -> WorkState:
    """Have a new process do what ``words`` say; it tells how it went in ``state``, and its output goes to ``log``.

    The process ends when this one does, however that ends.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        command = [sys.executable, "-P", "-c", _PROGRAM, *words]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
        try:
            process.wait()
        except KeyboardInterrupt:  # the process hears of it too, and keeps a checkpoint
            _let_end(process)
            raise
        finally:
            if process.stdin is not None:
                process.stdin.close()
    told = WorkState.at(state)
    if told.state == "running" or (process.returncode and told.state == "waiting"):
        told = told.model_copy(update={"state": "failed", "error": _cause(process.returncode, log)})
        told.save(state)
    return told


def hold_on_to_parent() -> None:
    """End this process when the one that started it does: it holds the other end of the standard input."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)  # checkpoints are written whole, so that nothing has to be tidied

    threading.Thread(target=wait, name="parent", daemon=True).start()


def guarded(path: Path, work: Callable[[], bool]) -> None:
    """Do a piece of work unless it is done, and keep ``path`` up to date; ``work`` says whether it came to its end.

    An error becomes the state's text instead of being raised: others are to go on.
    """
    before = WorkState.at(path)
    if before.state == "done":
        return
    WorkState(state="running", attempts=before.attempts + 1, began_at=before.began_at).save(path)
    try:
        end = {"state": "done" if work() else "waiting"}
    except KeyboardInterrupt:
        end = {"state": "waiting"}
    except DelineateError as error:
        end = {"state": "failed", "error": f"{error.code}: {error}"}
    except Exception as error:
        traceback.print_exc()
        short = shortage(error)
        told = f"{type(error).__name__}: {error}" if short is None else f"{short.code}: {short}"
        end = {"state": "failed", "error": told}
    WorkState.at(path).model_copy(update=end).save(path)  # the work may have noted something there


def _let_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_GRACE_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def _cause(code: int, log: Path) -> str:
    if code == -signal.SIGKILL:
        return "the process was killed, most likely since the system ran out of memory; give less with --memory"
    if code < 0:
        return f"the process ended by signal {-code} ({signal.Signals(-code).name})"
    tail = log.read_text(encoding="utf-8", errors="replace")[-_TAIL_CHARACTERS:].strip()
    return f"the process ended with code {code}: {tail}"
