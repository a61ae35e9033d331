"""A network drawn: as text, and as an SVG in which what is coarser lies lower."""

from __future__ import annotations

from html import escape
from math import log2

from delineate.core.diagram import Diagram, Node
from delineate.show.figures import INK

_STEP, _WIDE, _ROW, _TOP, _LEFT = 64, 34, 78, 56, 20
_FILL, _LINE, _SKIP = "#dbe7f3", "#5b7fa6", "#b9772f"


def draw_text(diagram: Diagram) -> str:
    """One line for each part, indented by how coarse its map is; joins name where else their input comes from."""
    lines = [f"{diagram.title}: input {_size((diagram.channels, *diagram.patch))}"]
    names = _distinct(diagram)
    for number, node in enumerate(diagram.nodes):
        before = sorted(a for a, b in diagram.edges if b == number and a != number - 1)
        joined = f"  <- {', '.join(names[a] for a in before)}" if before else ""
        indent = "  " * (1 + round(diagram.level(node)))
        told = f"{names[number]:22} {node.kind:18} {_size(node.shape):>20} {_short(node.parameters):>8}"
        lines.append(indent + told + joined)
    return "\n".join(lines)


def draw_svg(diagram: Diagram) -> str:
    """Boxes from left to right in the order in which they run, as high as the logarithm of their channels."""
    places = [_place(diagram, number) for number in range(len(diagram.nodes))]
    names = _distinct(diagram)
    width = _LEFT * 2 + _STEP * len(places)
    height = max((y for _, y in places), default=0) + _ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" role="img" '
        f'aria-label="{escape(diagram.title, quote=True)}" font-family="sans-serif" fill="{INK}">',
        f'<text x="{_LEFT}" y="18" font-size="13">{escape(diagram.title)}: input '
        f"{_size((diagram.channels, *diagram.patch))}</text>",
    ]
    parts += [_edge(places[a], places[b], near=b == a + 1) for a, b in diagram.edges]
    parts += [_box(node, names[i], *places[i]) for i, node in enumerate(diagram.nodes)]
    return "\n".join([*parts, "</svg>\n"])


def _place(diagram: Diagram, number: int) -> tuple[float, float]:
    """The middle of a box."""
    return _LEFT + _STEP * number + _WIDE / 2, _TOP + _ROW * diagram.level(diagram.nodes[number]) + 20


def _box(node: Node, name: str, x: float, y: float) -> str:
    high = 8 + 4 * log2(max(node.shape[0], 1))
    told = f"{name}: {node.kind}, {_size(node.shape)}, {_short(node.parameters)} weights"
    return (
        f'<g><title>{escape(told)}</title><rect x="{x - _WIDE / 2:.0f}" y="{y - high / 2:.1f}" width="{_WIDE}" '
        f'height="{high:.1f}" rx="3" fill="{_FILL}" stroke="{_LINE}"/>'
        f'<text x="{x:.0f}" y="{y + 3:.1f}" font-size="8" text-anchor="middle">{node.shape[0]}</text>'
        f'<text x="{x:.0f}" y="{y + high / 2 + 9:.1f}" font-size="7" text-anchor="middle">{escape(name)}</text></g>'
    )


def _edge(start: tuple[float, float], end: tuple[float, float], near: bool) -> str:
    (x, y), (u, v) = (start[0] + _WIDE / 2, start[1]), (end[0] - _WIDE / 2, end[1])
    if near:
        return f'<path d="M{x:.0f} {y:.1f}L{u:.0f} {v:.1f}" stroke="{_LINE}" fill="none"/>'
    lift = min(y, v) - 18
    bow = f"C{x + 30:.0f} {lift:.1f} {u - 30:.0f} {lift:.1f} {u:.0f} {v:.1f}"
    return f'<path d="M{x:.0f} {y:.1f}{bow}" stroke="{_SKIP}" fill="none"/>'


def _distinct(diagram: Diagram) -> list[str]:
    """Names, numbered where a part runs several times (a pooling layer, a recurrent one)."""
    seen: dict[str, int] = {}
    names = []
    for node in diagram.nodes:
        seen[node.name] = seen.get(node.name, 0) + 1
        names.append(node.name if seen[node.name] == 1 else f"{node.name} ({seen[node.name]})")
    return names


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _short(number: int) -> str:
    """37 696 as 37.7 k, 999 600 as 1 M."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= 0.9995 * limit:
            return f"{number / limit:.3g} {unit}"
    return str(number)
