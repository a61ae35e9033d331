from __future__ import annotations

import copy
import inspect

import pytest

from delineate.core import errors
from delineate.core.errors import DelineateError

TREE = [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, DelineateError)]


@pytest.mark.parametrize("kind", TREE)
def test_an_error_says_what_came_what_was_expected_and_what_to_do(kind: type[DelineateError]) -> None:
    error = kind("this came", "that", "do so")
    assert [line.split(":")[-1].strip() for line in str(error).splitlines()] == ["this came", "that", "do so"]
    assert str(kind("this came")) == "this came"
    back = copy.copy(error)  # as when a worker hands its error to the parent
    assert type(back) is kind and str(back) == str(error)


def test_codes_are_unique_and_drawn_in_the_tree() -> None:
    codes = [e.code for e in TREE]
    assert len(set(codes)) == len(codes)
    for kind in TREE:
        assert f"{kind.__name__} " in (errors.__doc__ or "") and kind.code in (errors.__doc__ or "")


def test_children_lie_in_their_parents_hundred() -> None:
    for kind in TREE:
        for parent in kind.__mro__[1:-3]:
            if issubclass(parent, DelineateError) and parent is not DelineateError:
                assert parent.code[1] == kind.code[1]
