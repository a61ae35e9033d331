from __future__ import annotations

import torch

from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.blocks.attention_gate import AttentionGate


def test_parameters_equal_the_references():
    with torch.device("meta"):
        net = build_net("attention_unet", 2, 1, 20)
    assert count_parameters(net) == 34_878_656  # LeeJunHyun/Image_Segmentation


def test_each_skip_connection_has_a_gate_of_half_its_width():
    net = build_net("attention_unet", 3, 1, 2, NETS["attention_unet"].card.small)
    gates = [module for module in net.modules() if isinstance(module, AttentionGate)]
    assert [gate.psi[0].in_channels for gate in gates] == [2, 4]


def test_a_closed_gate_shuts_the_encoder_out():
    torch.manual_seed(0)
    net = build_net("attention_unet", 2, 1, 2, {"widths": (4, 6)}).eval()
    gate = net.gates[0].psi[1]
    torch.nn.init.zeros_(gate.weight)
    below, seen = [], []
    net.ups[0].register_forward_hook(lambda module, given, out: below.append(out))
    net.decoder[0].register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    for bias in (-200.0, 200.0):
        torch.nn.init.constant_(gate.bias, bias)
        net(torch.randn(1, 1, 8, 8))
    assert not seen[0][:, :4].any() and seen[1][:, :4].any()
    assert all(torch.equal(one[:, 4:], up) for one, up in zip(seen, below, strict=True))
