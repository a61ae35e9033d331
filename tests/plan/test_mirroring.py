from __future__ import annotations

import pytest

from delineate.core.errors import UsageError
from delineate.core.labels import Labels
from delineate.plan.mirroring import choose_mirror, choose_swaps

PLAIN = Labels.exclusive({1: "liver"})
SIDES = Labels.exclusive({1: "left lung", 2: "right lung"})


@pytest.mark.parametrize(
    ("labels", "dims", "flat", "axes"), [(PLAIN, 3, False, ()), (PLAIN, 2, True, (0, 1)), (SIDES, 2, True, ())]
)
def test_decided(labels, dims, flat, axes):
    assert choose_mirror(None, labels, (0, 1, 2), dims, flat)[0] == axes


@pytest.mark.parametrize(
    ("wanted", "order", "dims", "axes"),
    [
        (("x",), (0, 1, 2), 3, (2,)),
        (("x",), (2, 0, 1), 3, (0,)),  # the coarsest axis comes first
        (("y", "x"), (0, 1, 2), 2, (0, 1)),
        (("x",), (2, 0, 1), 2, ()),  # slices along x have none
        ((), (0, 1, 2), 3, ()),
    ],
)
def test_asked_for_by_the_names_of_the_scan(wanted, order, dims, axes):
    assert choose_mirror(wanted, PLAIN, order, dims, False) == (axes, "asked for")


def test_a_network_for_all_axes_mirrors_all_or_none():
    assert choose_mirror(("z", "y", "x"), PLAIN, (0, 1, 2), 2, False, True)[0] == (0, 1)
    assert choose_mirror((), PLAIN, (0, 1, 2), 2, False, True)[0] == ()
    with pytest.raises(UsageError, match="every axis"):
        choose_mirror(("x",), PLAIN, (0, 1, 2), 2, False, True)


def test_left_never_becomes_right():
    alone = Labels.exclusive({1: "left atrium", 2: "myocardium"})
    with pytest.raises(UsageError, match="left atrium, myocardium"):
        choose_mirror(("x",), alone, (0, 1, 2), 3, False)
    assert choose_mirror(("y",), alone, (0, 1, 2), 3, False)[0] == (1,)


def test_left_and_right_may_change_places():
    assert choose_mirror(("x",), SIDES, (0, 1, 2), 3, False)[0] == (2,)
    with pytest.raises(UsageError, match="left lung, right lung"):
        choose_mirror(("z", "y", "x"), SIDES, (0, 1, 2), 2, False, True)


@pytest.mark.parametrize(
    ("labels", "mirrored", "axes", "dims", "swaps"),
    [
        (SIDES, (2,), (0, 1, 2), 3, ((1, 2),)),
        (SIDES, (0,), (2, 0, 1), 3, ((1, 2),)),
        (SIDES, (1,), (0, 1, 2), 2, ((1, 2),)),
        (SIDES, (0, 1), (0, 1, 2), 3, ()),  # only z and y
        (SIDES, (0, 1), (2, 0, 1), 2, ()),  # slices along x
        (PLAIN, (2,), (0, 1, 2), 3, ()),
    ],
)
def test_swaps_go_with_the_axis_between_left_and_right(labels, mirrored, axes, dims, swaps):
    assert choose_swaps(labels, mirrored, axes, dims) == swaps
