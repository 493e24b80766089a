"""Figures in words: a month of the table as a sentence that can be read out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from procedures.calendar import LONDON, local_date
from procedures.models import Version
from reporting.measures import Measure
from reporting.measures.apart import APART, BY_DATE
from reporting.measures.committee import COMMITTEE
from reporting.measures.progress import PROGRESS
from reporting.narrowing import AGE_BANDS, Narrowing
from reporting.tables import HIDDEN, Month, Table, Value
from staff.models import Team

MONTH_OF = {
    "last_seen": "was last seen",
    "reported": "was reported missing",
    "returned": "returned",
}

WHOSE = {
    "ours": "Children for whom another authority is responsible are left out, but where they are shown apart.",
    "theirs": "Only children for whom another authority is responsible are counted, but for looked-after children's"
    " rows, which are always of our own.",
    "both": "Children for whom another authority is responsible are counted too.",
}

#: Whose children a choice leaves, in words; `children` where nothing is chosen.
CHILDREN_OF = {
    "": "children",
    "ours": "our own children",
    "theirs": "other authorities' children",
    "both": "our own and other authorities' children",
}

#: The measures that the graph shows, in the table's order.
RATES = ("offer_rate", "episodes_done_rate", "looked_after_done_rate")

OFFICIAL, SENSITIVE = "OFFICIAL", "OFFICIAL-SENSITIVE"

#: The parts of the table, in its order, each with its heading: the committee's eight rows stand by themselves.
GROUPS: tuple[tuple[str, tuple[Measure, ...]], ...] = (
    ("The scrutiny committee's table", COMMITTEE[:8]),
    ("Behind the looked-after children's rate", COMMITTEE[8:]),
    ("How far the interviews have come", PROGRESS),
    ("Shown apart", APART),
    ("By the date of the offer or of the interview", BY_DATE),
)


@dataclass(frozen=True)
class Group:
    """Rows of the table that belong together, under a heading."""

    heading: str
    rows: Sequence[tuple[Measure, Sequence[Value]]]


def groups(table: Table) -> Iterator[Group]:
    """The rows of the table under their headings, in its order."""
    rows = {measure.key: (measure, values) for measure, values in table.rows}
    return (Group(heading, [rows[measure.key] for measure in measures]) for heading, measures in GROUPS)


def named(month: Month) -> str:
    """A month in words: `November 2017`."""
    return f"{month.first:%B %Y}"


def period(months: Sequence[Month]) -> str:
    """Months that follow each other, in words: `April to November 2017`, `May 2017`, `March 2017 to May 2018`."""
    first, last = months[0], months[-1]
    if first == last:
        return named(last)
    if first.year == last.year:
        return f"{first.first:%B} to {named(last)}"
    return f"{named(first)} to {named(last)}"


def shown(measure: Measure, value: Value) -> str:
    """A figure as people read it: `1,234`, `74.49%`, or `none` where there is nothing to take a percentage of.

    What is left out for publishing is `c`.
    """
    if value is None:
        return "none"
    if value is HIDDEN:
        return HIDDEN.value
    return f"{value}%" if measure.unit == "percent" else f"{value:,}"


def authority(table: Table) -> str:
    """Whose figures they are, by the procedure that governs the last month."""
    return table.versions[table.months[-1]].procedure.authority.name


def made_at(table: Table) -> str:
    """When the figures were asked for: `22 November 2026 at 14:05`."""
    local = table.at.astimezone(LONDON)
    return f"{local.day} {local:%B %Y at %H:%M}"


def narrowed(narrowing: Narrowing) -> str:
    """What is left of the episodes, after "only" or "of": `episodes held by Missing Team, of children from Taunton`.

    Empty when nothing narrows. One query where a team is chosen. Raises Team.DoesNotExist.
    """
    if not narrowing:
        return ""
    held = f"held by {Team.objects.get(pk=narrowing.team)}" if narrowing.team is not None else ""
    told = [
        f"from {narrowing.area}" if narrowing.area else "",
        f"aged {AGE_BANDS[narrowing.age].lower()}" if narrowing.age else "",
        {"yes": "who were looked after", "no": "who were not looked after"}.get(narrowing.looked_after, ""),
    ]
    children = " ".join(filter(None, [CHILDREN_OF[narrowing.whose], *told]))
    of = f"of {children}" if narrowing.whose or any(told) else ""
    return f"episodes {', '.join(filter(None, [held, of]))}"


def unfinished(table: Table, month: Month) -> bool:
    """Whether a month was not over when the figures were asked for: they will still grow."""
    return month.last >= local_date(table.at)


def remark(table: Table, month: Month) -> str:
    """What stands at the head of a month's column: `so far`, or `no records`; mostly nothing."""
    if not table.recorded(month):
        return "no records"
    return "so far" if unfinished(table, month) else ""


