from __future__ import annotations

import pytest
import torch

from delineate.core.errors import CheckpointError, UnknownNameError, UsageError
from delineate.nets import NETS, NetCard, auxiliaries_of, build_net, load_weights, network

_STEPS = {"coarse": 1.0, "stage1": 1.0, "stage2": 1.0}
SIDES = {
    **{name: {"side": 0.4} for name in ("ann", "ccnet", "fcn_resnet", "gff", "psanet", "pspnet")},
    **{f"ocnet_{kind}": {"side": 0.4} for kind in ("asp", "base", "pyramid")},
    "bisenetv2": {"stem": 1.0, "stage3": 1.0, "stage4": 1.0, "stage5": 1.0},
    "caranet": _STEPS,
    "danet": {"position": 1.0, "channel": 1.0},
    "infnet": {**_STEPS, "edge": 1.0},
    "miniseg": {"level2": 0.4, "level3": 0.4, "level4": 0.4},
    "pranet": _STEPS,
    "unetpp": {"column3": 1.0, "column2": 1.0, "column1": 1.0},
}
"""What networks put out for training beside the answer, and how much it counts in the loss, as published."""


def test_both_u_nets_are_there():
    assert {"plain_unet", "resenc_unet"} <= set(NETS)


def test_unknown_names_and_options_say_what_was_meant():
    with pytest.raises(UnknownNameError, match="resenc_unet"):
        build_net("resencunet", 3, 1, 2)
    with pytest.raises(UsageError, match="widths"):
        build_net("plain_unet", 3, 1, 2, {"width": (8, 16)})
    with pytest.raises(UsageError, match="2 or 3"):
        build_net("plain_unet", 1, 1, 2)
    with pytest.raises(UsageError, match="at least one"):
        build_net("plain_unet", 3, 0, 2)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("unet", {"widths": 5}, "widths=5.*no len"),
        ("pspnet", {"backbone": "resnet10", "backbone_options": {"rate": 2}}, "'rate'"),
        ("unetpp", {"widths": (8, "wide")}, "wide"),
        ("highresnet", {"widths": (-4, 4, 4, 4)}, "-4"),
        ("highresnet", {"widths": ()}, r"widths=\(\).*out of range"),
        ("espnet_c", {"width": 1}, "width=1.*without channels: encoder.down2.reduce.weight"),
    ],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element")
def test_options_of_which_nothing_can_be_built_are_told(name, options, told):
    with pytest.raises(UsageError, match=told):
        build_net(name, 2, 1, 2, options)


def test_a_mistake_in_a_builder_is_not_the_persons(monkeypatch):
    monkeypatch.setattr(NETS, "_entries", dict(NETS._entries))

    @network("broken", NetCard(title="T", paper="P. 2020"))
    def build(dims, in_channels, out_channels, width=4):
        return len(dims)

    with pytest.raises(TypeError):
        build_net("broken", 2, 1, 2)


@pytest.mark.parametrize("name", list(NETS))
def test_outputs_for_training_weigh_what_their_papers_say(name):
    small = {**NETS[name].card.small, **({"widths": (4,) * 5} if name == "unetpp" else {})}
    options = {k: v for k, v in small.items() if k != "deep_supervision"}
    with torch.device("meta"):
        sides = auxiliaries_of(build_net(name, NETS[name].card.dims[0], 1, 3, options))
    assert {key: side.weight for key, side in sides.items()} == SIDES.get(name, {})
    assert {key for key, side in sides.items() if side.target != "labels"} == ({"edge"} if name == "infnet" else set())


def test_calling_an_entry_builds_too():
    assert isinstance(NETS["plain_unet"](2, 1, 2, widths=(4, 8), blocks=1, decoder_blocks=1), torch.nn.Module)


def test_weights_go_in_whole_or_not_at_all():
    options = {"widths": (4, 8), "blocks": 1}
    torch.manual_seed(0)
    one, other = (build_net("resenc_unet", 2, 1, 2, options) for _ in range(2))
    load_weights(other, one.state_dict())
    x = torch.randn(1, 1, 8, 8)
    assert torch.equal(one.eval()(x), other.eval()(x))

    tensors = one.state_dict()
    gone = tensors.pop("stem.conv.weight")
    tensors["stem.weight"] = gone
    tensors["heads.0.bias"] = torch.zeros(5)
    before = {k: v.clone() for k, v in other.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_weights(other, tensors)
    told = str(caught.value)
    assert "1 missing: stem.conv.weight" in told
    assert "1 unexpected: stem.weight" in told
    assert "heads.0.bias ((5,) for (2,))" in told
    assert all(torch.equal(before[k], v) for k, v in other.state_dict().items())
