"""The tree of errors a person can meet.

    DelineateError                E000
    ├── UsageError                E100   a value that cannot be used: a flag, an argument, a name
    │   ├── UnknownNameError      E101   a name no registry holds
    │   └── ConfigError           E110   a knob that does not exist or has a wrong value
    ├── DataError                 E200   the data set
    │   ├── FormatError           E210   one file cannot be read or written as what it claims to be
    │   ├── LayoutError           E220   a folder whose cases cannot be told
    │   ├── LabelError            E230   label values that were not declared or cannot be used
    │   ├── GeometryError         E240   two grids that should agree and do not
    │   ├── CheckError            E250   the check found errors; all of them are in the message
    │   └── SplitError            E260   folds that contradict the cases, or share a scan between their sides
    ├── PlanError                 E300   no plan fits
    │   └── BudgetError           E310   the memory or the time asked for is too small
    ├── RunError                  E400   the run folder
    │   ├── RunExistsError        E410   it holds another run
    │   ├── CheckpointError       E420   not a checkpoint of this program
    │   ├── DiskFullError         E430   no space left while writing
    │   └── StoreError            E440   a prepared file is no longer as it was written
    └── TrainError                E500   training cannot go on
        ├── WorkerError           E510   a worker process died
        ├── DivergedError         E520   the loss is no longer a number
        └── CollapsedError        E530   nothing but background is predicted, and no longer learned otherwise

Each says what came, what was expected and what to do, and has one page in ``docs/errors``.
"""

from __future__ import annotations


class DelineateError(Exception):
    """An error the person can act on: shown as a message with exit code 1, never as a traceback.

    ``what`` came, what was ``expected``, and what to do (``fix``).
    """

    code = "E000"

    def __init__(self, what: str, expected: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.expected = expected
        self.fix = fix

    def __str__(self) -> str:
        lines = [f"{self.what}"]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.fix:
            lines.append(f"  to do:    {self.fix}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.what, self.expected, self.fix)


class UsageError(DelineateError):
    """A value that cannot be used."""

    code = "E100"


class UnknownNameError(UsageError):
    """A name no registry holds."""

    code = "E101"


class ConfigError(UsageError):
    """A knob that does not exist or has a wrong value."""

    code = "E110"


class DataError(DelineateError):
    """Something about the data set."""

    code = "E200"


class FormatError(DataError):
    """One file cannot be read or written as what it claims to be."""

    code = "E210"


class LayoutError(DataError):
    """A folder whose cases cannot be told."""

    code = "E220"


class LabelError(DataError):
    """Label values that were not declared or cannot be used."""

    code = "E230"


class GeometryError(DataError):
    """Two grids that should agree and do not."""

    code = "E240"


class CheckError(DataError):
    """The check found errors; the message holds all of them."""

    code = "E250"


class SplitError(DataError):
    """Folds that contradict the cases, or share a scan or a patient between training and validation."""

    code = "E260"


class PlanError(DelineateError):
    """No plan fits."""

    code = "E300"


class BudgetError(PlanError):
    """The memory or the time asked for is too small."""

    code = "E310"


class RunError(DelineateError):
    """Something about the run folder."""

    code = "E400"


class RunExistsError(RunError):
    """The folder holds another run."""

    code = "E410"


class CheckpointError(RunError):
    """Not a checkpoint of this program, or a damaged one."""

    code = "E420"


class DiskFullError(RunError):
    """No space left while writing."""

    code = "E430"


class StoreError(RunError):
    """A prepared file is no longer as it was written."""

    code = "E440"


class TrainError(DelineateError):
    """Training cannot go on."""

    code = "E500"


class WorkerError(TrainError):
    """A worker process died."""

    code = "E510"


class DivergedError(TrainError):
    """The loss is no longer a number."""

    code = "E520"


class CollapsedError(TrainError):
    """The network predicts nothing but background and no longer learns otherwise."""

    code = "E530"
