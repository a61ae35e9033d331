"""Nothing that is read can run code."""

from __future__ import annotations

import ast
from pathlib import Path

import delineate

ROOT = Path(delineate.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "yaml"}
FORBIDDEN_CALLS = {"eval", "exec", "torch.save", "os.system", "os.popen"}


def nodes(kind: type) -> list[tuple[Path, ast.AST]]:
    """Every node of a kind in the source, with its file."""
    return [(p, n) for p in FILES for n in ast.walk(ast.parse(p.read_text(encoding="utf-8"))) if isinstance(n, kind)]


def test_there_is_source_to_look_at():
    assert len(FILES) > 100


def test_nothing_that_unpickles_is_imported():
    found = [
        (p.name, a.name) for p, n in nodes(ast.Import) for a in n.names if a.name.split(".")[0] in FORBIDDEN_MODULES
    ]
    found += [
        (p.name, n.module) for p, n in nodes(ast.ImportFrom) if (n.module or "").split(".")[0] in FORBIDDEN_MODULES
    ]
    assert found == []


def test_nothing_runs_text_or_a_pickle():
    assert [(p.name, ast.unparse(n.func)) for p, n in nodes(ast.Call) if ast.unparse(n.func) in FORBIDDEN_CALLS] == []


def test_torchs_own_files_are_read_without_running_what_is_in_them():
    calls = [n for _, n in nodes(ast.Call) if ast.unparse(n.func) == "torch.load"]
    assert calls
    for call in calls:
        assert any(k.arg == "weights_only" and ast.unparse(k.value) == "True" for k in call.keywords)


def test_no_call_allows_what_is_unsafe():
    unsafe = {("allow_pickle", True), ("weights_only", False), ("shell", True)}
    found = [
        (p.name, k.arg, k.value.value)
        for p, n in nodes(ast.Call)
        for k in n.keywords
        if isinstance(k.value, ast.Constant) and (k.arg, k.value.value) in unsafe
    ]
    assert found == []


def test_numpy_load_says_that_it_unpickles_nothing():
    """False is numpy's default today; saying so keeps it so."""
    loads = [(p, n) for p, n in nodes(ast.Call) if ast.unparse(n.func) == "np.load"]
    for path, call in loads:
        words = {k.arg: ast.unparse(k.value) for k in call.keywords}
        assert words.get("allow_pickle", "False") == "False", path


def test_no_address_is_opened():
    modules = {"requests", "urllib.request", "http.client", "httpx", "ftplib", "socket"}
    found = [(p.name, a.name) for p, n in nodes(ast.Import) for a in n.names if a.name in modules]
    found += [(p.name, n.module) for p, n in nodes(ast.ImportFrom) if n.module in modules]
    assert found == []
