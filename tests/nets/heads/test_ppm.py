from __future__ import annotations

import torch
from torch.nn import functional as F

from delineate.nets.head import build_head


def test_the_map_and_its_pooled_forms_are_concatenated():
    torch.manual_seed(0)
    head = build_head("ppm", 2, (4, 8), 3).eval()
    x = torch.randn(1, 8, 7, 5)
    with torch.no_grad():
        parts = [x]
        for pool, bins in zip(head.pools, (1, 2, 3, 6), strict=True):
            small = pool[1](F.adaptive_avg_pool2d(x, bins))
            parts.append(F.interpolate(small, (7, 5), mode="bilinear", align_corners=True))
        assert [p.shape[1] for p in parts] == [8, 2, 2, 2, 2]
        torch.testing.assert_close(head([None, x]), head.classify(head.body(torch.cat(parts, 1))))
