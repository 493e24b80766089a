"""The graph of the monthly table: three rates as lines over the months, of a single month as three bars.

Where everything lies is worked out here; the template `components/chart.html` draws it, the same on a page and in the
PDF.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from reporting.measures import Measure
from reporting.tables import Month, Table
from reporting.wording import RATES, named, period, rates_described, unfinished

#: The drawing's own units; it is as wide as there is room for it.
WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 48, 690, 98, 388
NAME_SPACE = 30
"""What the name of a month takes in width."""
VALUE_SPACE = 17
"""What a figure beside the end of a line takes in height."""
APART = 150
"""How far the bars of a single month stand apart."""


@dataclass(frozen=True)
class Style:
    """How one line is told from another: by colour, by the shape of its marks and by its dashes.

    Each colour stands out from white by at least 4.5 to 1, and from the others in black and white by its shape.
    """

    colour: str
    shape: str
    dashes: str


STYLES = {
    "offer_rate": Style("#16475a", "circle", ""),
    "episodes_done_rate": Style("#b4450c", "square", "7 4"),
    "looked_after_done_rate": Style("#6b2d8f", "triangle", "2 4"),
}


@dataclass(frozen=True)
class Mark:
    """One figure on a line."""

    x: float
    y: float
    rate: str
    words: str
    href: str
    so_far: bool
    """Of a month that is not over: drawn hollow."""


@dataclass(frozen=True)
class Line:
    """One measure over the months: its marks, and the stretches between months that follow each other and have one."""

    name: str
    style: Style
    legend_y: int
    marks: tuple[Mark, ...]
    stretches: tuple[str, ...]
    last: str
    """The last figure, shown beside it."""
    last_y: float


@dataclass(frozen=True)
class Tick:
    """A place on an axis, with what stands there; `year` where one begins."""

    at: float
    text: str
    year: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing with its text alternative."""

    title: str
    description: str
    lines: tuple[Line, ...]
    months: tuple[Tick, ...]
    percents: tuple[Tick, ...]
    so_far: tuple[float, ...] = ()
    """Where the months that are not over lie: each is marked under its name, also one that there is no room to name."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM

    @property
    def bars(self) -> bool:
        """Whether there is one month only, which makes no line."""
        return len(self.months) == 1


def chart(table: Table, *, link: Callable[[str, Month], str] | None = None) -> Chart:
    """The graph of a table. `link` answers where the cases behind a measure's key and a month are listed."""
    places = dict(zip(table.months, _across(len(table.months)), strict=True))
    rates = [measure for measure, _ in table.rows if measure.key in RATES]
    lines = [_line(table, measure, places, number, link) for number, measure in enumerate(rates)]
    return Chart(
        title=f"Interviews offered and done, {period(table.months)}",
        description=rates_described(table),
        lines=tuple(_spread(lines)),
        months=tuple(_months(places)),
        percents=tuple(Tick(_height(Decimal(number)), f"{number}%") for number in range(0, 101, 20)),
        so_far=tuple(x for month, x in places.items() if unfinished(table, month)),
    )


def _across(number: int) -> list[float]:
    """Where so many months lie: each in the middle of its own stretch."""
    width = (RIGHT - LEFT) / number
    return [round(LEFT + width * (place + 0.5), 1) for place in range(number)]


def _height(percent: Decimal) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * float(percent) / 100, 1)


def _months(places: dict[Month, float]) -> list[Tick]:
    """The names of the months, as many as there is room for; the year under its first named month."""
    room = (RIGHT - LEFT) / len(places)
    step = next(step for step in (1, 2, 3, 6, 12, len(places)) if room * step >= NAME_SPACE or step == len(places))
    ticks: list[Tick] = []
    year = 0
    for month, x in list(places.items())[::step]:
        ticks.append(Tick(x, f"{month.first:%b}", str(month.year) if month.year != year else ""))
        year = month.year
    return ticks


def _line(
    table: Table,
    measure: Measure,
    places: dict[Month, float],
    number: int,
    link: Callable[[str, Month], str] | None,
) -> Line:
    rates = {month: value for month in table.months if isinstance(value := table.values[measure.key][month], Decimal)}
    marks = {
        month: Mark(
            places[month] + (APART * (number - 1) if len(places) == 1 else 0),
            _height(rate),
            f"{rate}%",
            f"{measure.name}, {named(month)}{' so far' if unfinished(table, month) else ''}: {rate}%",
            link(measure.key, month) if link else "",
            unfinished(table, month),
        )
        for month, rate in rates.items()
    }
    stretches: list[list[Mark]] = []
    for month in table.months:
        if month not in marks:
            stretches.append([])
        elif stretches and stretches[-1]:
            stretches[-1].append(marks[month])
        else:
            stretches.append([marks[month]])
    last = table.months[-1]
    return Line(
        measure.name,
        STYLES[measure.key],
        16 + 22 * number,
        tuple(marks.values()),
        tuple(" ".join(f"{mark.x},{mark.y}" for mark in stretch) for stretch in stretches if len(stretch) > 1),
        f"{rates[last]}%" if last in rates else "",
        marks[last].y if last in marks else BOTTOM,
    )


def _spread(lines: list[Line]) -> list[Line]:
    """The figures beside the ends of the lines moved apart, so that each can be read."""
    floor = 0.0
    places: dict[str, float] = {}
    for line in sorted((line for line in lines if line.last), key=lambda line: line.last_y):
        places[line.name] = floor = max(line.last_y, floor)
        floor += VALUE_SPACE
    ceiling = float(BOTTOM)
    for name in reversed(places):
        places[name] = ceiling = min(places[name], ceiling)
        ceiling -= VALUE_SPACE
    return [replace(line, last_y=places.get(line.name, line.last_y)) for line in lines]
