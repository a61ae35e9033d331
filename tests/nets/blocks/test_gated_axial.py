from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.blocks.gated_axial import AxialBlock, GatedLineAttention


def by_loops(net, line):
    """One line ``[c, n]`` by the equations of the paper, voxel by voxel and group by group."""
    c, n = line.shape
    half, whole = net.split[1:]
    qkv = net.bn_qkv((net.qkv_transform.weight[..., 0] @ line)[None])[0].reshape(net.groups, -1, n)
    norm, final = net.bn_similarity, net.bn_output
    out = torch.zeros(c, n)
    for g, group in enumerate(qkv):
        query, key, value = group[:half], group[half : 2 * half], group[2 * half :]
        for i in range(n):
            scores = torch.zeros(n)
            for j in range(n):
                terms = [query[:, i] @ key[:, j]]
                if net.relative is not None:
                    gates = (net.f_qr, net.f_kr) if net.gated else (1, 1)
                    middle = net.relative.shape[1] // 2
                    terms.append(gates[0] * (query[:, i] @ net.relative[:half, middle + i - j]))
                    terms.append(gates[1] * (key[:, j] @ net.relative[half : 2 * half, middle + j - i]))
                scores[j] = sum(t * affine(norm, g + k * net.groups)[0] for k, t in enumerate(terms))
            weights = scores.softmax(0)
            for channel in range(whole):
                said = (weights * value[channel]).sum()
                place = g * whole + channel
                if net.relative is None:
                    out[place, i] = said * affine(final, place)[0] + affine(final, place)[1]
                    continue
                at = net.relative[2 * half + channel, [middle + i - j for j in range(n)]]
                told = (weights * at).sum()
                if net.gated:
                    said, told = said * net.f_sv, told * net.f_sve
                first, second = affine(final, 2 * place), affine(final, 2 * place + 1)
                out[place, i] = said * first[0] + told * second[0] + first[1] + second[1]
    return out


def affine(norm, channel):
    """Scale and shift of a batch norm in eval."""
    scale = norm.weight[channel] / (norm.running_var[channel] + norm.eps).sqrt()
    return scale, norm.bias[channel] - norm.running_mean[channel] * scale


def made(axis, positions):
    torch.manual_seed(0)
    net = GatedLineAttention(8, 2, axis, 4, positions).eval()
    for norm in (net.bn_qkv, net.bn_similarity, net.bn_output):
        torch.nn.init.uniform_(norm.weight, 0.5, 2)
        torch.nn.init.normal_(norm.bias)
        norm.running_var.uniform_(0.5, 2)
    return net


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("positions", ["gated", "plain", "none"])
def test_each_axis_equals_loops(axis, positions):
    net = made(axis, positions)
    x = torch.randn(2, 8, 4, 4)
    with torch.no_grad():
        out = net(x)
        for b, other in ((0, 0), (1, 3)):
            line = x[b].select(2 - axis, other)  # [c, 4]
            torch.testing.assert_close(out[b].select(2 - axis, other), by_loops(net, line), rtol=1e-4, atol=1e-5)


def test_positions_are_interpolated_around_the_offset_zero():
    net = made(0, "plain")
    with torch.no_grad():
        for length in (1, 3, 4, 9):
            vectors = net._vectors(length)
            assert vectors.shape == (8, length, length)
            torch.testing.assert_close(vectors[:, 0, 0], net.relative[:, 3])
            torch.testing.assert_close(vectors.diagonal(dim1=1, dim2=2), vectors[:, :1, 0].expand(8, length))


def test_gates_start_as_published_and_learn():
    net = GatedLineAttention(8, 2, 0, 4)
    assert [round(g.item(), 3) for g in (net.f_qr, net.f_kr, net.f_sve, net.f_sv)] == [0.1, 0.1, 0.1, 1.0]
    net(torch.randn(2, 8, 4, 4)).square().sum().backward()
    assert net.f_sve.grad is not None and net.f_qr.grad is not None
    assert not any(k.startswith("f_") for k, _ in GatedLineAttention(8, 2, 0, 4, "plain").named_parameters())


def test_scores_that_would_fill_the_memory_are_refused():
    net = GatedLineAttention(8, 2, 0, 4, attention_gib=1e-6)
    with pytest.raises(UsageError, match="64 to 64 voxels"):
        net(torch.zeros(1, 8, 64, 64))


def test_a_block_halves_after_attention():
    block = AxialBlock(6, 8, 2, 4, "gated", stride=2).eval()
    assert block(torch.randn(1, 6, 8, 4)).shape == (1, 16, 4, 2)
