"""The beginning of a run, before its data are looked at: the folder, and what is refused at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from delineate.config import Config, PlanConfig, load_config
from delineate.core.errors import BudgetError, SplitError, UsageError
from delineate.core.registry import Registry
from delineate.core.run import RunFolder
from delineate.core.units import show_memory

_LEAST_MEMORY = 800 * 1024**2


def open_run(run: RunFolder, config: Config, resume: bool) -> Config:
    """The configuration is written before any work; a resumed run goes on with the one it was begun with, except
    that ``prepare.verify`` is a wish for this sitting."""
    if resume and run.config.exists():
        run.tidy()
        begun = load_config(run.config)
        return begun.model_copy(update={"prepare": begun.prepare.model_copy(update={"verify": config.prepare.verify})})
    run.begin()
    config.save(run.config)
    return config


def refuse_unknown_names(config: Config) -> None:
    """A misspelt plug-in is told before any work, not after an hour of preparation."""
    from delineate.losses.loss import LOSSES
    from delineate.nets.backbone import BACKBONES
    from delineate.nets.net import NETS, check_options
    from delineate.patches.sampler import SAMPLERS
    from delineate.plan.planner import PLANNERS
    from delineate.store.masks import refuse_unknown_crop
    from delineate.store.normalise import refuse_unknown_normaliser

    refuse_unknown_normaliser(config.plan.normaliser)
    refuse_unknown_crop(config.prepare.crop)
    asked: tuple[tuple[Registry[Any], str], ...] = (
        (LOSSES, config.train.loss),
        (NETS, config.plan.net),
        (SAMPLERS, config.patches.sampler),
        (PLANNERS, config.plan.planner),
    )
    for registry, name in asked:
        _ = registry[name]
    options = config.plan.net_options
    check_options(NETS[config.plan.net], options)
    if "backbone" in options:
        _ = BACKBONES[str(options["backbone"])]
    _refuse_misfit(config.plan)


def _refuse_misfit(wanted: PlanConfig) -> None:
    """Options that go together in none of the dims there may be: a backbone that cannot do a stride, say. Those of
    networks that the planner sizes depend on what it plans."""
    import torch

    from delineate.nets.net import NETS, build_net
    from delineate.plan.planner import SIZED_NETS

    if not wanted.net_options or wanted.net in SIZED_NETS:
        return
    refused: UsageError | None = None
    for dims in NETS[wanted.net].card.dims if wanted.dims is None else (3 if wanted.dims == 3 else 2,):
        try:
            with torch.device("meta"):
                build_net(wanted.net, dims, 1, 2, wanted.net_options)
            return
        except UsageError as error:
            refused = refused or error
    if refused is not None:
        raise refused


def refuse_wrong_splits(config: Config) -> None:
    """Contradictions and a missing file of folds are told before any work, too."""
    asked = {n: v for n in ("splits", "folds", "holdout") if (v := getattr(config, n)) is not None}
    if len(asked) > 1:
        told = ", ".join(f"{name} = {value}" for name, value in asked.items())
        raise UsageError(f"folds asked for in {len(asked)} ways: {told}", "one of them", "leave the others unset")
    if config.splits is not None and not Path(config.splits).is_file():
        raise SplitError(f"{config.splits} does not exist", "a file of folds, ours or nnU-Net's", "check the path")


def refuse_tiny(budget_bytes: int) -> None:
    """Say at once that a budget holds not even the libraries.

    Raises:
        BudgetError: it is less than 800 MiB.
    """
    if budget_bytes < _LEAST_MEMORY:
        raise BudgetError(
            f"{show_memory(budget_bytes)} of memory is too little to train in",
            f"at least {show_memory(_LEAST_MEMORY)}: Python and torch alone take most of that",
            "give more with --memory, or free some",
        )


def spent_before_s(run: RunFolder) -> float:
    """Seconds earlier sittings of this run used."""
    from delineate.train.state import load_newest_card

    spent = [0.0]
    for fold in run.folds:
        if (run.fold(fold) / "last.json").exists():
            spent.append(load_newest_card(run.fold(fold) / "last").state.spent_s)
    return max(spent)


def precision_of(run: RunFolder, config: Config) -> str:
    """A resumed run keeps its precision: bitwise the same numbers."""
    from delineate.train.state import load_newest_card

    for fold in run.folds:
        if (run.fold(fold) / "last.json").exists():
            return load_newest_card(run.fold(fold) / "last").precision
    return config.train.precision
