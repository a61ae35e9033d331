from __future__ import annotations

import pytest
import torch
from torch import nn

from delineate.core.errors import UsageError
from delineate.nets import NETS, build_net, count_parameters
from delineate.nets.zoo.transunet import HybridStem, TransformerBlock

SMALL = NETS["transunet"].card.small


@pytest.mark.parametrize(("grid", "count"), [(14, 105_278_676), (32, 105_914_580)])
def test_parameters_equal_the_references(grid, count):
    with torch.device("meta"):
        net = build_net("transunet", 2, 3, 20, {"grid": grid})
    assert count_parameters(net) == count  # Beckschen/TransUNet at 224 and 512


def test_a_block_equals_torchs():
    torch.manual_seed(0)
    own = TransformerBlock(12, 3, 20, 0.1).eval()
    other = nn.TransformerEncoderLayer(12, 3, 20, 0.1, "gelu", 1e-6, batch_first=True, norm_first=True).eval()
    parts = (own.query, own.key, own.value)
    other.self_attn.in_proj_weight = nn.Parameter(torch.cat([p.weight for p in parts]))
    other.self_attn.in_proj_bias = nn.Parameter(torch.cat([p.bias for p in parts]))
    other.self_attn.out_proj, other.linear1, other.linear2 = own.out, own.ffn[0], own.ffn[3]
    other.norm1, other.norm2 = own.attention_norm, own.ffn_norm
    x = torch.randn(2, 7, 12)
    torch.testing.assert_close(own(x), other(x))


def test_perceptrons_start_as_in_the_authors_code():
    torch.manual_seed(0)
    narrow, wide = (m for m in TransformerBlock(40, 4, 160, 0.1).ffn if isinstance(m, nn.Linear))
    for layer in (narrow, wide):
        assert layer.weight.abs().max().item() == pytest.approx((6 / 200) ** 0.5, rel=0.01)
        assert 0 < layer.bias.abs().max() < 1e-5


def test_the_quarter_map_ends_in_zeros():
    stem = HybridStem(2, 1, 4, (1, 1, 1)).eval()
    with torch.no_grad():
        maps = stem(torch.randn(1, 1, 64, 32))
    assert [tuple(m.shape[1:]) for m in maps] == [(4, 32, 16), (16, 16, 8), (32, 8, 4), (64, 4, 2)]
    assert not maps[1][:, :, -1].any() and not maps[1][..., -1].any() and maps[1][:, :, -2].any()


@pytest.mark.parametrize("dims", [2, 3])
def test_positions_tell_places_apart_at_any_size(dims):
    torch.manual_seed(0)
    net = build_net("transunet", dims, 1, 2, SMALL).transformer.eval()
    x = torch.zeros(1, net.embed.in_channels, *(4, 5, 2)[:dims])
    with torch.no_grad():
        same = net(x).flatten(2)
        nn.init.normal_(net.positions)
        different = net(x).flatten(2)
    assert (same - same[..., :1]).abs().max() < 1e-5 < (different - different[..., :1]).abs().max()


@pytest.mark.parametrize("skips", [0, 3])
def test_skips_are_a_choice(skips):
    net = build_net("transunet", 2, 1, 2, {**SMALL, "skips": skips}).eval()
    assert net(torch.zeros(1, 1, 20, 17)).shape == (1, 2, 20, 17)
    assert net.decoder[0][0][0].in_channels == 8 + (32 if skips else 0)


def test_options_that_do_not_fit_are_refused():
    for wrong in ({"skips": 4}, {"heads": -1}, {"heads": 0}, {"depths": (1, 0, 1)}):
        with pytest.raises(UsageError, match="0 to 3 skips"):
            build_net("transunet", 2, 1, 2, {**SMALL, **wrong})
