from __future__ import annotations

import torch

from delineate.nets import NETS, NetCard, network
from delineate.nets.tracing import trace_net


def test_a_u_net_is_taken_apart_into_its_stages():
    diagram = trace_net("resenc_unet", 2, 1, 3, {"widths": (4, 8, 8, 12), "blocks": 1}, (32, 24))
    names = [n.name for n in diagram.nodes]
    assert names == [
        "stem",
        "encoder.0",
        "encoder.1",
        "encoder.2",
        "encoder.3",
        "decoder.2",
        "decoder.1",
        "decoder.0",
        "heads.0",
    ]
    feeds = {names[b]: {names[a] for a, to in diagram.edges if to == b} for b in range(len(names))}
    assert feeds["stem"] == set() and feeds["encoder.1"] == {"encoder.0"}
    assert feeds["decoder.2"] == {"encoder.2", "encoder.3"} and feeds["decoder.0"] == {"encoder.0", "decoder.1"}
    bottom = diagram.nodes[4]
    assert bottom.shape == (12, 4, 3) and diagram.level(bottom) == 3 and diagram.level(diagram.nodes[0]) == 0
    total = sum(n.parameters for n in diagram.nodes)
    assert total == sum(p.numel() for p in NETS["resenc_unet"](2, 1, 3, widths=(4, 8, 8, 12), blocks=1).parameters())


def test_a_part_that_runs_twice_is_there_twice_and_one_that_never_runs_is_not(monkeypatch):
    class Odd(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.twice, self.never = torch.nn.Conv2d(1, 1, 1), torch.nn.Conv2d(1, 1, 1)
            self.last = torch.nn.Conv2d(1, 2, 1)

        def forward(self, x):
            return self.last(self.twice(self.twice(x).relu()) + x)

    monkeypatch.setattr(NETS, "_entries", dict(NETS._entries))
    network("odd", NetCard(title="Odd", paper="Nobody 2000"))(lambda dims, in_channels, out_channels: Odd())
    diagram = trace_net("odd", 2, 1, 2, {}, (8, 8))
    assert [n.name for n in diagram.nodes] == ["twice", "twice", "last"]
    assert diagram.edges == ((0, 1), (1, 2)), "an activation in between carries on where it comes from"
