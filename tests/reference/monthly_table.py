"""The monthly table, counted a second time, to hold the product's own against: each figure, and the cases behind it.

Written from the agreed definitions alone: it reads the record files with the standard library and imports nothing of
the product, so the two agree only when both are right. Slow and plain on purpose: one question, one function. Carers
and attempts stand in no figure of this table, so their files are not read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Literal

from govuk_bank_holidays.bank_holidays import BankHolidays

from tests.reference.record_rows import (
    Row,
    good_rows,
    instant,
    local_date,
    moment_of,
    returned_at,
    returned_before_last_seen,
)

SEVENTY_TWO_HOURS = timedelta(hours=72)
BANK_HOLIDAYS = {
    holiday["date"] for holiday in BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)
}  # 2012 to 2028
DONE = {"completed", "covered", "part_completed"}

#: Whose unit is the child; every other measure but the rates counts episodes.
OF_CHILDREN = {
    *("children_missing", "children_offered", "children_done", "other_authority_children"),
    *("children_offered_in_month", "children_interviewed_in_month"),
    *("children_interviewed_by_independent", "children_interviewed_elsewhere", "children_interviewed_by_own_worker"),
    *("children_interviewed_by_not_recorded", "children_interviewed_by_known"),
}
#: Each rate's part and whole.
RATES = {
    "offer_rate": ("children_offered", "children_missing"),
    "episodes_done_rate": ("episodes_done", "episodes"),
    "children_done_rate": ("children_done", "children_missing"),
    "looked_after_done_rate": ("looked_after_episodes_done", "looked_after_episodes"),
    "independent_rate": ("children_interviewed_by_independent", "children_interviewed_by_known"),
}
#: What the files do not say: whether an interviewer is independent is said by a form that was written here.
NEVER_IN_FILES = (
    "children_interviewed_by_independent",
    "children_interviewed_elsewhere",
    "children_interviewed_by_own_worker",
    "children_interviewed_by_known",
)
RATE_OF_NOTHING = "independent_rate"
#: In no row of the table: what a rate is taken from.
UNPRINTED = {"children_interviewed_by_known"}

Value = Decimal | int | None


@dataclass(frozen=True)
class Counting:
    """What a procedure chooses about counting."""

    our_code: str | None = None  # our ONS code
    include_other_authorities: bool = True
    kinds: frozenset[str] = frozenset({"missing"})
    month_of: Literal["last_seen", "reported", "returned"] = "last_seen"


@dataclass(frozen=True)
class Narrowing:
    """To which episodes the figures are narrowed; what is empty narrows nothing.

    `holder` is the name of the team that held the referral last, `age` the youngest and the oldest age in years on the
    day of return. `whose` changes whose children are counted, but not what is shown apart.
    """

    holder: str = ""
    area: str = ""
    age: tuple[int, int] | None = None
    looked_after: bool | None = None
    whose: Literal["", "ours", "theirs", "both"] = ""


@dataclass(frozen=True)
class Episode:
    """One episode and the facts that the table asks of it."""

    episode_id: str
    child_id: str
    kind: str
    month: str | None  # "2026-03"; none when the time that decides it is not known
    area: str
    age: int
    holder: str
    other_authority: bool
    looked_after: bool
    offers: tuple[datetime, ...]  # when, of those of which it is known who was asked
    accepted: bool
    declined: bool
    done: bool
    is_open: bool  # neither an outcome nor an interview held
    returned_at: datetime | None
    notified_at: datetime | None
    held: tuple[datetime, ...]  # when, of an episode that is done
    written_up: tuple[datetime, ...]  # when it was held, of those that are written up

    @property
    def held_at(self) -> datetime | None:
        """When an interview about it was first held."""
        return min(self.held, default=None)


def monthly_table(folder: Path, *, first: str, last: str, **terms) -> dict[str, dict[str, Value]]:
    """Each measure's value by month, `first` and `last` ("2026-03") included: measure -> month -> value.

    Counts are integers; rates are percentages to two decimals, None without a denominator. `terms` are those of
    monthly_cases.
    """
    return table_of(monthly_cases(folder, first=first, last=last, **terms))


def monthly_cases(
    folder: Path,
    *,
    first: str,
    last: str,
    counting: Counting,
    now: datetime,
    narrowing: Narrowing = Narrowing(),
    holders: Mapping[str, str] | None = None,
) -> dict[str, dict[str, list[Episode]]]:
    """The episodes that each measure but the rates counts, by month: month -> measure -> episodes.

    `holders` names the team that held each episode's referral last, by episode_id: the files do not say it.
    """
    everything = read_episodes(folder, counting, now, holders or {})
    episodes = [episode for episode in everything if is_left(episode, narrowing)]
    return {month: cases(episodes, month, counting, now, narrowing) for month in months(first, last)}


def table_of(cases_by_month: Mapping[str, Mapping[str, list[Episode]]]) -> dict[str, dict[str, Value]]:
    """The figures of these cases."""
    columns = {month: figures(cases) for month, cases in cases_by_month.items()}
    measures = next(iter(columns.values()))
    return {measure: {month: values[measure] for month, values in columns.items()} for measure in measures}


def figures(cases: Mapping[str, list[Episode]]) -> dict[str, Value]:
    """The table's column for the cases of one month."""
    counts = {
        measure: children(episodes) if measure in OF_CHILDREN else len(episodes) for measure, episodes in cases.items()
    }
    rates = {measure: rate(counts[part], counts[whole]) for measure, (part, whole) in RATES.items()}
    return {measure: value for measure, value in {**counts, **rates}.items() if measure not in UNPRINTED}


