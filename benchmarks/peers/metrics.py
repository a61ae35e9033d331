"""Dice, HD95 and surface Dice at 2 mm of a label map by MONAI or surface-distance; SimpleITK has Dice and HD only.

usage: python metrics.py monai|deepmind|simpleitk MAP.npz

As their documentation shows it, one class at a time where they take one. Prints seconds and values per class as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import numpy as np

TOLERANCE_MM = 2.0


def main() -> None:
    """See the module."""
    kind, path = sys.argv[1:]
    loaded = np.load(path)
    truth, spacing_mm = loaded["ids"], tuple(map(float, loaded["spacing_mm"]))
    prediction = np.roll(truth, (1, 3, 2), (0, 1, 2))
    classes = list(range(1, int(truth.max()) + 1))
    measure = {"monai": monai, "deepmind": deepmind, "simpleitk": simpleitk}[kind]
    small = np.zeros((6, 6, 6), np.uint8)
    small[2:4, 2:4, 2:4] = 1
    measure(small, small, (1.0, 1.0, 1.0), [1])  # imports
    wall, processor = time.perf_counter(), time.process_time()
    values = measure(prediction, truth, spacing_mm, classes)
    seconds = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - processor}
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({**seconds, "peak_gib": peak_gib, "values": values[:2]}))


def monai(prediction: Any, truth: Any, spacing_mm: tuple[float, ...], classes: list[int]) -> list[list[float]]:
    """MONAI takes one-hot batches."""
    import torch
    from monai.metrics import compute_dice, compute_hausdorff_distance, compute_surface_dice

    p, t = (torch.from_numpy(np.stack([ids == c for c in (0, *classes)])[None]) for ids in (prediction, truth))
    dice = compute_dice(p.float(), t.float(), include_background=False)[0]
    hd95 = compute_hausdorff_distance(p, t, percentile=95, spacing=spacing_mm)[0]
    nsd = compute_surface_dice(p, t, [TOLERANCE_MM] * len(classes), spacing=spacing_mm, use_subvoxels=True)[0]
    return torch.stack([dice.double(), hd95.double(), nsd.double()], 1).tolist()


def deepmind(prediction: Any, truth: Any, spacing_mm: tuple[float, ...], classes: list[int]) -> list[list[float]]:
    """surface-distance takes two masks."""
    import surface_distance as sd

    found = []
    for c in classes:
        p, t = prediction == c, truth == c
        distances = sd.compute_surface_distances(t, p, spacing_mm)
        hd95 = sd.compute_robust_hausdorff(distances, 95)
        nsd = sd.compute_surface_dice_at_tolerance(distances, TOLERANCE_MM)
        found.append([float(v) for v in (sd.compute_dice_coefficient(t, p), hd95, nsd)])
    return found


def simpleitk(prediction: Any, truth: Any, spacing_mm: tuple[float, ...], classes: list[int]) -> list[list[float]]:
    """SimpleITK takes two images; its distance is the largest, not the 95th percentile."""
    import SimpleITK

    found = []
    for c in classes:
        p, t = (SimpleITK.GetImageFromArray((ids == c).astype(np.uint8)) for ids in (prediction, truth))
        for image in (p, t):
            image.SetSpacing(spacing_mm[::-1])
        distance, overlap = SimpleITK.HausdorffDistanceImageFilter(), SimpleITK.LabelOverlapMeasuresImageFilter()
        distance.Execute(t, p)
        overlap.Execute(t, p)
        found.append([overlap.GetDiceCoefficient(), distance.GetHausdorffDistance()])
    return found


if __name__ == "__main__":
    main()
