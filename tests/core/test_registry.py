from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from delineate.core.errors import UnknownNameError
from delineate.core.registry import Registry


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of two plug-ins whose registry counts how often it is scanned."""
    name = f"plugins_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from delineate.core.registry import Registry\n"
        f"THINGS: Registry[object] = Registry('thing', {name!r})\nscans = []\n"
    )
    for plug in ("apple", "pear"):
        (folder / f"{plug}.py").write_text(
            f"import time\nfrom {name} import THINGS, scans\ntime.sleep(0.02)\nscans.append({plug!r})\n"
            f"THINGS.register({plug!r})({plug!r})\nassert 'other' not in THINGS\n"
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def things(package: str) -> Registry[object]:
    __import__(package)
    return sys.modules[package].THINGS  # type: ignore[no-any-return]


def test_plugins_are_found_on_the_first_question_and_once(package: str) -> None:
    registry = things(package)
    assert sys.modules[package].scans == []
    assert registry.names() == ("apple", "pear") and list(registry) == ["apple", "pear"]
    assert registry["pear"] == "pear" and "apple" in registry and "plum" not in registry
    assert sys.modules[package].scans == ["apple", "pear"]


def test_threads_wait_for_the_first_scan(package: str) -> None:
    registry, seen = things(package), []
    threads = [threading.Thread(target=lambda: seen.append(registry.names())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("apple", "pear")] * 4


def test_an_unknown_name_is_answered_with_the_nearest(package: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        things(package)["aple"]
    assert "thing" in caught.value.what and "'apple'" in caught.value.fix and "pear" in caught.value.expected


def test_two_plugins_of_one_name_are_a_bug(package: str) -> None:
    registry = things(package)
    with pytest.raises(ValueError, match="two things are named 'pear'"):
        registry.names(), registry.register("pear")("another")


def test_an_alias_answers_and_is_not_listed(package: str) -> None:
    registry = things(package)
    registry.names()
    registry.register("plum", aliases=("prune",))("plum")
    assert registry["prune"] == "plum" and "prune" in registry and registry.names() == ("apple", "pear", "plum")
    with pytest.raises(ValueError, match="two things are named 'prune'"):
        registry.register("prune")("another")
    with pytest.raises(ValueError, match="two things are named 'pear'"):
        registry.register("nashi", aliases=("pear",))("another")


def test_a_broken_plugin_is_told_at_every_question(package: str) -> None:
    registry = things(package)
    folder = Path(str(sys.modules[package].__file__)).parent
    (folder / "rotten.py").write_text("raise RuntimeError('rotten')\n")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="rotten"):
            registry.names()
