from __future__ import annotations

import pytest
import torch

from delineate.core.errors import UnknownNameError, UsageError
from delineate.core.labels import Labels
from delineate.losses import build_loss
from delineate.losses.dice_bce import DiceBCE
from delineate.losses.dice_ce import DiceCE

LABELS = Labels.exclusive({1: "a", 2: "b"})
REGIONS = Labels.of_regions({"whole": (1, 2), "core": (2,)}, order=(1, 2))


def test_labels_decide_between_softmax_and_sigmoid():
    assert isinstance(build_loss(LABELS).loss, DiceCE)
    assert isinstance(build_loss(REGIONS).loss, DiceBCE)
    assert isinstance(build_loss(REGIONS, "dice_bce").loss, DiceBCE)


def test_impossible_combinations_are_refused():
    with pytest.raises(UsageError, match="regions"):
        build_loss(REGIONS, "ce")
    with pytest.raises(UsageError, match="regions"):
        DiceCE(REGIONS)
    for name in ("bce", "dice_bce"):
        with pytest.raises(UsageError, match="exclude each other"):
            build_loss(LABELS, name)


def test_unknown_names_and_options_say_what_was_meant():
    with pytest.raises(UnknownNameError, match="dice_ce"):
        build_loss(LABELS, "dicece")
    with pytest.raises(UsageError, match="batch_dice"):
        build_loss(LABELS, "dice_ce", batchdice=True)


def test_the_sum_is_weighted():
    torch.manual_seed(0)
    for labels, entropy in ((LABELS, "ce"), (REGIONS, "bce")):
        logits, ids = torch.randn(2, labels.channels, 5, 6), torch.randint(0, 3, (2, 5, 6))
        both = build_loss(labels, "dice_ce", dice_weight=0.5, ce_weight=2.0)(logits, ids)
        parts = [build_loss(labels, name)(logits, ids) for name in ("dice", entropy)]
        torch.testing.assert_close(both, 0.5 * parts[0] + 2 * parts[1])
