from __future__ import annotations

from delineate.core.labels import Labels
from delineate.patches.draw import Draw
from delineate.patches.tally import Tally, tell_shares

LABELS = Labels.exclusive({1: "liver", 2: "tumour"})
ASKED = {("uniform", None): 0.5, ("foreground", 1): 0.25, ("foreground", 2): 0.25}


def draw(kind, class_id=None):
    return Draw("a", (0, 0, 0), kind, class_id)


def test_what_was_drawn_stands_beside_what_was_asked():
    tally = Tally()
    tally.add([draw("uniform"), draw("foreground", 1)], ASKED)
    tally.add([draw("uniform"), draw("fallback", 2)], ASKED)
    rows = {s.aim: (s.drawn, s.asked) for s in tally.shares(LABELS)}
    assert rows == {
        "anywhere": (2, 2.0),
        "around liver": (1, 1.0),
        "around tumour": (0, 1.0),
        "anywhere, since no tumour was found": (1, 0.0),
    }


def test_folds_are_summed():
    one, two = Tally(), Tally()
    one.add([draw("uniform")] * 4, ASKED)
    two.add([draw("background", 0)] * 4, {("background", 0): 1.0})
    rows = {s.aim: (s.drawn, s.asked) for s in Tally.sum([one, two]).shares(LABELS)}
    assert rows["anywhere"] == (4, 2.0) and rows["background"] == (4, 4.0)


def test_the_log_says_it_in_one_line():
    tally = Tally()
    tally.add([draw("uniform"), draw("foreground", 1)], ASKED)
    line = tell_shares(tally.shares(LABELS))
    assert "around liver 50.0% (asked 25.0%)" in line and "\n" not in line


def test_labels_without_a_class_of_their_own_have_a_number():
    regions = Labels.of_regions({"whole": (1, 2), "core": (2,)}, (1, 2))
    tally = Tally()
    tally.add([draw("foreground", 1), draw("foreground", 2)], {})
    assert [s.aim for s in tally.shares(regions)] == ["around label 1", "around core"]
