"""The verb `evaluate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.errors import UsageError
from delineate.core.memory import MemoryUse, MemoryWatch, budget_of
from delineate.core.progress import Progress, silent
from delineate.core.run import RunFolder

if TYPE_CHECKING:  # rooms are opened when a verb needs them: `delineate --help` must answer at once
    from delineate.evaluate.metric import Metric
    from delineate.evaluate.slices import CaseSlices
    from delineate.evaluate.subgroups import Groups
    from delineate.evaluate.table import ScoreTable


def evaluate(  # noqa: PLR0913 - one parameter per flag
    prediction: Path,
    truth: Path,
    out: Path | None = None,
    run: Path | None = None,
    progress: Progress = silent,
    *,
    resample: bool = False,
    memory: str | None = None,
    groups: Path | None = None,
    size_bins: str | None = None,
    told: Callable[[MemoryUse], None] | None = None,
    nsd_mm: Sequence[float] = (),
    per_slice: str | None = None,
) -> ScoreTable:
    """Score masks against the truth, file by file or folder by folder; with ``out``, write CSV, JSON, LaTeX and HTML.

    ``run`` names the classes as that run did; without it every value is a class. ``resample`` brings predictions on
    other grids to the truth's. ``memory`` bounds the peak, by default 80 % of what is free; ``told`` hears what was
    expected and what was measured. What was missing or odd stands in the table's notes. ``groups`` is a CSV that names
    groups of cases (see `read_groups`), ``size_bins`` is ``tertiles`` or edges in millilitres: the table then has the
    same numbers for each subgroup. ``nsd_mm`` are further tolerances of the normalised surface distance. ``per_slice``
    is the axis (``z``, ``y``, ``x``, or ``auto`` for the coarsest of each truth) along which slices are measured one by
    one, too: the table has their summary, ``out`` a line for each.

    Raises:
        UsageError: a tolerance that is not above 0, or another axis.
    """
    from delineate.evaluate.files import Effort, evaluate_files
    from delineate.evaluate.slices import PerSlice, parse_axis
    from delineate.evaluate.slicetable import summarise_slices
    from delineate.evaluate.subgroups import parse_size_bins, read_groups
    from delineate.plan.plan import Plan
    from delineate.steps.checking import threads

    edges = () if size_bins is None else parse_size_bins(size_bins)  # refused before the work, not after
    named = None if groups is None else read_groups(Path(groups), with_sizes=size_bins is not None)
    labels = None if run is None else Plan.load(RunFolder(Path(run)).plan).labels
    budget = budget_of(memory)
    slices: list[CaseSlices] = []
    wanted = None if per_slice is None else PerSlice(parse_axis(per_slice), slices.append)
    expected: list[int] = []
    with MemoryWatch() as watch:
        table = evaluate_files(
            Path(prediction), Path(truth), labels, lambda n, m: progress("evaluate", n, m),
            resample=resample, effort=Effort(threads(), budget, expected.append), metrics=_metrics(nsd_mm),
            per_slice=wanted,
        )  # fmt: skip
    table = _with_subgroups(table, named, edges).model_copy(update={"slices": summarise_slices(slices)})
    if told is not None:
        told(MemoryUse(budget, expected[0], watch.peak_bytes))
    if out is not None:
        save_scores(table, Path(out), Path(truth).resolve().name)
        save_slice_scores(table, slices, Path(out))
    return table


def _metrics(nsd_mm: Sequence[float]) -> tuple[Metric, ...]:
    """All of the registry, and the normalised surface distance at further tolerances."""
    from delineate.evaluate.metric import all_metrics
    from delineate.evaluate.metrics.nsd import nsd_at

    for tolerance in nsd_mm:
        if not 0 < tolerance < float("inf"):
            raise UsageError(f"a tolerance of {tolerance:g} mm", "millimetres above 0", "write for example --nsd-mm 1")
    return (*all_metrics(), *(nsd_at(t) for t in dict.fromkeys(nsd_mm)))


def save_scores(table: ScoreTable, out: Path, title: str) -> None:
    """Write a table in every form: CSV by case, class and subgroup, JSON, LaTeX and a page."""
    from delineate.core.files import write_text
    from delineate.show.scorelatex import scores_latex
    from delineate.show.scorepage import scores_page

    out.mkdir(parents=True, exist_ok=True)
    table.save_json(out / "scores.json")
    table.save_csv(out / "scores.csv")
    table.save_summary_csv(out / "classes.csv")
    if table.subgroups:
        table.save_subgroups_csv(out / "subgroups.csv")
    else:  # those of an earlier evaluation would stand beside numbers they do not belong to
        (out / "subgroups.csv").unlink(missing_ok=True)
    write_text(out / "scores.tex", scores_latex(table))
    write_text(out / "scores.html", scores_page(table, title))


def save_slice_scores(table: ScoreTable, slices: Sequence[CaseSlices], out: Path) -> None:
    """Write the slices and their summary as CSV, or remove those of an earlier evaluation where there are none."""
    from delineate.evaluate.slicetable import save_slice_summaries, save_slices

    if slices:
        save_slices(slices, out / "slices.csv")
        save_slice_summaries(table.slices, out / "slice_classes.csv")
    else:
        for name in ("slices.csv", "slice_classes.csv"):
            (out / name).unlink(missing_ok=True)


def _with_subgroups(table: ScoreTable, groups: Groups | None, edges: tuple[float, ...] | None) -> ScoreTable:
    """``edges``: none for no sizes, None for tertiles."""
    from delineate.evaluate.subgroups import split_by_groups, split_by_size

    found, notes = ((), ()) if groups is None else split_by_groups(table.rows, groups)
    if edges != ():
        found += split_by_size(table.rows, edges)
    return table.model_copy(update={"subgroups": found, "notes": (*table.notes, *notes)})
