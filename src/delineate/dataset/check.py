"""Every problem of a data set at once, each with its case, its cause and its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import ConfigDict, Field, InstanceOf

from delineate.core.errors import CheckError, LabelError
from delineate.core.labels import Labels
from delineate.core.listing import counted
from delineate.core.record import Record
from delineate.core.registry import Registry
from delineate.dataset.case import Case, Dataset
from delineate.dataset.census import ValueCount, infer_labels, take_census
from delineate.dataset.facts import CaseFacts
from delineate.dataset.likeness import near_duplicates
from delineate.dataset.measure import Progress, measure_cases

SEVERITIES = ("error", "warning", "note")
Rare = Literal["refuse", "allow"]


class Problem(Record):
    """One thing that is wrong (error), may be wrong (warning) or is good to know (note). ``case`` is empty for a
    problem of the whole set."""

    severity: Literal["error", "warning", "note"]
    check: str
    case: str
    what: str
    cause: str = ""
    fix: str = ""


@dataclass(frozen=True, eq=False)
class Survey:
    """What a check looks at: the data set, the facts of every case in its order, and the labels (declared or
    inferred; None where the masks do not tell, with the reason in ``unclear``). ``rare`` is whether a set of one case,
    or a class in one case only, is an error ("refuse") or a warning."""

    data: Dataset
    facts: tuple[CaseFacts, ...]
    labels: Labels | None
    unclear: LabelError | None
    census: tuple[ValueCount, ...]
    rare: Rare = "refuse"

    @cached_property
    def near(self) -> tuple[tuple[str, str], ...]:
        """The names of the cases of different patients that show nearly the same image."""
        groups = [case.group or case.name for case in self.data.cases]
        found = near_duplicates([fact.thumbnail for fact in self.facts], groups)
        return tuple((self.data.cases[a].name, self.data.cases[b].name) for a, b in found)

    @property
    def pairs(self) -> Iterator[tuple[Case, CaseFacts]]:
        """Each case with its facts."""
        return zip(self.data.cases, self.facts, strict=True)


Check = Callable[[Survey], Iterable[Problem]]

CHECKS: Registry[Check] = Registry("check", "delineate.dataset.checks")


class CheckResult(Record):
    """All problems, worst first, the labels to train with, and the census of the masks.

    ``facts`` are what was measured, for `fingerprint_dataset`; they are not written to JSON. ``near`` are the cases of
    different patients that show nearly the same image.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    problems: tuple[Problem, ...]
    labels: Labels | None
    census: tuple[ValueCount, ...] = ()
    facts: tuple[InstanceOf[CaseFacts], ...] = Field(default=(), exclude=True, repr=False)
    near: tuple[tuple[str, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return all(p.severity != "error" for p in self.problems)

    def of(self, severity: str) -> tuple[Problem, ...]:
        """The problems of one severity."""
        return tuple(p for p in self.problems if p.severity == severity)

    def require(self) -> Labels:
        """The labels to train with.

        Raises:
            CheckError: there are errors; all of them are in the message.
        """
        if self.ok and self.labels is not None:
            return self.labels
        errors = self.of("error")
        told = "\n".join(f"  {p.case + ': ' if p.case else ''}{p.what}\n      to do: {p.fix}" for p in errors)
        raise CheckError(
            f"the data set has {counted(len(errors), 'error')}:\n{told}",
            "a data set without errors",
            "repair or remove the cases named, then run it again",
        )


def check_dataset(
    data: Dataset,
    workers: int = 1,
    progress: Progress = None,
    budget_bytes: int | None = None,
    expect: Callable[[int], None] | None = None,
    detail: bool = False,
    rare: Rare = "refuse",
) -> CheckResult:
    """Look at every file once and ask every check. Bad files are told, never raised.

    At most ``workers`` cases are read at the same time, fewer where ``budget_bytes`` of memory ask for it;
    ``progress(done, all)`` is called after each, ``expect`` with the expected peak before the first.
    ``detail`` takes what a page about the data shows as well (`dataset.profile`). ``rare`` is what to do with a set of
    one labelled case, or a class in one case only: an error, or with "allow" a warning.
    """
    facts = measure_cases(data, workers, progress, budget_bytes=budget_bytes, expect=expect, detail=detail)
    survey = survey_facts(data, facts, rare)
    problems = [p for name in CHECKS for p in CHECKS[name](survey)]
    problems.sort(key=lambda p: SEVERITIES.index(p.severity))
    return CheckResult(
        problems=tuple(problems), labels=survey.labels, census=survey.census, facts=facts, near=survey.near
    )


def survey_facts(data: Dataset, facts: tuple[CaseFacts, ...], rare: Rare = "refuse") -> Survey:
    """Take the census and settle the labels."""
    labels, unclear = data.labels, None
    if labels is None:
        try:
            labels = infer_labels(facts)
        except LabelError as error:
            unclear = error
    census = take_census(facts, labels)
    return Survey(data=data, facts=facts, labels=labels, unclear=unclear, census=census, rare=rare)
