"""Several classes at once."""

from __future__ import annotations

import threading

import pytest

from delineate.evaluate import threads as module
from delineate.evaluate.threads import measured


@pytest.mark.parametrize("processors", [1, 4])
def test_in_order_and_the_large_alone(processors: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGE_VOXELS", 10)
    monkeypatch.setattr(module, "cpus", lambda: processors)
    where: dict[int, bool] = {}

    def measure(k: int) -> int:
        where[k] = threading.current_thread() is threading.main_thread()
        return k * k

    assert measured(measure, [1, 50, 3, 11, 10]) == (0, 1, 4, 9, 16)
    assert where == {0: processors == 1, 1: True, 2: processors == 1, 3: True, 4: processors == 1}
    assert measured(measure, []) == ()


def test_an_error_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        measured(lambda k: 1 // k, [1, 1])
