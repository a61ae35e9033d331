"""What `doctor` found, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.markup import escape

_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}


class Finding(Protocol):
    """What one question came to."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def told(self) -> str: ...
    @property
    def advice(self) -> str: ...


def show_diagnosis(findings: Sequence[Finding], console: Console | None = None) -> None:
    """A line per question, and what to do where the answer is a bad one."""
    console = console or Console(highlight=False)
    for finding in findings:
        style = _STYLES[finding.state]
        console.print(f"[{style}]{finding.state:>8}[/]  {escape(finding.name)}: {escape(finding.told)}", soft_wrap=True)
        if finding.advice:
            console.print(f"          to do: {escape(finding.advice)}", soft_wrap=True)
