"""The verbs `demo` and `phantom`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.config import load_config
from delineate.core.errors import RunExistsError
from delineate.core.progress import Progress, silent
from delineate.steps.evaluation import evaluate
from delineate.steps.prediction import predict
from delineate.steps.training import train

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.train.watch import Watch

_SIZES = {"abdomen": (48, 96, 96), "brain": (64, 96, 80), "photo": (192, 192)}
_DEMOS = (("abdomen", "165s"), ("photo", "75s"))
_UNSEEN = 16  # one in eight has no lesion: with few, a single false alarm would decide the mean


def phantom(kind: str, out: Path, cases: int = 12, seed: int = 0) -> Path:
    """Write synthetic scans with exact masks into a new folder; returns the folder to train on."""
    from delineate.phantom.phantom import make_phantom

    return make_phantom(kind, Path(out), cases, _SIZES.get(kind, 64), seed)


@dataclass(frozen=True)
class DemoResult:
    """One demonstration: the kind of phantom, the mean Dice on unseen ones, where to look."""

    kind: str
    dice: float
    cases: int
    masks: Path
    report: Path


def demo(out: Path, progress: Progress = silent, watch: Watch | None = None) -> tuple[DemoResult, ...]:
    """Train on phantoms in 3D and in 2D, predict unseen ones and measure; about four minutes on two cores.

    Raises:
        RunExistsError: ``out`` is not empty.
    """
    out = Path(out)
    if out.exists() and any(out.iterdir()):
        raise RunExistsError(f"{out} is not empty", "a new folder", "choose another with -o; nothing was changed")
    return tuple(_demonstrate(out, kind, seconds, progress, watch) for kind, seconds in _DEMOS)


def _demonstrate(out: Path, kind: str, seconds: str, progress: Progress, watch: Watch | None) -> DemoResult:
    from delineate.phantom.phantom import make_phantom

    folder, run, masks = out / f"{kind}-data", out / f"{kind}-run", out / f"{kind}-masks"
    data = make_phantom(kind, folder, cases=24, size=_SIZES[kind], seed=1, test_cases=_UNSEEN)
    result = train(data, run, load_config(time=seconds), progress=progress, watch=watch)
    written = predict(run, folder / "test" / "images", masks, progress=progress)
    table = evaluate(masks, folder / "test" / "labels", out / f"{kind}-scores", run=run)
    return DemoResult(kind, table.foreground["dice"] or 0.0, len(written), masks, result.report or run)
