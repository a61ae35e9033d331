from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.zoo.swinunet import Expand, Merge


def reference():
    with torch.device("meta"):
        return build_net("swinunet", 2, 3, 20)


def test_parameters_equal_the_references():
    assert count_parameters(reference()) == 27_169_956  # HuCaoFighting/Swin-Unet at 224


def test_parameters_are_named_as_in_the_published_files():
    shapes = {k: tuple(v.shape) for k, v in reference().state_dict().items()}
    wanted = {
        "patch_embed.proj.weight": (96, 3, 4, 4),
        "layers.0.blocks.1.attn.relative_position_bias_table": (169, 3),
        "layers.2.downsample.reduction.weight": (768, 1536),
        "layers.3.blocks.0.mlp.fc1.weight": (3072, 768),
        "layers_up.0.expand.weight": (1536, 768),
        "layers_up.1.blocks.1.attn.qkv.weight": (1152, 384),
        "layers_up.1.upsample.norm.weight": (192,),
        "concat_back_dim.3.weight": (96, 192),
        "norm.weight": (768,),
        "norm_up.weight": (96,),
        "up.expand.weight": (1536, 96),
        "output.weight": (20, 96, 1, 1),
    }
    assert {k: shapes.get(k) for k in wanted} == wanted
    assert "layers.3.downsample.norm.weight" not in shapes and "output.bias" not in shapes


def test_merging_takes_the_first_axis_fastest_and_pads_odd_sizes():
    merge = Merge(2, 1)
    merge.norm, merge.reduction = torch.nn.Identity(), torch.nn.Identity()
    x = torch.arange(12.0).reshape(1, 4, 3, 1)
    out = merge(x)
    assert out.shape == (1, 2, 2, 4)
    assert out[0, 0, 0].tolist() == [0, 3, 1, 4] and out[0, 1, 1].tolist() == [8, 11, 0, 0]


@pytest.mark.parametrize("dims", [2, 3])
def test_expanding_puts_every_part_in_its_place(dims):
    expand = Expand(dims, 2**dims, 1)
    expand.norm, expand.expand = torch.nn.Identity(), torch.nn.Identity()
    x = torch.randn(1, *(2, 3, 2)[:dims], 2**dims)
    out = expand(x)
    assert out.shape == (1, *(4, 6, 4)[:dims], 1)
    for i in range(2**dims):  # the last axis runs fastest here
        start = [i >> (dims - 1 - a) & 1 for a in range(dims)]
        torch.testing.assert_close(out[(0, *(slice(s, None, 2) for s in start), 0)], x[0, ..., i])


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(UsageError, match="heads="):
        build_net("swinunet", 2, 1, 2, {"width": 10})


@pytest.mark.parametrize("wrong", [{"window": 0}, {"patch": -1}])
def test_windows_and_patches_of_nothing_are_refused(wrong):
    with pytest.raises(UsageError, match="one voxel or more"):
        build_net("swinunet", 2, 1, 2, {**NETS["swinunet"].card.small, **wrong})
