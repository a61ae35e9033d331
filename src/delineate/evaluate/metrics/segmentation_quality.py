"""How well the lesions that are the same are drawn."""

from __future__ import annotations

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair


@metric("segmentation_quality", better="higher", needs_masks=True)
def segmentation_quality(pair: ClassPair) -> float:
    """The mean IoU of the matched lesions; matched: IoU > 0.5.

    0 where none is matched. Lesions are 26-connected pieces of the mask, 8-connected where the image is flat.

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
        the two lesions on top match
        2 / 3 = 0.6667
    """
    return pair.lesions.segmentation_quality
