"""Both rates of an operation as a picture: against the size of a plant, or by scenario.

Made to be read without colour (each line has its name, its marker and its dashes), and
without eyes: the text of an SVG is text, and its description holds every number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, pairwise
import math
from pathlib import Path
from textwrap import fill
from typing import Any
from xml.sax.saxutils import escape

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.typing import RcKeyType

RATES = ("sharing", "sufficiency")

PALETTE = (
    "#0072B2",
    "#B34700",
    "#007A5A",
    "#8F3F7E",
    "#444444",
    "#6B5D00",
    "#A3123A",
)
"""At least 4.5 to 1 on white (WCAG 1.4.3), as names are written in them."""
DASHES = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 2, 2)), (0, (1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
INK = "#222222"
GRID = "#DDDDDD"
STYLE: dict[RcKeyType, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "simulation",
    "font.family": "sans-serif",
    # Comes with matplotlib, so that the layout is the same on every machine.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.parse_math": False,
}
NAME_LETTERS = 22
"""Of a line of a curve's name."""
ROW_LETTERS = 36
"""Of a line of the name of a row."""
NAME_LINE = 4.6
"""Height of such a line, in percent of an axis from 0 to 100."""
PUSHES = 200
"""Enough for a dozen names at one height."""
TICK_SPACE = 0.07
"""Below this part of the axis the numbers of two sizes would touch."""
ROW_INCHES = 0.42
NUMBER_SPACE = 10
"""Percents that the number beside a mark takes."""
DPI = 150

TEXTS = {
    "en": {
        "sharing": "Sharing rate",
        "sharing_is": "allocated ÷ injected",
        "sufficiency": "Self-production rate",
        "sufficiency_is": "allocated ÷ withdrawn",
        "of_sizes": "How large should “{plant}” be?",
        "of_scenarios": "What each scenario and key would give",
        "size": "Size of “{plant}”, kWc",
        "size_and_all": "Size of “{plant}”, kWc (in brackets: whole operation)",
        "rate": "{rate} ({meaning})",
        "told": "{rate}, {name}: {points}.",
        "at_size": "{percent} at {size} kWc",
        "at_scenario": "{percent} in {scenario}",
        "mark": ".",
    },
    "fr": {
        "sharing": "Taux d'autoconsommation",
        "sharing_is": "attribué ÷ injecté",
        "sufficiency": "Taux d'autoproduction",
        "sufficiency_is": "attribué ÷ soutiré",
        "of_sizes": "Quelle taille pour « {plant} » ?",
        "of_scenarios": "Ce que donnerait chaque scénario selon la clé",
        "size": "Taille de « {plant} », kWc",
        "size_and_all": "Taille de « {plant} », kWc (entre parenthèses : toute l'opération)",
        "rate": "{rate} ({meaning})",
        "told": "{rate}, {name} : {points}.",
        "at_size": "{percent} à {size} kWc",
        "at_scenario": "{percent} : {scenario}",
        "mark": ",",
    },
}


@dataclass(frozen=True, slots=True)
class Curve:
    """Both rates of one key in percent, by size or by scenario; NaN where there is none."""

    name: str
    rates: Mapping[str, tuple[float, ...]]
    """By each of `RATES`."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What was tried of one plant."""

    plant: str
    kwc: tuple[float, ...]
    """In rising order."""
    whole_kwc: tuple[float | None, ...]
    """Of the whole operation; None where the power of one of its plants is not known."""


