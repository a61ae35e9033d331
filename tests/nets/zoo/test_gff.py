"""GFFNet."""

from __future__ import annotations

import torch

from delineate.nets import NETS, auxiliaries_of, build_net


def test_it_is_resnet101_dilated_with_an_auxiliary_head():
    with torch.device("meta"):
        net = build_net("gffnet", 2, 3, 20)
    assert net.backbone.strides == (2, 4, 8, 8, 8) and len(net.backbone.layer3) == 23
    assert auxiliaries_of(net)["side"].weight == 0.4
    assert NETS["gffnet"] is NETS["gff"]
