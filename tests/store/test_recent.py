from __future__ import annotations

from delineate.store.recent import Recent


def test_the_least_recently_used_makes_room():
    kept: Recent[str] = Recent(10)
    kept.put("a", "A", 4)
    kept.put("b", "B", 4)
    assert kept.get("a") == "A"
    kept.put("c", "C", 5)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("A", None, "C") and kept.size == 9
    kept.put("d", "D", 11)
    assert kept.get("d") is None and kept.size == 9
    kept.put("a", "AA", 1)
    assert kept.get("a") == "AA" and kept.size == 6
