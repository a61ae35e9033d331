"""GFFNet."""

from __future__ import annotations

import torch

from delineate.nets import NETS, auxiliaries_of, build_net, count_parameters


def test_it_is_resnet101_dilated_with_an_auxiliary_head():
    with torch.device("meta"):
        net = build_net("gffnet", 2, 3, 20)
    assert net.backbone.strides == (2, 4, 8, 8, 8) and len(net.backbone.layer3) == 23
    assert auxiliaries_of(net)["side"].weight == 0.4
    assert NETS["gffnet"] is NETS["gff"]


def test_parameters_of_the_authors_form_equal_the_references():
    options = {"backbone": "wideresnet38", "head": "gff_aspp", "side": False, "backbone_options": {"last_norm": False}}
    with torch.device("meta"):
        net = build_net("gff", 2, 3, 20, options)
    assert count_parameters(net) == 141_104_064  # lxtGH/DecoupleSegNets DeepWV3PlusGFFNet


def test_the_authors_form_trains():
    small = {"width": 2, "depths": (1,) * 6}
    net = build_net("gff", 2, 1, 2, {"backbone": "wideresnet38", "head": "gff_aspp", "backbone_options": small})
    outs = net.train()(torch.randn(1, 1, 21, 18))
    sum(o.square().mean() for o in outs.values()).backward()
    assert {k: v.shape for k, v in outs.items()} == dict.fromkeys(("out", "side"), (1, 2, 21, 18))
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())
