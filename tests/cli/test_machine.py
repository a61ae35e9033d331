"""``delineate env``."""

from __future__ import annotations

import json


def test_env(cli):
    status, out, _ = cli("env", "--json")
    told = json.loads(out)
    assert status == 0
    assert told["machine"]["cores"] >= 1 and told["machine"]["memory_bytes"] > 0
    assert told["versions"]["torch"][0].isdigit()
    status, out, _ = cli("env")
    assert status == 0 and "cores" in out and "memory available" in out