def cases(
    episodes: list[Episode], month: str, counting: Counting, now: datetime, narrowing: Narrowing
) -> dict[str, list[Episode]]:
    """Which of these episodes each measure counts in a month."""
    of_counted_kind = [episode for episode in episodes if episode.kind in counting.kinds]
    counted_ever = [episode for episode in of_counted_kind if is_counted(episode, counting, narrowing)]
    counted = [episode for episode in counted_ever if episode.month == month]
    ours = [episode for episode in of_counted_kind if episode.month == month and not episode.other_authority]
    theirs = [episode for episode in of_counted_kind if episode.month == month and episode.other_authority]

    offered = [episode for episode in counted if episode.offers]
    done = [episode for episode in counted if episode.done]
    looked_after = [episode for episode in ours if episode.looked_after]
    in_time = [episode for episode in counted if held_within_72_hours(episode, since=episode.returned_at)]
    held_after_a_known_return = [episode for episode in counted if episode.held_at and episode.returned_at]
    still_open = [episode for episode in counted if episode.returned_at and episode.is_open]
    away = [episode for episode in episodes if episode.month == month and episode.kind == "away"]
    return {
        "children_missing": counted,
        "children_offered": offered,
        "children_done": done,
        "episodes": counted,
        "episodes_done": done,
        "looked_after_episodes": looked_after,
        "looked_after_episodes_done": [episode for episode in looked_after if episode.done],
        "episodes_offered": offered,
        "episodes_accepted": [episode for episode in counted if episode.accepted],
        "episodes_declined": [episode for episode in counted if episode.declined],
        "held_within_72_hours": in_time,
        "held_within_72_hours_of_notification": [
            episode for episode in counted if held_within_72_hours(episode, since=episode.notified_at)
        ],
        "held_within_3_calendar_days": [episode for episode in counted if held_within_3_calendar_days(episode)],
        "held_within_3_working_days": [episode for episode in counted if held_within_3_working_days(episode)],
        "in_time": in_time,
        "late": [episode for episode in held_after_a_known_return if episode not in in_time],
        "open_in_time": [episode for episode in still_open if now <= episode.returned_at + SEVENTY_TWO_HOURS],
        "open_late": [episode for episode in still_open if now > episode.returned_at + SEVENTY_TWO_HOURS],
        "other_authority_children": theirs,
        "other_authority_episodes": theirs,
        "away_episodes": [
            episode for episode in away if counting.include_other_authorities or not episode.other_authority
        ],
        "children_offered_in_month": [
            episode for episode in counted_ever if any(month_of(moment) == month for moment in episode.offers)
        ],
        "children_interviewed_in_month": [
            episode for episode in counted_ever if any(month_of(moment) == month for moment in episode.held)
        ],
        "children_interviewed_by_not_recorded": [
            episode for episode in counted_ever if any(month_of(moment) == month for moment in episode.written_up)
        ],
        **{measure: [] for measure in NEVER_IN_FILES},
    }


# ---- what is counted ----


def is_left(episode: Episode, narrowing: Narrowing) -> bool:
    """Whether an episode is among those that the figures are narrowed to."""
    youngest, oldest = narrowing.age or (episode.age, episode.age)
    in_our_care = episode.looked_after and not episode.other_authority
    return (
        narrowing.holder in {"", episode.holder}
        and narrowing.area in {"", episode.area}
        and youngest <= episode.age <= oldest
        and narrowing.looked_after in {None, in_our_care}
    )


def is_counted(episode: Episode, counting: Counting, narrowing: Narrowing) -> bool:
    """Whether the child is one of those who are counted, as chosen or else as the procedure says."""
    usual = "both" if counting.include_other_authorities else "ours"
    return (narrowing.whose or usual) in {"both", "theirs" if episode.other_authority else "ours"}


def children(episodes: Iterable[Episode]) -> int:
    """How many children these episodes are of, each once."""
    return len({episode.child_id for episode in episodes})


def rate(part: int, whole: int) -> Decimal | None:
    """The percentage, half-up to two decimals."""
    if not whole:
        return None
    return (Decimal(100) * part / whole).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def held_within_72_hours(episode: Episode, *, since: datetime | None) -> bool:
    """Held by 72 elapsed hours after `since`, or before it; exactly at the limit is in time."""
    return bool(episode.held_at and since and episode.held_at <= since + SEVENTY_TWO_HOURS)


def held_within_3_calendar_days(episode: Episode) -> bool:
    """Held by the end of the third day after the day of the return."""
    if not (episode.held_at and episode.returned_at):
        return False
    return local_date(episode.held_at) <= local_date(episode.returned_at) + timedelta(days=3)