def before_records(table: Table) -> str:
    """From when there are records, where the table reaches back before them; otherwise empty."""
    before = [month for month in table.months if not table.recorded(month)]
    if not before:
        return ""
    if not table.since:
        return "No episode is on record yet: the figures do not say that no child went missing."
    since = table.since[table.versions[before[-1]].procedure.counting.month_of]
    return (
        f"The records begin in {named(since)}. No episode on record reaches back to {period(before)}: its figures do"
        " not say that no child went missing."
    )


def marking(table: Table) -> str:
    """What stands on each page: figures of a few children are more than what a committee may publish."""
    return SENSITIVE if table.narrowing or table.small else OFFICIAL


def small_numbers(table: Table) -> str:
    """How many figures are small, and what not to do with them; of a table for publishing, what is left out.

    Empty where nothing is small.
    """
    left_out = sum(value is HIDDEN for _, values in table.rows for value in values)
    if left_out:
        return (
            f"For publishing, {left_out:,} {'figure is' if left_out == 1 else 'figures are'} left out, marked “c”:"
            " counts from 1 to 4, which could single out a child, and what would let one of these be worked out."
        )
    if not table.small:
        return ""
    return (
        f"{table.small:,} {'figure is a count' if table.small == 1 else 'figures are counts'} from 1 to 4, which could"
        " single out a child. Do not publish this as it is."
    )


def counted(table: Table) -> list[str]:
    """What the figures rest on, a sentence or two for each run of months that one version of the procedure governs."""
    runs = groupby(table.months, key=lambda month: table.versions[month])
    return [_counted(version, list(months), table.narrowing.whose) for version, months in runs]


def _counted(version: Version, months: Sequence[Month], chosen: str) -> str:
    counting = version.procedure.counting
    whose = chosen or ("both" if counting.include_other_authorities else "ours")
    away = " Episodes without authorisation are counted as episodes too." if "away" in counting.kinds else ""
    return (
        f"{period(months)}: by the procedure of {version}. An episode belongs to the month in which the"
        f" child {MONTH_OF[counting.month_of]}. {WHOSE[whose]}{away}"
    )


def whole_percent(part: int, whole: int) -> str:
    """A part in whole percent of a whole that is not 0, half-up: `46.52` in a hundred is 47, `46.5` too.

    Worked out from the counts: rounding a rate that has been rounded to two decimals would round 46.4951 up.
    """
    return f"{(200 * part + whole) // (2 * whole)}%"


def sentences(table: Table) -> list[str]:
    """Every month of the table in words, in its order. One query where a team is chosen."""
    only = narrowed(table.narrowing)
    return [sentence(table, month, only=only) for month in table.months]


def sentence(table: Table, month: Month, *, only: str = "") -> str:
    """A month of the table in words, as the scrutiny committee's report says it (Croydon 1.3), whole percents half-up.

    Of a month that is not over it says so, for its figures will still grow; of one before the records begin, only that.
    `only` is what the table is narrowed to, in words (`narrowed`): it stands first, because a sentence is quoted
    without what stands around it. What is left out for publishing is said to be.
    """
    if month.first > local_date(table.at):
        return f"{named(month)} has not begun."
    if not table.recorded(month):
        return f"No episode on record reaches back to {named(month)}."
    opening = f"{'So far in' if unfinished(table, month) else 'In'} {named(month)}"
    if only:
        opening = f"Of {only}: {opening[0].lower()}{opening[1:]}"
    if table.values["episodes"][month] == 0:
        return f"{opening}, {'there were none' if only else 'no child went missing'}."
    told = []
    if children := _counts(table, month, "children_missing", "children_offered", "children_done"):
        told.append(_children(opening, *children))
    else:
        told.append(f"{opening}, small numbers of children are left out.")
    if episodes := _counts(table, month, "episodes", "episodes_done"):
        told.append(_episodes(*episodes))
    else:
        told.append("Small numbers of episodes are left out.")
    if table.values["looked_after_episodes"][month] == 0:
        return " ".join(told)
    if looked_after := _counts(table, month, "looked_after_episodes", "looked_after_episodes_done"):
        told.append(_looked_after(*looked_after, beside=table.narrowing.whose == "theirs"))
    else:
        told.append("Small numbers of looked-after children's episodes are left out.")
    return " ".join(told)


