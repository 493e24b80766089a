"""Every clock of random referrals against the slow model, on instants where arithmetic goes wrong."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from procedures.calendar import Calendar
from procedures.clocks import Absence, Clock, EpisodeFacts, Facts, Moment, Name, State, Unknown, evaluate
from procedures.spans import CalendarDays, CoreDays, Hours, Span, WorkingDays
from procedures.types import Clocks, MissingAgain, WorkingTime
from tests.reference import clocks as model
from tests.soak import evidence, soak_count

LONDON = ZoneInfo("Europe/London")

#: Local times around which cases gather.
UGLY = [
    "2026-03-29 00:59:59",  # the hour that does not exist follows
    "2026-03-29 02:00:00",
    "2026-03-26 22:00:00",  # 72 hours reach over the spring night
    "2026-10-25 01:30:00",  # happens twice
    "2026-10-25 02:00:00",
    "2026-10-23 16:00:00",  # a core day reaches over the autumn night
    "2017-10-29 01:00:00",
    "2017-03-26 00:30:00",
    "2026-04-02 10:00:00",  # Maundy Thursday
    "2026-04-02 23:59:59",
    "2026-04-06 12:00:00",  # Easter Monday
    "2026-12-24 16:59:59",  # Christmas Eve
    "2026-12-26 09:00:00",  # Boxing Day on a Saturday
    "2026-12-28 09:00:00",  # its substitute
    "2027-12-24 17:00:00",  # two substitutes after a weekend
    "2022-12-23 16:00:00",
    "2021-12-31 23:59:59",
    "2022-01-03 09:00:00",  # New Year's Day's substitute
    "2020-02-28 12:00:00",  # a leap day follows
    "2020-05-08 09:00:00",  # May Day moved to a Friday
    "2022-06-02 09:00:00",  # two bank holidays running, one of them moved
    "2022-09-19 11:00:00",  # a bank holiday proclaimed nine days before
    "2023-05-08 09:00:00",  # a coronation
    "2026-05-01 16:00:00",  # Friday before May Day
    "2026-05-25 17:00:00",  # a bank-holiday Monday
    "2026-08-28 16:00:00",
    "2026-08-31 00:00:00",
    "2026-11-20 16:00:00",  # an ordinary Friday
    "2026-11-21 12:00:00",
    "2026-11-23 08:59:59",
]
SLIPS = [timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)]
ZONES = [UTC, UTC, LONDON, timezone(timedelta(hours=5, minutes=30))]
LONG_AFTER = datetime(2028, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rules:
    """What clocks need of a procedure."""

    clocks: Clocks
    working_time: WorkingTime

    @property
    def calendar(self):
        return Calendar(**dict(self.working_time))


@dataclass(frozen=True)
class Case:
    facts: Facts
    rules: Rules
    now: datetime


@pytest.mark.soak
@pytest.mark.timeout(600)  # the whole takes a minute or two
def test_every_clock_equals_the_slow_model(soak_seed):
    cases = soak_count(10_000)

    for number in range(cases):
        case = random_case(random.Random(f"{soak_seed} {number}"))
        assert worked_out(case) == modelled(case), f"case {number} of seed {soak_seed}: {case}"

    evidence("clocks", seed=soak_seed, n=cases, result="every clock equal to the slow model")


@pytest.mark.slow
def test_the_random_cases_reach_every_state_of_every_clock_under_every_rule_on_missing_again():
    reached = set()
    for number in range(500):
        case = random_case(random.Random(number))
        rule = case.rules.clocks.missing_again
        reached |= {(rule, clock.name, clock.state(case.now)) for clock in clocks_of(case)}

    assert {(r, n, s) for r in MissingAgain for n in Name for s in State} - reached == set()


def clocks_of(case: Case) -> tuple[Clock, ...]:
    return evaluate(case.facts, case.rules, case.rules.calendar)


def worked_out(case: Case):
    return {
        (str(clock.name), clock.episode): (
            clock.starts_at,
            clock.due_at,
            clock.met_at,
            str(clock.state(case.now)),
            clock.settled is None,
            clock.late_on_arrival,
        )
        for clock in clocks_of(case)
    }


def modelled(case: Case):
    return model.standings(case.facts, case.rules, case.now)


def random_case(r: random.Random) -> Case:
    """A referral whose stops, outcomes and question fall on or beside the limits that its starts give."""
    rules = random_rules(r)
    starts = random_starts(r)
    limits = sorted(due for _, due, *_ in model.standings(starts, rules, LONG_AFTER).values() if due) or [at(UGLY[0])]

    def beside_a_limit() -> datetime:
        limit = r.choice(limits)
        return r.choice([limit, near(r, limit)])

    episodes = tuple(
        replace(
            episode,
            offered_to_child=maybe(r, beside_a_limit(), 0.45),
            contacted=maybe(r, beside_a_limit(), 0.45),
            held=maybe(r, beside_a_limit(), 0.45),
            closed=if_any(r, beside_a_limit(), 0.35),
            required=r.random() < 0.9,
        )
        for episode in starts.episodes
    )
    facts = replace(
        starts,
        episodes=episodes,
        absences=random_absences(r, episodes),
        assigned=maybe(r, beside_a_limit(), 0.5),
        held=r.choice([starts.held, maybe(r, beside_a_limit(), 0.5), None]),
        written_up=maybe(r, beside_a_limit(), 0.5),
        closed=if_any(r, beside_a_limit(), 0.35),
    )
    return Case(facts, rules, zoned(r, beside_a_limit()))


def random_starts(r: random.Random) -> Facts:
    """A referral with nothing but the facts that start its clocks."""
    episodes = []
    for name in "ABC"[: r.choice([1, 1, 2, 3])]:
        returned = near(r, at(r.choice(UGLY)))
        notified = r.choice([returned, near(r, returned + timedelta(hours=r.choice([1, 72, 73, 130])))])
        # Last seen after the return is how a return known only by its day looks.
        away = r.choice([*SLIPS, timedelta(hours=30), timedelta(days=4), timedelta(), timedelta(hours=-9)])
        episodes.append(
            EpisodeFacts(
                name, zoned(r, returned - away), returned=maybe(r, returned, 0.8), notified=maybe(r, notified, 0.8)
            )
        )
    tray = near(r, notified)
    return Facts(
        tuple(episodes), in_tray=maybe(r, tray), accepted=maybe(r, near(r, tray)), held=maybe(r, near(r, tray))
    )


def random_absences(r: random.Random, episodes: tuple[EpisodeFacts, ...]) -> tuple[Absence, ...]:
    """All of the child's absences: the referral's own, and others that begin on or beside what bounds "again"."""
    own = [Absence(e.episode, e.last_seen_at, if_known(e.returned), if_known(e.notified)) for e in episodes]
    bounds = [bound for e in episodes for bound in (e.returned, e.held, e.closed, e.last_seen_at) if if_known(bound)]
    others = []
    for name in "XYZ"[: r.choice([0, 0, 1, 2, 3])]:
        bound = r.choice(bounds)
        last_seen = r.choice([bound, near(r, bound)])
        back = near(r, last_seen + timedelta(hours=r.choice([1, 20, 100])))
        returned = if_any(r, back, 0.75)
        others.append(Absence(name, zoned(r, last_seen), returned, returned and if_any(r, near(r, back), 0.75)))
    return tuple(r.sample(own + others, len(own + others)))


def random_rules(r: random.Random) -> Rules:
    limits = {
        name: random_limit(r) for name in ("assign", "offer", "contact", "interview", "write_up") if r.random() < 0.8
    }
    closing = [date(2026, 12, 24), date(2026, 12, 27), date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)]
    return Rules(
        Clocks(missing_again=r.choice(list(MissingAgain)), **limits),
        WorkingTime(
            core_start=r.choice([time(9), time(9), time(8, 30), time(0)]),
            core_end=r.choice([time(17), time(17), time(16, 45), time(23, 59)]),
            closure_days=frozenset(r.sample(closing, r.choice([0, 0, 3]))),
        ),
    )


def random_limit(r: random.Random) -> Span:
    unit = r.choice([Hours, CalendarDays, WorkingDays, CoreDays])
    return unit(r.choice([1, 2, 3, 24, 48, 72] if unit is Hours else [1, 1, 2, 3, 5]))


def at(local: str) -> datetime:
    """A local time of England as an instant in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)


def near(r: random.Random, instant: datetime) -> datetime:
    """The instant, or one a little or some days beside it, in UTC."""
    slip = r.choice([timedelta(), *SLIPS, timedelta(seconds=r.randrange(10 * 24 * 3600))])
    return instant.astimezone(UTC) + r.choice([1, -1]) * slip


def zoned(r: random.Random, instant: datetime) -> datetime:
    """The same instant as somebody else may write it."""
    return instant.astimezone(r.choice(ZONES))


def maybe(r: random.Random, instant: datetime, known: float = 0.75) -> Moment:
    """Happened at this instant, else at an unknown time or not at all."""
    return zoned(r, instant) if r.random() < known else r.choice([None, Unknown.TIME])


def if_any(r: random.Random, instant: datetime, chance: float) -> datetime | None:
    return zoned(r, instant) if r.random() < chance else None


def if_known(moment: Moment) -> datetime | None:
    return moment if isinstance(moment, datetime) else None
