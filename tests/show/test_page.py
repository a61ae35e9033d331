from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from delineate.show.page import render_page, show_score


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (float("nan"), "–"), (0.0, "0.000"), (0.98765, "0.988"), (9.9994, "9.999"), (10.0, "10"),
        (23.44, "23.4"), (99.94, "99.9"), (99.96, "100"), (123.4, "123"), (999.6, "1,000"), (12345.6, "12,346"),
        (-0.5, "-0.500"), (-999.7, "-1,000"),
    ],
)  # fmt: skip
def test_scores_are_never_written_with_an_exponent(value: float | None, shown: str) -> None:
    assert show_score(value) == shown


def test_a_name_that_the_view_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render_page("scores.html.j2", {})