def _counts(table: Table, month: Month, *keys: str) -> list[int]:
    """These counts of a month; empty when one of them is left out."""
    values = [table.values[key][month] for key in keys]
    return [] if HIDDEN in values else [value for value in values if isinstance(value, int)]


def _number(number: int) -> str:
    return f"{number:,}" if number else "none"


def _children(opening: str, children: int, offered: int, done: int) -> str:
    if children == 1:
        was_offered = "was" if offered else "was not"
        return (
            f"{opening}, 1 child went missing, who {was_offered} offered a return home interview and had"
            f" {'at least one' if done else 'none'} done."
        )
    return (
        f"{opening}, {children:,} children went missing; {_number(offered)} of these {'was' if offered < 2 else 'were'}"
        f" offered a return home interview ({whole_percent(offered, children)}) and {_number(done)} had at least one"
        f" done ({whole_percent(done, children)})."
    )


def _episodes(episodes: int, done: int) -> str:
    if episodes == 1:
        return f"There was 1 missing episode, {'with' if done else 'without'} an interview done."
    return (
        f"There were {episodes:,} missing episodes; an interview was done for {_number(done)} of these"
        f" ({whole_percent(done, episodes)})."
    )


def _looked_after(episodes: int, done: int, *, beside: bool) -> str:
    """`beside` where the others are another authority's children: looked-after children's figures stay our own."""
    of = "Our own looked-after children are not among these: of" if beside else "Of"
    return (
        f"{of} {episodes:,} {'episode' if episodes == 1 else 'episodes'} of{' these' if beside else ''}"
        f" looked-after children, {_number(done)} had an interview done ({whole_percent(done, episodes)})."
    )


def rates_described(table: Table) -> str:
    """The graph in words, for whoever cannot see it: each line's ends and extremes. Every figure is in the table.

    A month that is not over says so, and is no extreme: its interviews are yet to come. Months before the records begin
    are no part of a line, and said to be none.
    """
    told = [_described(table, measure) for measure, _ in table.rows if measure.key in RATES]
    if before := [month for month in table.months if not table.recorded(month)]:
        told.append(f"No records: {period(before)}.")
    return " ".join(told)


def _described(table: Table, measure: Measure) -> str:
    rates = [(value, month) for month in table.months if isinstance(value := table.values[measure.key][month], Decimal)]
    hidden = [month for month in table.months if table.values[measure.key][month] is HIDDEN]
    if not rates:
        return f"{measure.name}: {'left out' if hidden else 'none'}."
    left_out = f"; left out in {', '.join(map(named, hidden))}" if hidden else ""
    (first, since), (last, until) = rates[0], rates[-1]
    ends = [f"{first}% {_during(table, since)}"] + ([f"{last}% {_during(table, until)}"] if len(rates) > 1 else [])
    full = [(rate, month) for rate, month in rates if not unfinished(table, month)]
    if len(full) < 2:
        return f"{measure.name}: {', '.join(ends)}{left_out}."
    lowest, highest = min(full), max(full)
    return (
        f"{measure.name}: {', '.join(ends)};"
        f" lowest {lowest[0]}% in {named(lowest[1])}, highest {highest[0]}% in {named(highest[1])}{left_out}."
    )


def _during(table: Table, month: Month) -> str:
    return f"{'so far in' if unfinished(table, month) else 'in'} {named(month)}"
