"""The share of true lesions that were found."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("lesion_sensitivity", better="higher", needs_masks=True)
def lesion_sensitivity(pair: ClassPair) -> float:
    """Found true lesions / all true lesions; found: the prediction covers at least 10 % of its voxels.

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
        1 / 2 = 0.5
    """
    return pair.lesions.sensitivity
