"""Our networks beside published definitions of the same ones, with the same weights on the same images, as a table.

usage: PYTHON benchmarks/equality.py [NAME...] > benchmarks/results/equality.md

PYTHON has delineate and, each in any version, dynamic-network-architectures, mmcv, mmsegmentation, monai, pytorchcv,
segmentation-models-pytorch, timm, torchvision and transformers; what cannot be imported is left out and told on
standard error. NAMEs are rows to run alone. Nothing is downloaded: weights are random, norms' statistics included.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import sys
import time

import torch
from originals.pair import Pair
from originals.transplant import randomise, transplant

MODULES = ("originals.backbones", "originals.heads", "originals.networks")


def main() -> None:
    """See the module."""
    torch.set_num_threads(1)
    print("# Outputs beside published definitions\n")
    print("`PYTHON benchmarks/equality.py`: the same random weights in both, both in eval, float64, random images. The")
    print("difference is the largest of any output, as a share of the largest number in it.\n")
    print("| ours | reference | largest difference | inputs | remarks |\n" + "|---" * 5 + "|")
    for module in MODULES:
        for pair in importlib.import_module(module).PAIRS:
            if len(sys.argv) < 2 or any(pair.ours.startswith(wanted) for wanted in sys.argv[1:]):
                row(pair)


def row(pair: Pair) -> None:
    """One line of the table."""
    began = time.process_time()
    try:
        gap = compare(pair)
    except Exception as error:  # one that cannot be built here does not stop the others
        print(f"{pair.ours} beside {pair.reference}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return
    version = importlib.metadata.version(pair.package)
    sizes = ", ".join("x".join(map(str, size)) for size in pair.sizes)
    told = f"{gap:.0e}" if gap else "0"
    print(
        f"| {pair.ours} | {pair.package} {version}: {pair.reference} | {told} | {sizes} | {pair.remark} |", flush=True
    )
    print(f"{pair.ours}: {time.process_time() - began:.1f} s", file=sys.stderr, flush=True)
    gc.collect()


def compare(pair: Pair) -> float:
    """The largest difference of any output."""
    torch.manual_seed(0)
    theirs, ours = pair.build()
    randomise(theirs.net)
    theirs.net.double().eval(), ours.net.double().eval()
    with torch.no_grad():
        transplant(theirs, ours, pair.images(pair.sizes[0]), pair.order)
        worst = 0.0
        for size in pair.sizes:
            x = pair.images(size)
            for a, b in zip(theirs(x), ours(x), strict=True):
                if a.shape != b.shape:
                    raise ValueError(f"outputs of {tuple(a.shape)} and {tuple(b.shape)}")
                worst = max(worst, float((a - b).abs().max() / a.abs().max()))
    return worst


if __name__ == "__main__":
    main()
