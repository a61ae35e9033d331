"""Lesions that are the same, and how well they are drawn, in one number."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("panoptic_quality", better="higher", needs_masks=True)
def panoptic_quality(pair: ClassPair) -> float:
    """Sum of the IoU of matched lesions / (matched + unmatched predicted / 2 + unmatched true / 2); matched: IoU > 0.5.

    Recognition quality times segmentation quality. Lesions are 26-connected pieces of the mask, 8-connected where the
    image is flat.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Kirillov et al., Panoptic Segmentation, CVPR 2019.

    Example:

        truth   prediction
        ###.    .##.
        ....    ....
        ....    ....
        ...#    #.#.
        the two lesions on top match, with an IoU of 2 / 3; 2 predicted ones and 1 true one do not
        2/3 / (1 + 2 / 2 + 1 / 2) = 0.2667
    """
    return pair.lesions.recognition_quality * pair.lesions.segmentation_quality
