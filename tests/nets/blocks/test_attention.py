from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.blocks.attention import attend, check_attention, lines


def test_each_query_takes_from_every_key():
    torch.manual_seed(0)
    query, key, value = torch.randn(2, 3, 4, 5), torch.randn(2, 3, 7), torch.randn(2, 6, 7)
    out = attend(query, key, value, scale=0.5)
    assert out.shape == (2, 6, 4, 5)
    for b in range(2):
        for y in range(4):
            for x in range(5):
                scores = torch.tensor([0.5 * float(query[b, :, y, x] @ key[b, :, m]) for m in range(7)])
                wanted = sum(w * value[b, :, m] for m, w in enumerate(scores.softmax(0)))
                torch.testing.assert_close(out[b, :, y, x], wanted)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_lines_run_along_one_axis(axis):
    x = torch.randn(2, 3, 4, 5, 6)
    others = [a for a in range(3) if a != axis]
    assert torch.equal(lines(x, axis), x.permute(0, *(2 + a for a in others), 2 + axis, 1))


def test_a_map_too_large_is_refused_before_it_is_made():
    check_attention(1, 12_100, 12_100, 0.6)
    with pytest.raises(UsageError, match=r"12100 to 12100 voxels in a batch of 2: one map takes 1\.1 GiB") as told:
        check_attention(2, 12_100, 12_100, 0.6)
    assert "0.6 GiB" in told.value.expected and "attention_gib" in told.value.fix
    huge = torch.empty(1, 1, 1).expand(1, 1, 10**6)  # its weights would take 3.6 TiB
    with pytest.raises(UsageError, match="1000000 to 1000000"):
        attend(huge, huge, huge)
