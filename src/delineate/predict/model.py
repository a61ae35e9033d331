"""`Model`: a trained run ready to predict, and `predict_case`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from delineate.config import Config, PredictConfig
from delineate.core.errors import CheckpointError, UsageError
from delineate.core.memory import release_freed_memory
from delineate.core.volume import Volume
from delineate.dataset.case import Case
from delineate.dataset.read import read_case
from delineate.nets.checkpoint import facts_of, load_checkpoint
from delineate.nets.net import build_net, load_weights
from delineate.patches.planes import ORDERS
from delineate.plan.plan import Plan, Stage
from delineate.predict.engine import Engine, TorchEngine
from delineate.predict.ensemble import EnsembleEngine
from delineate.predict.mirror import MirrorEngine
from delineate.predict.probability import ProbabilityWriter
from delineate.predict.slide import SlidingLogits, spans
from delineate.store.prepare import prepare_case
from delineate.store.restore import restore_logits


class Logits(Protocol):
    """An array of logits, or what slices like one."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    def __getitem__(self, key: Any) -> Any: ...


@dataclass(frozen=True)
class Model:
    """The plan a network was trained by, and the engine that runs it (several folds as one).

    ``at_once`` windows are answered together (None: as many as speed asks for). ``half`` keeps logits that must be
    held whole (those summed over three axes) in 16 bits. ``value_bytes`` is the size of the numbers it computes with.
    """

    plan: Plan
    engine: Engine
    overlap: float = 0.5
    at_once: int | None = None
    half: bool = False
    value_bytes: int = 4

    @property
    def stage(self) -> Stage:
        """The stage whose answer is the result."""
        return self.plan.stages[-1]


def make_card(plan: Plan, stage: Stage, fold: int, precision: str, config: Config, version: str) -> dict[str, Any]:
    """What a checkpoint must say about itself so that it can be rebuilt by name."""
    return {
        "plan": plan.model_dump(mode="json"),
        "stage": stage.name,
        "fold": fold,
        "precision": precision,
        "seed": config.seed,
        "predict": config.predict.model_dump(mode="json"),
        "version": version,
        "batch": stage.batch,
    }


def load_model(run: Path, folds: tuple[int, ...] | None = None, device: str = "cpu", mirror: bool = False) -> Model:
    """The best checkpoints of a run's folds (all that are there, or those named).

    Everything needed is in the checkpoints' cards: a run folder may be moved, and cut down to ``folds``.

    Raises:
        CheckpointError: there is none, or one is not of this program.
        UsageError: mirroring was asked for, but training mirrored nothing.
    """
    paths = _checkpoints(run, folds)
    loaded = [_load_one(path, device) for path in paths]
    plan, settings = loaded[0].plan, loaded[0].settings
    if any(other.plan != plan for other in loaded):
        raise CheckpointError(
            f"the folds of {run} were trained by different plans", "one plan", "name the folds to use with --fold"
        )
    if mirror and not plan.mirror_axes:
        raise UsageError(
            "--mirror was asked for, but this network was trained without mirroring",
            "a network trained with mirroring: on any other, mirrored views are unlike all it has seen",
            "leave --mirror out",
        )
    mirror = mirror or (settings.mirror and bool(plan.mirror_axes))
    engines = [
        MirrorEngine(m.engine, plan.mirror_axes, plan.side_axis, plan.mirror_swaps) if mirror else m.engine
        for m in loaded
    ]
    return Model(
        plan, EnsembleEngine(engines, plan.labels.regions), settings.overlap, value_bytes=loaded[0].value_bytes
    )


def predict_case(model: Model, case: Case, maps: ProbabilityWriter | None = None) -> Volume:
    """The mask predicted for a case's files, in the values of the training's masks, on the scan's own grid; ``maps``
    writes the probabilities that go with it.

    The scan's voxels are forgotten once it is prepared.
    """
    volume, _ = read_case(case, None)
    prepared, trace = prepare_case(volume, model.plan, model.stage)
    place = volume.with_array(np.broadcast_to(np.zeros((), np.uint8), (1, *volume.geometry.shape)))
    del volume
    release_freed_memory()  # reading and preparing take other pieces than answering
    logits = predict_prepared(model, prepared)
    del prepared
    if maps is not None:
        maps.begin(trace)
    ids = restore_logits(logits, trace, model.plan.labels, None if maps is None else maps.tell)
    del logits
    if maps is not None:
        maps.close(place)
    return place.with_array(model.plan.labels.decode(ids)[None])


def predict_prepared(model: Model, image_czyx: NDArray[np.float32]) -> Logits:
    """Logits ``[k, z, y, x]`` on the prepared grid, to be read from the first slice to the last; the mean over the
    axes the plan looks along.

    Along one axis they are computed while they are read and never there as a whole.
    """
    plan, stage = model.plan, model.stage

    def along(turned_czyx: NDArray[np.float32]) -> SlidingLogits:
        return SlidingLogits(
            model.engine, turned_czyx, stage.patch, plan.labels.channels, model.overlap, plan.slices, model.at_once
        )

    if plan.planes == (0,):
        return along(image_czyx)
    shape = (plan.labels.channels, *image_czyx.shape[1:])
    mean = np.zeros(shape, np.float16 if model.half else np.float32)
    for axis in plan.planes:
        order = (0, *(a + 1 for a in ORDERS[axis]))
        logits, turned_mean = along(image_czyx.transpose(order)), mean.transpose(order)
        for first, last in spans(logits.shape[1]):
            for k, channel in enumerate(turned_mean):
                channel[first:last] += logits[k, first:last] / len(plan.planes)
    return mean


def _checkpoints(run: Path, folds: tuple[int, ...] | None) -> list[Path]:
    if not (run / "folds").is_dir():
        raise CheckpointError(
            f"{run} holds no trained network",
            "the folder that `delineate train -o` wrote",
            "check the path, or train first",
        )
    found = sorted(p.parent for p in (run / "folds").glob("*/best.safetensors"))
    if folds is not None:
        found = [p for p in found if p.name.isdigit() and int(p.name) in folds]
    if not found:
        raise CheckpointError(
            f"{run} has no finished fold{'' if folds is None else ' among ' + ', '.join(map(str, folds))}",
            "folds/<number>/best.safetensors",
            "let training finish: delineate train ... --resume",
        )
    return [p / "best" for p in found]


@dataclass(frozen=True)
class _Member:
    plan: Plan
    settings: PredictConfig
    engine: TorchEngine
    value_bytes: int


class _Facts(BaseModel):
    """What a card must say for the network to be rebuilt; see `make_card`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    plan: Plan
    stage: str
    precision: Literal["bf16", "fp32"]
    predict: PredictConfig


def _load_one(path: Path, device: str) -> _Member:
    tensors, card = load_checkpoint(path)
    told = facts_of(card, _Facts, path)
    plan = told.plan
    stage = next((s for s in plan.stages if s.name == told.stage), None)
    if stage is None:
        raise CheckpointError(
            f"{path} cannot be rebuilt: its plan has no stage {told.stage!r}",
            "a checkpoint written by delineate train",
            "train again",
        )
    net = build_net(stage.net.name, plan.dims, plan.inputs, plan.labels.channels, stage.net.options)
    load_weights(net, tensors)
    engine = TorchEngine(net, device, told.precision)
    return _Member(plan, told.predict, engine, 4 if told.precision == "fp32" else 2)
