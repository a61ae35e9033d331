"""Where the models of a study, or some runs, stand: their scores pooled, compared and priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from delineate.core.errors import RunError, UsageError
from delineate.core.run import RunFolder
from delineate.evaluate.comparison import Comparison, compare_tables
from delineate.evaluate.metric import METRICS
from delineate.evaluate.pooling import Pool, average_seeds, pool, tell_lacking
from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import Tally, means_of
from delineate.evaluate.table import ScoreTable
from delineate.show.board import Board, Cost, Entry, Resumed, Unfinished, sort_entries
from delineate.steps.sizing import price_of
from delineate.steps.study import Cell, CellResult, NetFacts, Study, StudyFolder, WorkState

if TYPE_CHECKING:
    from delineate.config import Config

_ENOUGH_SEEDS = 3
QUALITY = ("dice", "hd95", "nsd")
"""What is shown of each model and tested between them, as far as it was measured."""


def board_of_study(folder: StudyFolder) -> Board:
    """The board of a study as far as it is done."""
    from delineate.dataset.trial import Trials

    study, trials = Study.load(folder.study), Trials.load(folder.splits)
    cells = study.cells(len(trials.folds))
    tables: dict[str, ScoreTable] = {}
    scores: dict[str, Sequence[ClassScore]] = {}
    entries = []
    for net in study.nets:
        mine = [c for c in cells if c.net == net]
        done = [c for c in mine if WorkState.at(folder.state(c)).state == "done"]
        if not done:
            entries.append(_nothing(net, len(mine)))
            continue
        rows = {c: ScoreTable.load(folder.scores(c)).rows for c in done}
        scores |= {c.name: mine for c, mine in rows.items()}
        pooled = _pooled(rows)
        tables[net] = pooled.table
        spread = _between_seeds(rows) if len(done) == len(mine) else None
        cost = _cost(folder, net, done)
        entries.append(Entry.of(net, tables[net], cost, len(done), len(mine), spread, pooled))
    comparisons, notes = compare_all(_whole(tables, entries))
    untested = tables.keys() - _whole(tables, entries).keys()
    if untested:
        notes += (f"in no test until all their trainings are done: {', '.join(sorted(untested))}",)
    return Board(
        title=folder.root.name,
        asked=_asked(study, len(trials.folds)),
        metrics=_metrics(tables),
        entries=sort_entries(entries),
        comparisons=comparisons,
        unfinished=_unfinished(folder, cells),
        resumed=_resumed(folder, cells),
        notes=(*notes, *tell_lacking(scores), *_few_seeds(study.seeds), trials.note),
    )


def compare_all(tables: Mapping[str, ScoreTable]) -> tuple[tuple[Comparison, ...], tuple[str, ...]]:
    """A comparison per metric over the cases that all models have, and what cannot be compared."""
    if len(tables) < 2:
        return (), ("fewer than two models have scores: nothing can be tested",)
    made: list[Comparison] = []
    try:
        made += [compare_tables(tables, metric, anyway=True) for metric in _metrics(tables)]
    except UsageError as error:
        return tuple(made), (error.what,)
    return tuple(made), made[0].notes if made else ()


def board_of_runs(runs: Sequence[Path], anyway: bool = False) -> Board:
    """The board of runs that `train` left, by the scores of their validation cases.

    Raises:
        UsageError: fewer than two runs, or their data, splits or budgets differ (without ``anyway``).
        RunError: a folder that holds no run, or one without scores.
    """
    folders = _named(runs)
    if len(folders) < 2:
        raise UsageError(
            f"{len(folders)} run to compare",
            "two or more",
            "name another run, or networks to train on data with --nets",
        )
    for folder in folders.values():
        folder.need()
    differing = _differences(folders)
    if differing and not anyway:
        raise UsageError(
            "these runs cannot be compared fairly: " + "; ".join(differing),
            "runs with the same data, splits and budget",
            "train them alike (delineate compare DATA --nets ... does), or compare them all the same with --anyway",
        )
    pools = {name: _validation(folder) for name, folder in folders.items()}
    tables = {name: made.table for name, made in pools.items()}
    entries = [
        Entry.of(n, tables[n], _cost_of_run(f), len(f.folds), len(f.folds), pool=pools[n]) for n, f in folders.items()
    ]
    comparisons, notes = compare_all(tables)
    told = "scores are of the validation cases, by which the checkpoints were chosen: they are too good for both"
    return Board(
        title=", ".join(folders),
        asked=(f"{len(folders)} runs of delineate train",),
        metrics=_metrics(tables),
        entries=sort_entries(entries),
        comparisons=comparisons,
        marked=tuple(f"not a fair comparison: {d}" for d in differing),
        notes=(told, *notes),
    )


def _whole(tables: Mapping[str, ScoreTable], entries: Sequence[Entry]) -> Mapping[str, ScoreTable]:
    """The models with all their trainings, if there are two: else a single unfinished fold would leave only its own
    cases for the tests of all. Every model where there are not."""
    whole = {e.name: tables[e.name] for e in entries if e.complete}
    return whole if len(whole) > 1 else tables


def _metrics(tables: Mapping[str, ScoreTable]) -> tuple[str, ...]:
    return tuple(m for m in QUALITY if m in METRICS and all(m in t.foreground for t in tables.values()))


def _pooled(rows: Mapping[Cell, Sequence[ClassScore]]) -> Pool:
    """All folds of a network, seeds averaged."""
    folds = sorted({c.fold for c in rows})
    by_fold = {f: [mine for c, mine in rows.items() if c.fold == f] for f in folds}
    return pool({f"fold {f}": average_seeds(seeds) for f, seeds in by_fold.items()})


def _few_seeds(seeds: int) -> tuple[str, ...]:
    if seeds >= _ENOUGH_SEEDS:
        return ()
    told = "one seed" if seeds == 1 else f"{seeds} seeds"
    return (f"{told}: another start of the training may change these numbers; --seeds {_ENOUGH_SEEDS} shows how much",)


def _between_seeds(rows: Mapping[Cell, Sequence[ClassScore]]) -> float | None:
    from statistics import stdev

    by_seed = [[r for c, mine in rows.items() if c.seed == s for r in mine] for s in sorted({c.seed for c in rows})]
    means = [m for mine in by_seed if (m := means_of(mine).foreground["dice"]) is not None]
    return stdev(means) if len(means) > 1 else None


def _cost(folder: StudyFolder, net: str, done: Sequence[Cell]) -> Cost:
    facts = NetFacts.load(folder.net(net) / "facts.json")
    results = [CellResult.load(folder.result(c)) for c in done]
    predicting = [r.predict_s for r in results if r.predict_s is not None]
    return Cost(
        parameters=facts.parameters,
        multiply_adds=facts.multiply_adds,
        patch=facts.patch,
        peak_bytes=max(r.peak_bytes for r in results),
        device_peak_bytes=max((r.device_peak_bytes for r in results if r.device_peak_bytes is not None), default=None),
        predict_s=sum(predicting) / len(predicting) if predicting else None,
        train_s=sum(r.train_s for r in results) / len(results),
    )


def _nothing(net: str, asked: int) -> Entry:
    return Entry(
        name=net, done=0, asked=asked, cases=0, quality={}, classes={}, dice={}, counts=Tally(), cost=Cost()
    )  # fmt: skip


def _unfinished(folder: StudyFolder, cells: Sequence[Cell]) -> tuple[Unfinished, ...]:
    states = [(c, WorkState.at(folder.state(c))) for c in cells]
    return tuple(Unfinished(name=c.name, state=s.state, why=s.error) for c, s in states if s.state != "done")


def _resumed(folder: StudyFolder, cells: Sequence[Cell]) -> tuple[Resumed, ...]:
    began_at = {c.name: WorkState.at(folder.state(c)).began_at for c in cells}
    return tuple(Resumed(name=name, began_at=steps) for name, steps in began_at.items() if len(steps) > 1)


def _asked(study: Study, folds: int) -> tuple[str, ...]:
    config = study.config
    budget = f"{config.train.steps} steps" if config.train.steps else config.time or "no time limit"
    return (
        f"data: {study.data.name}",
        f"networks: {', '.join(study.nets)}",
        f"seeds: {study.seeds}, folds: {folds}, trainings: {len(study.nets) * study.seeds * folds}",
        f"each training: {budget}, memory {config.memory or 'as much as was free'}",
        f"augmentation: {config.patches.strength if config.patches.augment else 'none'}",
    )


def _named(runs: Sequence[Path]) -> dict[str, RunFolder]:
    """By the shortest end of the path that tells them apart."""
    paths = list(dict.fromkeys(Path(r).resolve() for r in runs))
    for parts in range(1, max((len(p.parts) for p in paths), default=1) + 1):
        names = ["/".join(p.parts[-parts:]) for p in paths]
        if len(set(names)) == len(names):
            break
    return {name: RunFolder(path) for name, path in zip(names, paths, strict=True)} if paths else {}


def _differences(folders: Mapping[str, RunFolder]) -> list[str]:
    """What makes a comparison unfair."""
    from delineate.config import load_config
    from delineate.dataset.fingerprint import Fingerprint
    from delineate.dataset.split import Splits

    def budget(config: Config) -> tuple[object, ...]:
        return (config.train.steps, None if config.train.steps else config.time_s, config.memory_bytes)

    data: set[object] = set()
    splits: set[object] = set()
    budgets: set[object] = set()
    for folder in folders.values():
        data.add(frozenset((c.name, c.content) for c in Fingerprint.load(folder.fingerprint).cases))
        splits.add((Splits.load(folder.splits).folds, folder.folds))
        budgets.add(budget(load_config(folder.config)))
    told = {
        "the data (contents of the files) differ": data,
        "the splits, or the folds trained, differ": splits,
        "the budget differs": budgets,
    }
    return [what for what, values in told.items() if len(values) > 1]


def _validation(folder: RunFolder) -> Pool:
    from delineate.steps.reporting import validation_tables

    tables = validation_tables(folder)
    if not tables:
        raise RunError(f"{folder.root} has no scores", "a run that came to its end", "continue it with --resume")
    return pool({title: table.rows for title, table in tables.items()})


def _cost_of_run(folder: RunFolder) -> Cost:
    from delineate.plan.plan import Plan
    from delineate.show.summary import RunSummary

    plan = Plan.load(folder.plan)
    stage = plan.stages[-1]
    price = price_of(plan, stage)
    told = RunSummary.load(folder.summary) if folder.summary.exists() else None
    return Cost(
        parameters=price.parameters, multiply_adds=price.flops, patch=stage.patch,
        peak_bytes=told.peak_bytes if told else None, train_s=told.timings_s.get("train") if told else None,
    )  # fmt: skip
