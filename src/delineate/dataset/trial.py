"""`Trial`: cases to learn from, cases to choose the checkpoint by, and cases to test on, once."""

from __future__ import annotations

from delineate.core.record import Record
from delineate.dataset.case import Dataset
from delineate.dataset.fingerprint import Fingerprint
from delineate.dataset.split import Split, Splits, split_dataset


class Trial(Record):
    """The names of the cases of one fold; ``test`` has no part in training nor in the choice of its checkpoint."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


class Trials(Record):
    """All folds and how they came about."""

    folds: tuple[Trial, ...]
    note: str

    @property
    def for_training(self) -> Splits:
        """What training may know of: the same folds without their test cases."""
        return Splits(folds=tuple(Split(train=t.train, validation=t.validation) for t in self.folds), note=self.note)


def make_trials(data: Dataset, outer: Splits, seed: int = 0, finger: Fingerprint | None = None) -> Trials:
    """Each fold's held-out cases become its test cases; of the others, a part is set aside for validation, by patient
    (alike in classes and sizes where ``finger`` tells them).

    Where all others are of one patient they are both trained on and validated on, which the note says.
    """
    trials, shared = [], 0
    for fold in outer.folds:
        names = set(fold.train)
        rest = data.model_copy(update={"cases": tuple(c for c in data.labelled if c.name in names)})
        inner = split_dataset(rest, None, seed, finger=finger).folds[0]
        shared += bool(set(inner.train) & set(inner.validation))
        trials.append(Trial(train=inner.train, validation=inner.validation, test=fold.validation))
    note = f"{outer.note}; of the cases left to a fold, a part chooses its checkpoint and the fold's own test it, once"
    if shared:
        note += f"; in {shared} folds one patient is left, who is both trained on and validated on"
    return Trials(folds=tuple(trials), note=note)