def merged(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves, those that lie on each other as one with all their names.

    Keys that give all they can differ only in who gets it: the operation's rates are equal.
    """
    names: dict[tuple[float, ...], list[Curve]] = {}
    for curve in curves:
        place = tuple(
            -1.0 if math.isnan(rate) else round(rate, 6)
            for part in RATES
            for rate in curve.rates[part]
        )
        names.setdefault(place, []).append(curve)
    return tuple(
        replace(same[0], name=", ".join(curve.name for curve in same))
        for same in names.values()
    )


def draw_sizes(
    path: Path, sizes: Sizes, curves: Sequence[Curve], language: str
) -> None:
    """Both rates against the size of a plant, side by side; SVG or PNG by the file's name."""
    texts = TEXTS[language]
    drawn = merged(curves)
    title = texts["of_sizes"].format(plant=sizes.plant)
    points = [
        texts["at_size"].format(percent="{}", size=_size(size, texts))
        for size in sizes.kwc
    ]
    with rc_context(STYLE):
        figure = Figure(figsize=(13, 6.2), layout="constrained")
        for axes, rate in zip(figure.subplots(1, 2), RATES, strict=True):
            axes.set_title(_meaning(rate, texts), fontsize=12)
            axes.set_ylim(0, 100)
            axes.set_yticks(*_percents())
            axes.grid(axis="y", color=GRID)
            _size_axis(axes, sizes, texts)
            _lines(axes, sizes.kwc, [(c.name, c.rates[rate]) for c in drawn])
        _save(path, figure, title, _told(drawn, points, texts))


def draw_scenarios(
    path: Path, scenarios: Sequence[str], curves: Sequence[Curve], language: str
) -> None:
    """Both rates of each scenario and key as two marks on a row; SVG or PNG."""
    texts = TEXTS[language]
    drawn = merged(curves)
    points = [
        texts["at_scenario"].format(percent="{}", scenario=scenario)
        for scenario in scenarios
    ]
    n_rows = len(scenarios) * (len(drawn) + 1)
    with rc_context(STYLE):
        figure = Figure(figsize=(11, 2.2 + ROW_INCHES * n_rows), layout="constrained")
        axes = figure.subplots()
        _rows(axes, scenarios, drawn, texts)
        _save(path, figure, texts["of_scenarios"], _told(drawn, points, texts))


def _meaning(rate: str, texts: Mapping[str, str]) -> str:
    return texts["rate"].format(rate=texts[rate], meaning=texts[f"{rate}_is"])


def _percents() -> tuple[list[int], list[str]]:
    """Places and texts of the marks of an axis from 0 to 100 %."""
    places = list(range(0, 101, 20))
    return places, [f"{place} %" for place in places]


def _size(kwc: float, texts: Mapping[str, str]) -> str:
    return f"{kwc:g}".replace(".", texts["mark"])


def _percent(value: float, texts: Mapping[str, str]) -> str:
    return f"{value:.1f} %".replace(".", texts["mark"])


def _told(
    curves: Sequence[Curve], points: Sequence[str], texts: Mapping[str, str]
) -> str:
    """Every number of the picture in sentences."""
    return " ".join(
        texts["told"].format(
            rate=texts[rate],
            name=curve.name,
            points="; ".join(
                point.format(_percent(value, texts))
                for point, value in zip(points, curve.rates[rate], strict=True)
                if not math.isnan(value)
            ),
        )
        for rate in RATES
        for curve in curves
    )


def _size_axis(axes: Axes, sizes: Sizes, texts: Mapping[str, str]) -> None:
    """The sizes that were tried, with what they make of the whole operation."""
    span = sizes.kwc[-1] or 1.0
    axes.set_xlim(0, span)
    ticks: list[float] = []
    labels: list[str] = []
    for size, whole in zip(sizes.kwc, sizes.whole_kwc, strict=True):
        if ticks and size - ticks[-1] < TICK_SPACE * span:
            continue
        ticks.append(size)
        label = _size(size, texts)
        labels.append(label if whole is None else f"{label}\n({whole:.0f})")
    axes.set_xticks(ticks, labels, fontsize=9.5)
    kind = "size" if None in sizes.whole_kwc else "size_and_all"
    axes.set_xlabel(texts[kind].format(plant=sizes.plant))


def _lines(
    axes: Axes,
    kwc: Sequence[float],
    curves: Sequence[tuple[str, tuple[float, ...]]],
) -> None:
    """The curves of one rate, each with its name at its end."""
    looks = zip(cycle(PALETTE), cycle(DASHES), cycle(MARKERS), strict=False)
    names = [fill(name, NAME_LETTERS, break_long_words=False) for name, _ in curves]
    ends = [rates[-1] for _, rates in curves]
    heights = [NAME_LINE * (name.count("\n") + 1.3) for name in names]
    places = _apart(ends, heights)
    for (_, rates), name, end, place, look in zip(
        curves, names, ends, places, looks, strict=False
    ):
        colour, dashes, marker = look
        axes.plot(
            kwc, rates, color=colour, linestyle=dashes, marker=marker, linewidth=2.2,
            markersize=7, clip_on=False, zorder=3,
        )  # fmt: skip
        if math.isnan(end):
            continue
        axes.annotate(
            name,
            (kwc[-1], end),
            xytext=(kwc[-1] * 1.06, place),
            va="center",
            color=colour,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "relpos": (0, 0.5)},
        )


