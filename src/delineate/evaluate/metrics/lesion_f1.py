"""Lesions found and lesions that are there, in one number."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("lesion_f1", better="higher", needs_masks=True)
def lesion_f1(pair: ClassPair) -> float:
    """2 S P / (S + P): S lesion sensitivity, P lesion precision.

    Lesions are 26-connected pieces of the mask, 8-connected where the image is flat.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Commowick et al., Objective evaluation of multiple sclerosis lesion segmentation, Scientific Reports 2018.

    Example:

        truth   prediction
        ###.    .##.
        ....    ....
        ....    ....
        ...#    #.#.
        2 true lesions, the first found; 3 predicted ones, the first right
        S = 1 / 2, P = 1 / 3
        2 x 1/2 x 1/3 / (1/2 + 1/3) = 0.4
    """
    return pair.lesions.f1
