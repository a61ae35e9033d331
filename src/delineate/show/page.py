"""Pages: a template of this folder filled in, with the words all pages share."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from delineate.core.units import show_memory, show_time
from delineate.show.strip import show_value


def render_page(template: str, view: Mapping[str, Any]) -> str:
    """A template (``datareport.html.j2``) as text; a name the view does not have is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_packaged), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "score": show_score, "memory": show_memory, "time": show_time, "value": show_value, "words": _words,
    }  # fmt: skip
    return environment.get_template(template).render(view)


def show_score(value: float | None) -> str:
    """Three decimals for shares, three digits for anything larger; a dash where there is none."""
    if value is None or value != value:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.3g}" if abs(value) < 99.95 else f"{value:,.0f}"


def _packaged(name: str) -> str:
    return (files("delineate.show") / name).read_text(encoding="utf-8")


def _words(name: str) -> str:
    """``false_alarm`` as words."""
    return name.replace("_", " ")
