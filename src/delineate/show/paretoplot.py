"""The Pareto plot: how good a model is against what it costs; the line joins those that nothing cheaper beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from delineate.show.figures import INK, new_figure, style_axes
from delineate.show.svg import figure_svg, model_colours, short

_WIDE_SPAN = 20.0
_DOT_PT, _SMALL_DOT_PT = 6.5, 4.5


@dataclass(frozen=True)
class Offer:
    """A model: what it costs (seconds, parameters), its score, and the score's interval if there is one."""

    name: str
    cost: float
    score: float
    interval: tuple[float, float] | None = None


def pareto_front(offers: Sequence[Offer], better: str = "higher") -> tuple[Offer, ...]:
    """The offers that no other one beats in score at the same or a lower cost, cheapest first."""
    sign = -1 if better == "lower" else 1
    front: list[Offer] = []
    for offer in sorted(offers, key=lambda o: (o.cost, -sign * o.score)):
        if not front or sign * offer.score > sign * front[-1].score:
            front.append(offer)
    return tuple(front)


def draw_pareto(
    offers: Sequence[Offer], cost: str, score: str, better: str = "higher", colours: dict[str, str] | None = None
) -> str:
    """A dot per model with its interval, as SVG; ``cost`` and ``score`` name the axes. Costs that differ widely are on
    a logarithmic scale. With many models only those whose names find room are named, the front first."""
    figure = new_figure(5.2, 3.3)
    axes = figure.add_axes((0.11, 0.14, 0.86, 0.83))
    style_axes(axes)
    front = pareto_front(offers, better)
    colours = colours or model_colours([o.name for o in offers])
    axes.plot([o.cost for o in front], [o.score for o in front], "--", color=INK, linewidth=1, zorder=1)
    for offer in offers:
        if offer.interval is not None:
            axes.plot((offer.cost,) * 2, offer.interval, color=colours[offer.name], linewidth=1, alpha=0.45, zorder=2)
        axes.plot(
            (offer.cost,), (offer.score,), "o" if offer in front else "s", color=colours[offer.name], zorder=3,
            markersize=_DOT_PT if offer in front else _SMALL_DOT_PT,
        )  # fmt: skip
    _scale(axes, [o.cost for o in offers])
    axes.set_xlabel(cost)
    axes.set_ylabel(score, color=INK, fontsize=8)
    axes.margins(x=0.12, y=0.12)
    _name(figure, axes, [*front, *(o for o in offers if o not in front)])
    named = ", ".join(o.name for o in front)
    return figure_svg(figure, f"{score} against {cost} of {len(offers)} models; on the front: {named}")


def _scale(axes: Any, costs: Sequence[float]) -> None:
    if costs and min(costs) > 0 and max(costs) / min(costs) > _WIDE_SPAN:
        axes.set_xscale("log")
        axes.minorticks_off()


def _name(figure: Any, axes: Any, offers: Sequence[Offer]) -> None:
    """Each name at the first place around its dot where it covers no name and no dot; none, if there is no such
    place."""
    from matplotlib.transforms import Bbox

    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    radius = _DOT_PT / 2 * figure.dpi / 72
    dots = axes.transData.transform([(o.cost, o.score) for o in offers])
    taken = [Bbox([dot - radius, dot + radius]) for dot in dots]
    places = ((7, 0, "left"), (-7, 0, "right"), (0, 9, "center"), (0, -9, "center"), (7, 9, "left"), (7, -9, "left"))
    for offer in offers:
        for x, y, side in places:
            word = axes.annotate(
                short(offer.name), (offer.cost, offer.score), (x, y), textcoords="offset points", ha=side, va="center",
                fontsize=7.5, color=INK, parse_math=False,
            )  # fmt: skip
            box = word.get_window_extent(renderer)
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            word.remove()
