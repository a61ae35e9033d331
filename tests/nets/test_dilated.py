from __future__ import annotations

from delineate.nets import build_net
from delineate.nets.dilated import dilated

SMALL = {"backbone_options": {"width": 4}, "width": 8}


def test_what_is_given_stands_over_the_papers():
    assert dilated("resnet50", {"width": 8}, dilation="all") == {"dilation": "all", "width": 8}
    assert dilated("resnet50", {"dilation": "first_previous"}, dilation="all") == {"dilation": "first_previous"}
    assert dilated("res2net50", None, dilation="all", ceil_pool=True) == {}


def rates(net):
    """Of the first 3x3 convolution in each block of the last stage."""
    return [block.conv2.dilation[0] for block in net.backbone.layer4]


def test_the_networks_dilate_as_their_authors_did():
    of = {
        name: build_net(name, 2, 1, 2, {**SMALL, "backbone": "resnet50"})
        for name in ("danet", "emanet", "ann", "psanet")
    }
    assert rates(of["danet"]) == [4, 8, 16]
    assert rates(of["emanet"]) == [2, 8, 16]
    assert rates(of["ann"]) == [2, 4, 4]
    assert rates(of["psanet"]) == [4, 4, 4]
