from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from delineate.nets.backbone import build_backbone
from delineate.nets.backbones.mit import MixTransformer, ReducedAttention

WHOLE = {2: (6, 4), 3: (4, 2, 2)}


def by_torch(attention, tokens, keys):
    """The same with torch's own layer, given the same weights."""
    width = tokens.shape[-1]
    own = nn.MultiheadAttention(width, attention.heads, batch_first=True)
    own.in_proj_weight = nn.Parameter(torch.cat([attention.q.weight, attention.kv.weight]))
    own.in_proj_bias = nn.Parameter(torch.cat([attention.q.bias, attention.kv.bias]))
    own.out_proj = attention.proj
    return own(tokens, keys, keys)[0]


@pytest.mark.parametrize("dims", [2, 3])
def test_attention_equals_torchs(dims):
    torch.manual_seed(0)
    attention = ReducedAttention(dims, 12, 3, 1)
    x = torch.randn(2, 12, *WHOLE[dims])
    tokens = x.flatten(2).transpose(1, 2)
    torch.testing.assert_close(attention(x).flatten(2).transpose(1, 2), by_torch(attention, tokens, tokens))


def test_keys_are_of_whole_blocks():
    torch.manual_seed(0)
    attention = ReducedAttention(2, 8, 2, 2)
    x = torch.randn(1, 8, 5, 4)  # the fifth row is in no block
    blocks = F.conv2d(x[:, :, :4], attention.sr.weight, attention.sr.bias, stride=2).flatten(2).transpose(1, 2)
    keys = F.layer_norm(blocks, (8,), attention.norm.weight, attention.norm.bias)
    wanted = by_torch(attention, x.flatten(2).transpose(1, 2), keys)
    torch.testing.assert_close(attention(x).flatten(2).transpose(1, 2), wanted)


def test_a_map_shorter_than_a_block_is_padded():
    torch.manual_seed(0)
    attention = ReducedAttention(2, 8, 2, 4)
    x = torch.randn(1, 8, 2, 9)
    taller = attention(F.pad(x, (0, 0, 0, 2)))[:, :, :2]
    torch.testing.assert_close(attention(x), taller)


def test_parameters_are_named_as_in_the_published_files():
    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in build_backbone("mit_b2", 2, 3).state_dict().items()}
    wanted = {
        "patch_embed1.proj.weight": (64, 3, 7, 7),
        "patch_embed2.norm.bias": (128,),
        "block1.0.norm1.weight": (64,),
        "block1.0.attn.q.weight": (64, 64),
        "block1.0.attn.kv.weight": (128, 64),
        "block1.0.attn.sr.weight": (64, 64, 8, 8),
        "block1.0.attn.norm.weight": (64,),
        "block3.5.attn.proj.weight": (320, 320),
        "block3.5.mlp.fc1.weight": (1280, 320),
        "block3.5.mlp.dwconv.dwconv.weight": (1280, 1, 3, 3),
        "block4.2.mlp.fc2.weight": (512, 2048),
        "norm4.weight": (512,),
    }
    assert {k: shapes.get(k) for k in wanted} == wanted
    assert "block4.0.attn.sr.weight" not in shapes and "block3.6.norm1.weight" not in shapes


def test_branches_are_dropped_more_often_the_deeper():
    net = MixTransformer(2, 1, (4, 4, 5, 8), (1, 2, 1, 1), drop_path=0.2)
    rates = [m.drop_path.rate for m in net.modules() if hasattr(m, "drop_path")]
    assert rates == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])
