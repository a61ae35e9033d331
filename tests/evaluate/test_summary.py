"""The means alone are those of the whole summary."""

from __future__ import annotations

import numpy as np

from delineate.evaluate.score import ClassScore
from delineate.evaluate.summary import means_of, summary_of

RNG = np.random.default_rng(5)


def test_means_alone_are_those_of_the_summary() -> None:
    states = {("c0", "a"): "absent", ("c1", "a"): "missed", **{(f"c{i}", "nowhere"): "absent" for i in range(5)}}
    rows = [
        ClassScore(
            case=case, class_name=name, state=states.get((case, name), "present"),
            values={"dice": RNG.random(), "hd95": 9 * RNG.random()},
        )
        for case in (f"c{i}" for i in range(5))
        for name in ("a", "b", "nowhere")
    ]  # fmt: skip
    whole, alone = summary_of(rows), means_of(rows)
    assert alone.foreground == whole.foreground
    assert alone.classes == {c.class_name: {m: s.mean for m, s in c.metrics.items()} for c in whole.classes}
    assert alone.classes["nowhere"] == {"dice": None, "hd95": None}
    dice = [r.values["dice"] for r in rows if r.class_name == "a" and r.case != "c0"]
    assert alone.classes["a"]["dice"] == np.mean(dice)