def _apart(ends: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Where names stand so that none covers another, near the ends of their curves.

    Names that touch push each other away, by half of what they share at a time.
    """
    places = list(ends)
    order = sorted(
        (n for n, end in enumerate(ends) if not math.isnan(end)), key=ends.__getitem__
    )
    for _ in range(PUSHES):
        for n in order:
            places[n] = min(max(places[n], heights[n] / 2), 100 - heights[n] / 2)
        for low, high in pairwise(order):
            shared = (heights[low] + heights[high]) / 2 - (places[high] - places[low])
            if shared > 0:
                places[low] -= shared / 2
                places[high] += shared / 2
    return places


def _rows(
    axes: Axes,
    scenarios: Sequence[str],
    curves: Sequence[Curve],
    texts: Mapping[str, str],
) -> None:
    """A heading for each scenario and under it a row for each key."""
    looks: dict[str, dict[str, Any]] = {
        "sharing": {"color": PALETTE[0], "marker": "o", "markerfacecolor": PALETTE[0]},
        "sufficiency": {"color": PALETTE[1], "marker": "s", "markerfacecolor": "white"},
    }
    row = 0
    ticks: list[int] = []
    for n, scenario in enumerate(scenarios):
        axes.text(0, row, scenario, fontweight="bold", va="center")
        for curve in curves:
            row += 1
            ticks.append(row)
            values = [curve.rates[rate][n] for rate in RATES]
            for value, look in zip(values, looks.values(), strict=True):
                axes.plot(
                    value, row, linestyle="none", markersize=9, markeredgewidth=2,
                    clip_on=False, zorder=3, **look,
                )  # fmt: skip
                # A rate that is missing has no place, and nothing is drawn there.
                # Of two marks that are near each other, the lower has its number on its left.
                left = 0 < max(values) - value < NUMBER_SPACE
                axes.annotate(
                    _percent(value, texts),
                    (value, row),
                    xytext=(-9 if left else 9, 0),
                    textcoords="offset points",
                    ha="right" if left else "left",
                    va="center",
                    color=look["color"],
                )
        row += 1
    axes.set_ylim(row - 0.4, -0.8)
    names = [fill(curve.name, ROW_LETTERS, break_long_words=False) for curve in curves]
    axes.set_yticks(ticks, names * len(scenarios), fontsize=10)
    axes.set_xlim(0, 100)
    axes.set_xticks(*_percents())
    axes.grid(axis="x", color=GRID)
    axes.legend(
        handles=[
            Line2D(
                [], [], linestyle="none", markersize=9, markeredgewidth=2,
                label=_meaning(rate, texts), **look,
            )
            for rate, look in looks.items()
        ],
        loc="lower left", bbox_to_anchor=(0, 1), frameon=False,
    )  # fmt: skip


def _save(path: Path, figure: Figure, title: str, description: str) -> None:
    """Write the picture; an SVG has title and description, and no date of its making."""
    figure.suptitle(title, fontsize=16, fontweight="bold")
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    if path.suffix.lower() == ".png":
        figure.savefig(path, dpi=DPI, metadata={"Title": title, "Software": None})
        return
    figure.savefig(path, metadata={"Title": title, "Date": None, "Creator": None})
    drawn = path.read_text("utf-8")
    closed = f"{escape(title)}</title>"
    path.write_text(
        drawn.replace(closed, f"{closed}\n <desc>{escape(description)}</desc>", 1),
        "utf-8",
    )
