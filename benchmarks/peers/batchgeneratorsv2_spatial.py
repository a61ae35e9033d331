"""batchgeneratorsv2's spatial transform with rotation, scaling and elastic deformation always on.

usage: python batchgeneratorsv2_spatial.py bilinear|nearest REPEATS Z Y X

``bilinear`` is its default for labels (one resampling per class), ``nearest`` what delineate does. Prints the
wall-clock and processor seconds of each repeat as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import torch
from batchgeneratorsv2.transforms.spatial.spatial import SpatialTransform


def main() -> None:
    """See the module."""
    mode, repeats, *sizes = sys.argv[1:]
    torch.set_num_threads(1)
    shape = tuple(int(n) for n in sizes)
    image, label = torch.randn(1, *shape), torch.randint(0, 4, (1, *shape), dtype=torch.int16)
    transform = SpatialTransform(
        shape, patch_center_dist_from_border=0, random_crop=False, p_elastic_deform=1, p_rotation=1,
        rotation=(-0.35, 0.35), p_scaling=1, scaling=(0.8, 1.25), mode_seg=mode,
    )  # fmt: skip
    times = []
    for seed in range(int(repeats) + 1):
        torch.manual_seed(seed)
        np.random.seed(seed)
        wall, processor = time.perf_counter(), time.process_time()
        transform(image=image.clone(), segmentation=label.clone())
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    print(json.dumps(times[1:]))


if __name__ == "__main__":
    main()
