"""TorchIO's queue, from its documented API: image and label patches, half of them around foreground.

usage: python torchio_loader.py queue FOLDER SECONDS WORKERS BATCH Z Y X

FOLDER holds ``images/*.nii.gz`` and ``labels/*.nii.gz`` of the same names, slices along the first axis. Prints one JSON
object: seconds to the first batch and to the first pass over all volumes, patches per second after that.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torchio as tio

PATCHES_PER_VOLUME = 10
QUEUE = 40


def main() -> None:
    """See the module."""
    begun = time.monotonic()
    _, folder, seconds, workers, batch, *patch = sys.argv[1:]
    labels = sorted(Path(folder, "labels").glob("*.nii.gz"))
    subjects = [
        tio.Subject(image=tio.ScalarImage(Path(folder, "images", path.name)), label=tio.LabelMap(path))
        for path in labels
    ]
    data = tio.SubjectsDataset(subjects, transform=tio.Compose([tio.Clamp(-300, 300), tio.ZNormalization()]))
    sampler = tio.LabelSampler(tuple(map(int, patch)), "label", label_probabilities={0: 0.5, 1: 0.25, 2: 0.25})
    queue = tio.Queue(
        data, max_length=QUEUE, samples_per_volume=PATCHES_PER_VOLUME, sampler=sampler, num_workers=int(workers)
    )
    loader = tio.SubjectsLoader(queue, batch_size=int(batch), num_workers=0)
    print(json.dumps(measure(loader, float(seconds), begun)))


def measure(loader: tio.SubjectsLoader, seconds: float, begun: float) -> dict[str, float]:
    """Patches per second from the second pass on, whole passes only."""
    first = None
    for _ in loader:
        first = first or time.monotonic() - begun
    filled, patches = time.monotonic(), 0
    while time.monotonic() - filled < seconds:
        for batch in loader:
            patches += len(batch["image"][tio.DATA])
    rate = patches / (time.monotonic() - filled)
    return {"first_batch_s": first or 0.0, "first_pass_s": filled - begun, "patches_per_s": rate}


if __name__ == "__main__":
    main()
