"""The trainings of a study as tasks of Ray, on this machine or on many; queue, retries and resources are Ray's."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delineate.core.errors import BudgetError, UsageError
from delineate.core.units import show_memory
from delineate.steps.errand import can_train, plan_apart, train_apart
from delineate.steps.study import Cell, StudyFolder

_RETRIES = 3
"""How often a training whose machine was lost is sent to another; it goes on from its last checkpoint."""


@dataclass(frozen=True)
class Share:
    """What a training takes of a machine: ``cpus`` None for all cores of the smallest, ``gpus`` None for one where
    there is one and the CPU was not asked for."""

    cpus: int | None
    gpus: float | None
    memory_bytes: int
    device: str = "auto"

    def of(self, nodes: Sequence[dict[str, float]]) -> dict[str, float]:
        """As Ray is told.

        Raises:
            BudgetError: no machine of the cluster has so much; the task would wait for ever.
        """
        there = any(node.get("GPU", 0) >= 1 for node in nodes) and self.device in ("auto", "cuda")
        gpus = self.gpus if self.gpus is not None else float(there)
        usable = [n for n in nodes if n.get("GPU", 0) >= gpus] or list(nodes)
        cpus = self.cpus or max(1, int(min((n.get("CPU", 1) for n in usable), default=1)))
        if not any(
            n.get("CPU", 0) >= cpus and n.get("GPU", 0) >= gpus and n.get("memory", 0) >= self.memory_bytes
            for n in nodes
        ):
            told = "; ".join(
                f"{n.get('CPU', 0):g} CPUs, {n.get('GPU', 0):g} GPUs, {show_memory(n.get('memory', 0))}" for n in nodes
            )
            raise BudgetError(
                f"no machine of the Ray cluster has {cpus} CPUs, {gpus:g} GPUs and {show_memory(self.memory_bytes)}",
                f"at most what one machine has: {told}",
                "ask for less with --cpus, --gpus or --memory",
            )
        return {"num_cpus": cpus, "num_gpus": gpus, "memory": self.memory_bytes}


def work_with_ray(
    folder: StudyFolder, cells: Sequence[Cell], address: str, share: Share, ended: Callable[[Cell], None]
) -> None:
    """Plan for every network, then train all cells as the cluster has room.

    Raises:
        UsageError: ray is not installed, or no cluster answers at the address.
        BudgetError: no machine has what a training takes.
    """
    ray = _connect(address)
    try:
        asked = share.of([n["Resources"] for n in ray.nodes() if n["Alive"]])
        task = ray.remote(**asked, max_retries=_RETRIES, max_calls=1)
        plan, train = task(_plan), task(_train)
        root = str(folder.root)
        ray.get([plan.remote(root, net) for net in dict.fromkeys(cell.net for cell in cells)])
        open_cells = {}
        for cell in cells:
            if can_train(folder, cell):
                open_cells[train.remote(root, cell.net, cell.seed, cell.fold)] = cell
            else:
                ended(cell)
        _collect(ray, folder, open_cells, ended)
    finally:
        if address == "local":
            ray.shutdown()


def _collect(ray: Any, folder: StudyFolder, open_cells: dict[Any, Cell], ended: Callable[[Cell], None]) -> None:
    from delineate.steps.study import WorkState

    while open_cells:
        (first, *_), _ = ray.wait(list(open_cells), num_returns=1)
        cell = open_cells.pop(first)
        try:
            ray.get(first)
        except ray.exceptions.RayError as error:  # lost more often than it is retried
            told = WorkState.at(folder.state(cell))
            told.model_copy(update={"state": "failed", "error": f"Ray: {error}"[:1500]}).save(folder.state(cell))
        ended(cell)


def _plan(root: str, net: str) -> None:
    plan_apart(StudyFolder(Path(root)), net)


def _train(root: str, net: str, seed: int, fold: int) -> None:
    train_apart(StudyFolder(Path(root)), Cell(net=net, seed=seed, fold=fold))


def _connect(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise UsageError(
            "--ray needs Ray, which is not installed", "the extra `ray`", "pip install 'delineate[ray]'"
        ) from error
    if ray.is_initialized():
        return ray
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
    try:
        ray.init(
            address=None if address == "local" else address, include_dashboard=False if address == "local" else None,
            log_to_driver=False, configure_logging=False,
        )  # fmt: skip
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"no Ray cluster answers at {address}: {error}",
            "local, auto or HOST:PORT",
            "start one with `ray start --head`",
        ) from error
    return ray
