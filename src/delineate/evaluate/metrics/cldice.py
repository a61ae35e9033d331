"""Whether tubes are connected as they should be: the Dice coefficient of centrelines."""

from __future__ import annotations

import numpy as np

from delineate.evaluate.metric import metric
from delineate.evaluate.pair import ClassPair, Mask


@metric("cldice", better="higher", needs_masks=True)
def cldice(pair: ClassPair) -> float:
    """2 P S / (P + S): P the share of the predicted centreline within the truth, S the reverse.

    Centrelines are those of `evaluate.thinning`, in voxels. Made for vessels, nerves and airways: a blob thins to a
    point or a short line, and then the score says little more than whether the middle of each mask lies within the
    other; read Dice there.

    Unit: none (a share).
    Range: 0 to 1.
    Better: higher.
    Empty masks: both empty 1 and left out of the mean; one empty 0.
    Paper: Shit et al., clDice: a topology-preserving loss function for tubular structures, CVPR 2021.

    Example:

        truth    prediction
        #####    .....
        #####    ##.##
        #####    .....
        predicted centreline: its 4 pixels, all within the truth: P = 4 / 4
        true centreline: the middle 3 pixels, 2 of them within the prediction: S = 2 / 3
        2 x 1 x 2/3 / (1 + 2/3) = 0.8
    """
    predicted, true = pair.centrelines
    precision, sensitivity = _within(predicted, pair.truth_zyx), _within(true, pair.prediction_zyx)
    both = precision + sensitivity
    return 2 * precision * sensitivity / both if both else 0.0


def _within(line_zyx: Mask, mask_zyx: Mask) -> float:
    return float(np.count_nonzero(line_zyx & mask_zyx) / np.count_nonzero(line_zyx))
