from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UsageError
from delineate.nets.head import build_head


def test_the_map_itself_stands_beside_its_context():
    torch.manual_seed(0)
    head = build_head("ocnet_base", 2, (8, 16), 3).eval()
    maps = [torch.randn(1, 8, 6, 6), torch.randn(1, 16, 3, 3)]
    with torch.no_grad():
        before = head(maps)
        head.context.expand.weight.normal_()
        assert not torch.equal(head(maps), before), "context starts at zero and then tells"


def test_a_map_too_large_is_refused():
    head = build_head("ocnet_base", 3, (8, 16), 3, {"attention_gib": 0.1})
    with pytest.raises(UsageError, match="13824 to 13824 voxels"):
        head([torch.zeros(1, 8, 1, 1, 1), torch.zeros(1, 16, 24, 24, 24)])
