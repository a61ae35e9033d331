"""A training on a cluster of two nodes of this machine; the node that trains is taken away. Prints one JSON object.

In a process of its own, since Ray leaves threads and open files behind.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import ray
from ray.cluster_utils import Cluster

from delineate.config import load_config
from delineate.steps.comparing import lay_ground
from delineate.steps.raytasks import Share, work_with_ray
from delineate.steps.study import Cell, Study, StudyFolder, WorkState, open_study

STEPS = 300
SETS = (
    f"train.steps={STEPS}", "plan.width=4", "plan.patch=[16,16,16]", "plan.batch=2", "train.precision=fp32",
    "patches.workers=0", "train.checkpoint_every_s=0.05",
)  # fmt: skip
_GIB = 1024**3


def main() -> None:
    """See the module."""
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    folder = StudyFolder(out)
    node = {"memory": 2 * _GIB, "object_store_memory": 80 * 1024**2, "include_dashboard": False}
    # the head takes no training, so that each of the two others may be lost
    head = {"num_cpus": 0, **node, "memory": 100 * 1024**2}
    cluster = _started(lambda: Cluster(initialize_head=True, head_node_args=head))
    nodes = [_started(lambda: cluster.add_node(num_cpus=1, **node)) for _ in range(2)]
    cluster.wait_for_nodes()
    told: dict[str, object] = {"steps": STEPS}
    cell = Cell(net="plain_unet", seed=0, fold=0)
    card = folder.run(cell).fold(0) / "last.json"

    def take_away() -> None:
        while not card.exists():
            time.sleep(0.01)
        busy = _node_of(nodes, folder.run(cell).root)
        told["killed_at"] = _step(card)
        cluster.remove_node(busy, allow_graceful=False)

    threading.Thread(target=take_away, daemon=True).start()
    config = load_config(sets=SETS, memory="1500MiB", folds=2, device="cpu", time="10min")
    asked = Study(data=data, nets=("plain_unet",), seeds=1, config=config, memory_bytes=1500 * 1024**2)
    lay_ground(folder, open_study(folder, asked))
    work_with_ray(folder, [cell], cluster.address, Share(1, 0, asked.memory_bytes), lambda _: None)
    state = WorkState.at(folder.state(cell))
    told |= {"state": state.state, "error": state.error, "began_at": state.began_at, "last_step": _step(card)}
    ray.shutdown()
    cluster.shutdown()
    print(json.dumps(told))


def _started(start: Callable[[], Any], tries: int = 4) -> Any:
    """Ray waits half a minute for a node, which on a busy machine may be too short."""
    for _ in range(tries - 1):
        try:
            return start()
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    return start()


def _node_of(nodes: list[Any], run: Path) -> Any:
    """The node whose daemon is an ancestor of the process that trains, as the owner of the run's lock tells it."""
    pid = int((run / ".owner").read_text().split()[1])
    ancestors = {p.pid for p in psutil.Process(pid).parents()}
    return next(n for n in nodes if n.all_processes["raylet"][0].process.pid in ancestors)


def _step(card: Path) -> int:
    return int(json.loads(card.read_text())["card"]["state"]["step"])


if __name__ == "__main__":
    main()
