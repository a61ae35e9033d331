"""MONAI's patch loaders, from its documented API: image and label crops, half of them centred on foreground.

usage: python monai_loader.py {dataset|persistent|cache} FOLDER SECONDS WORKERS BATCH Z Y X

FOLDER holds ``images/*.nii.gz`` and ``labels/*.nii.gz`` of the same names, slices along the first axis. Prints one JSON
object: seconds to the first batch and to the first pass over all volumes, patches per second after that.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from monai.data import CacheDataset, DataLoader, Dataset, PersistentDataset
from monai.transforms import (
    Compose,
    EnsureChannelFirstd,
    LoadImaged,
    RandCropByPosNegLabeld,
    ScaleIntensityRanged,
    SpatialPadd,
)

KEYS = ("image", "label")
CROPS_PER_VOLUME = 4


def main() -> None:
    """See the module."""
    begun = time.monotonic()
    kind, folder, seconds, workers, batch, *patch = sys.argv[1:]
    size = tuple(map(int, patch))
    transforms = Compose(
        [
            LoadImaged(KEYS),
            EnsureChannelFirstd(KEYS),
            ScaleIntensityRanged("image", a_min=-300, a_max=300, b_min=0.0, b_max=1.0, clip=True),
            SpatialPadd(KEYS, size),
            RandCropByPosNegLabeld(KEYS, "label", size, pos=1, neg=1, num_samples=CROPS_PER_VOLUME),
        ]
    )
    labels = sorted(Path(folder, "labels").glob("*.nii.gz"))
    cases = [{"image": str(Path(folder, "images", path.name)), "label": str(path)} for path in labels]
    with tempfile.TemporaryDirectory() as kept:
        data = {
            "dataset": lambda: Dataset(cases, transforms),
            "persistent": lambda: PersistentDataset(cases, transforms, cache_dir=kept),
            "cache": lambda: CacheDataset(cases, transforms, num_workers=max(1, int(workers)), progress=False),
        }[kind]()
        volumes = max(1, int(batch) // CROPS_PER_VOLUME)
        loader = DataLoader(
            data, batch_size=volumes, shuffle=True, num_workers=int(workers), persistent_workers=int(workers) > 0
        )
        print(json.dumps(measure(loader, float(seconds), begun)))


def measure(loader: DataLoader, seconds: float, begun: float) -> dict[str, float]:
    """Patches per second from the second pass on, whole passes only: a cache is filled by then."""
    first = None
    for _ in loader:
        first = first or time.monotonic() - begun
    filled, patches = time.monotonic(), 0
    while time.monotonic() - filled < seconds:
        for batch in loader:
            patches += len(batch["image"])
    rate = patches / (time.monotonic() - filled)
    return {"first_batch_s": first or 0.0, "first_pass_s": filled - begun, "patches_per_s": rate}


if __name__ == "__main__":
    main()
