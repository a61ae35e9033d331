"""Ten thousand small cases: check, preparation and a hundred training steps within two GiB.

usage: python benchmarks/many.py OUT [CASES] [MEMORY]

The cases are 64^3 int16 scans cut from a few phantoms, each with a few voxels of its own so that none is a copy of
another. Prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import nibabel as nib
import numpy as np

from delineate import load_config, steps
from delineate.core.units import GIB, parse_memory
from delineate.phantom.phantom import make_phantom

_SOURCES = 24
_SIDE = 64
_KNOBS = ("train.steps=100", "plan.width=8", "plan.patch=[32,32,32]", "plan.batch=2", "near_duplicates=allow")
"""A small network: the cases are measured here, not it. They are near-duplicates of one another."""
_VALIDATED = 10


def main() -> None:
    """See the module."""
    out, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    memory = sys.argv[3] if len(sys.argv) > 3 else "2GiB"
    started = time.monotonic()
    data = _make(out, count)
    made_s = time.monotonic() - started
    config = load_config(sets=[*_KNOBS, f"holdout={_VALIDATED / count}"], memory=memory)
    result = steps.train(data, out / f"run-{count}-{memory}", config)
    summary = json.loads((result.run / "summary.json").read_text())
    told = {
        "cases": count,
        "budget_gib": round(parse_memory(memory) / GIB, 2),
        "expected_gib": round(result.expected_bytes / GIB, 2),
        "peak_gib": round(result.peak_bytes / GIB, 2),
        "kernel_peak_of_main_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB, 2),
        "within": result.peak_bytes <= parse_memory(memory),
        "seconds": {"making": round(made_s, 1), **{k: round(v, 1) for k, v in summary["timings_s"].items()}},
    }
    print(json.dumps(told, indent=2))


def _make(out: Path, count: int) -> Path:
    """Scans and masks, uncompressed, the masks shared by hard links."""
    data, sources = out / f"data-{count}", out / "sources"
    if data.exists():
        return data
    if not sources.exists():
        make_phantom("abdomen", sources, cases=_SOURCES, size=_SIDE, seed=0)
    (data / "images").mkdir(parents=True)
    (data / "labels").mkdir()
    images, labels = sorted((sources / "imagesTr").iterdir()), sorted((sources / "labelsTr").iterdir())
    for n in range(_SOURCES):
        label = nib.load(labels[n])
        nib.save(nib.Nifti1Image(np.asarray(label.dataobj), label.affine), data / f"label{n}.nii")
    for n in range(_SOURCES):
        image = nib.load(images[n])
        array = np.asarray(image.dataobj).astype(np.int16)
        for number in range(n, count, _SOURCES):
            rng = np.random.default_rng(number)
            array[tuple(rng.integers(0, _SIDE, (3, 40)))] = rng.integers(0, 1000, 40)
            nib.save(nib.Nifti1Image(array, image.affine), data / "images" / f"case{number:05d}.nii")
            (data / "labels" / f"case{number:05d}.nii").hardlink_to(data / f"label{n}.nii")
    for n in range(_SOURCES):
        (data / f"label{n}.nii").unlink()
    return data


if __name__ == "__main__":
    main()
