"""Networks by name, in two and three dimensions, and the files their weights are kept in."""

from __future__ import annotations

from delineate.nets.checkpoint import load_checkpoint, save_checkpoint
from delineate.nets.net import NETS, Net, NetCard, auxiliaries_of, build_net, count_parameters, load_weights, network

__all__ = [
    "NETS",
    "Net",
    "NetCard",
    "auxiliaries_of",
    "build_net",
    "count_parameters",
    "load_checkpoint",
    "load_weights",
    "network",
    "save_checkpoint",
]
