"""TorchIO's random affine map and elastic deformation, from its documented API, with its default settings.

usage: python torchio_spatial.py two|one REPEATS Z Y X

``two`` composes RandomAffine and RandomElasticDeformation, ``one`` is RandomAffineElasticDeformation. Prints the
wall-clock and processor seconds of each repeat as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import SimpleITK
import torch
import torchio as tio


def main() -> None:
    """See the module."""
    kind, repeats, *shape = sys.argv[1:]
    torch.set_num_threads(1)
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    size = (1, *(int(n) for n in shape))
    subject = tio.Subject(
        image=tio.ScalarImage(tensor=torch.randn(size)),
        label=tio.LabelMap(tensor=torch.randint(0, 4, size, dtype=torch.uint8)),
    )
    if kind == "two":
        transform = tio.Compose([tio.RandomAffine(), tio.RandomElasticDeformation()])
    else:
        transform = tio.RandomAffineElasticDeformation()
    times = []
    for seed in range(int(repeats) + 1):
        torch.manual_seed(seed)
        wall, processor = time.perf_counter(), time.process_time()
        transform(subject)
        times.append((time.perf_counter() - wall, time.process_time() - processor))
    print(json.dumps(times[1:]))


if __name__ == "__main__":
    main()
