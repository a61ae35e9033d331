from __future__ import annotations

import pytest
import torch

from delineate.core.errors import CheckpointError, UnknownNameError, UsageError
from delineate.nets import NETS, build_net, load_weights


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