def held_within_3_working_days(episode: Episode) -> bool:
    """Held by the end of the third working day after the day of the return."""
    if not (episode.held_at and episode.returned_at):
        return False
    return local_date(episode.held_at) <= third_working_day_after(local_date(episode.returned_at))


# ---- time ----


def months(first: str, last: str) -> Iterator[str]:
    """The names of the months from `first` to `last`, both included: "2025-12", "2026-01", …."""
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def month_of(moment: datetime) -> str:
    """The name of the month in London."""
    return f"{local_date(moment):%Y-%m}"


def years_between(born: date, day: date) -> int:
    """How many birthdays have come by a day."""
    years = 0
    while (born.year + years + 1, born.month, born.day) <= (day.year, day.month, day.day):
        years += 1
    return years


def third_working_day_after(day: date) -> date:
    """Mondays to Fridays less England's bank holidays; `day` itself is day 0."""
    found = 0
    while found < 3:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in BANK_HOLIDAYS:
            found += 1
    return day


# ---- episodes, with what the other files say of them ----


def read_episodes(folder: Path, counting: Counting, now: datetime, holders: Mapping[str, str]) -> list[Episode]:
    """Every episode that the files hold. Of the good rows with the same key the last one stands."""
    children_by_id = {row["child_id"]: row for row in good_rows(folder, "children.csv", now)}
    involvements = {
        (row["child_id"], row["service"], row["start"]): row
        for row in good_rows(folder, "involvements.csv", now)
        if row["child_id"] in children_by_id and row["start"] <= row.get("end", row["start"])
    }
    episodes = {
        row["episode_id"]: row
        for row in good_rows(folder, "episodes.csv", now)
        if row["child_id"] in children_by_id and not returned_before_last_seen(row)
    }
    episodes_of = {
        child_id: {row["episode_id"] for row in episodes.values() if row["child_id"] == child_id}
        for child_id in children_by_id
    }
    interviews = {
        row["interview_id"]: row
        for row in good_rows(folder, "interviews.csv", now)
        if set(row["episode_ids"].split()) <= episodes_of.get(row["child_id"], set())
    }
    return [
        episode_with_its_facts(
            row,
            child=children_by_id[row["child_id"]],
            care=[
                involvement
                for involvement in involvements.values()
                if involvement["child_id"] == row["child_id"] and involvement["service"] == "looked_after"
            ],
            interviews=[
                interview for interview in interviews.values() if row["episode_id"] in interview["episode_ids"].split()
            ],
            counting=counting,
            holder=holders.get(row["episode_id"], ""),
        )
        for row in episodes.values()
    ]


def episode_with_its_facts(
    row: Row, *, child: Row, care: list[Row], interviews: list[Row], counting: Counting, holder: str
) -> Episode:
    """`care` are the child's looked-after involvements, `interviews` the rows that name the episode.

    Of several outcomes one that means done stands; which of the others would is nothing to this table. Nor is which
    episode of a completed interview is `completed` and which are `covered`: both are done.
    """
    authority = child.get("responsible_authority")
    missing_from_day = local_date(instant(row["last_seen_at"]))
    decides_the_month = {
        "last_seen": moment_of(row, "last_seen_at"),
        "reported": moment_of(row, "reported_at"),
        "returned": returned_at(row),
    }[counting.month_of]
    outcomes = {interview["outcome"] for interview in interviews if "outcome" in interview}
    held = [instant(interview["held_at"]) for interview in interviews if "held_at" in interview]
    done = bool(outcomes & DONE) if outcomes else bool(held)
    return Episode(
        episode_id=row["episode_id"],
        child_id=row["child_id"],
        kind=row["kind"],
        month=month_of(decides_the_month) if decides_the_month else None,
        area=child.get("area", ""),
        age=years_between(
            date.fromisoformat(child["date_of_birth"]), local_date(returned_at(row) or instant(row["last_seen_at"]))
        ),
        holder=holder,
        other_authority=authority is not None and authority != counting.our_code,
        looked_after=any(covers(involvement, missing_from_day) for involvement in care),
        offers=tuple(
            instant(interview["offered_at"])
            for interview in interviews
            if "offered_at" in interview and "offered_to" in interview
        ),
        accepted=any(
            interview.get("response") == "accepted" and interview.get("offered_to") in {"child", "both"}
            for interview in interviews
        ),
        declined=any(
            interview.get("response") in {"declined_by_child", "declined_by_parent"} for interview in interviews
        ),
        done=done,
        is_open=not outcomes and not held,
        returned_at=returned_at(row),
        notified_at=moment_of(row, "notified_at"),
        held=tuple(held) if done else (),
        written_up=tuple(
            instant(interview["held_at"])
            for interview in interviews
            if done and "held_at" in interview and "written_up_at" in interview
        ),
    )


def covers(involvement: Row, day: date) -> bool:
    """Open on that day; the start and the end day are both inside."""
    return involvement["start"] <= day.isoformat() <= involvement.get("end", day.isoformat())
