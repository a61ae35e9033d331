"""`Study`: a comparison as it was asked for, its cells, and where everything of it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from delineate.config import Config
from delineate.core.errors import RunExistsError
from delineate.core.record import Record
from delineate.core.run import RunFolder

_SEED_STRIDE = 1000
"""Training adds the fold to its seed; so far apart, no two cells of a network share one."""


class Cell(Record):
    """One training of a study."""

    net: str
    seed: int
    fold: int

    @property
    def name(self) -> str:
        """As files are named."""
        return f"{self.net}-seed{self.seed}-fold{self.fold}"

    @property
    def path(self) -> Path:
        """Below the folder of runs."""
        return Path(self.net) / f"seed{self.seed}" / f"fold{self.fold}"


class Study(Record):
    """What was asked: written once, before any work, and never changed. ``memory_bytes`` is what each training may
    take: ``config.memory``, or what was free at the beginning."""

    data: Path
    nets: tuple[str, ...]
    seeds: int
    config: Config
    memory_bytes: int

    def config_of(self, net: str) -> Config:
        """The knobs of a network: those of all, and its name. None is stopped early, each has the whole budget."""
        plan = self.config.plan.model_copy(update={"net": net})
        train = self.config.train.model_copy(update={"on_collapse": "tell"})
        return self.config.model_copy(update={"plan": plan, "train": train})

    def config_of_cell(self, cell: Cell) -> Config:
        """The knobs of one training: its network, seed and fold."""
        seed = self.config.seed + _SEED_STRIDE * cell.seed
        return self.config_of(cell.net).model_copy(update={"seed": seed, "fold": (cell.fold,)})

    def cells(self, folds: int) -> tuple[Cell, ...]:
        """All trainings, network after network within each fold: a study cut short has as much of each."""
        return tuple(
            Cell(net=net, seed=seed, fold=fold)
            for seed in range(self.seeds)
            for fold in range(folds)
            for net in self.nets
        )


class WorkState(Record):
    """How far a piece of work is. ``attempts`` counts how often it was begun; ``error`` is the text of its failure.

    ``began_at`` is, for each attempt of a training that came so far, the step it began at: 0, or that of the checkpoint
    it went on from.
    """

    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    error: str = ""
    attempts: int = 0
    began_at: tuple[int, ...] = ()

    @classmethod
    def at(cls, path: Path) -> WorkState:
        """The state on disk; waiting where nothing was begun."""
        return cls.load(path) if path.exists() else cls()

    @classmethod
    def note_step(cls, path: Path, step: int) -> None:
        """Write down the step at which the attempt under way begins."""
        told = cls.at(path)
        told.model_copy(update={"began_at": (*told.began_at, step)}).save(path)


class NetFacts(Record):
    """What is known of a network before it is trained: how it is computed, its cost, and where its data lie."""

    precision: str
    prepared: str
    patch: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    parameters: int
    multiply_adds: int | None


class CellResult(Record):
    """What one training took. ``predict_s`` is the time of one test case, from reading its files to writing its mask
    (None where all masks were there already); memory is the peak of all its processes, and of the GPU's allocations."""

    steps: int
    train_s: float
    peak_bytes: int
    device_peak_bytes: int | None
    device: str
    predict_s: float | None = None


@dataclass(frozen=True)
class StudyFolder:
    """The names inside a study's folder; see docs/compare.md."""

    root: Path

    @property
    def study(self) -> Path:
        """What was asked."""
        return self.root / "study.json"

    @property
    def ground(self) -> RunFolder:
        """What is the same for all: the cases, the check and the fingerprint."""
        return RunFolder(self.root / "ground")

    @property
    def splits(self) -> Path:
        """Who trains, who validates and who is tested on."""
        return self.root / "splits.json"

    def net(self, net: str) -> Path:
        """The plan of a network, its facts and its state."""
        return self.root / "nets" / net

    def prepared(self, key: str) -> Path:
        """Prepared cases, shared by all whose plans want them alike."""
        return self.root / "prepared" / key

    def run(self, cell: Cell) -> RunFolder:
        """A training, as `delineate train` leaves one."""
        return RunFolder(self.root / "runs" / cell.path)

    def state(self, cell: Cell) -> Path:
        """How far a training is."""
        return self.run(cell).root / "state.json"

    def result(self, cell: Cell) -> Path:
        """What a training took."""
        return self.run(cell).root / "result.json"

    def masks(self, cell: Cell) -> Path:
        """The masks predicted for the test cases."""
        return self.run(cell).root / "test"

    def scores(self, cell: Cell) -> Path:
        """The scores of the test cases."""
        return self.root / "scores" / f"{cell.name}.json"


def open_study(folder: StudyFolder, asked: Study) -> Study:
    """Write what is asked into a new folder, or find the same there and go on. One whose data the check refused is
    begun again as it is asked for now.

    Raises:
        RunExistsError: the folder holds another study, or files that are none of ours.
    """
    if folder.study.exists():
        there = Study.load(folder.study)
        differing = [n for n in ("data", "nets", "seeds", "config") if getattr(there, n) != getattr(asked, n)]
        if differing and not _refused(folder.ground):
            raise RunExistsError(
                f"{folder.root} holds a study that was asked for with other {', '.join(differing)}",
                f"the same command as before; what was asked stands in {folder.study}",
                "repeat that command to go on, or choose another folder with -o; nothing was changed",
            )
        if not differing:
            return there
    elif folder.root.exists() and (folder.root.is_file() or any(folder.root.iterdir())):
        raise RunExistsError(
            f"{folder.root} is not empty and holds no study",
            "a new or empty folder",
            "choose another with -o; nothing was changed",
        )
    asked.save(folder.study)
    return asked


def _refused(ground: RunFolder) -> bool:
    """Whether the check was done and found errors: nothing comes after it then."""
    return ground.check.exists() and not ground.data.exists()
