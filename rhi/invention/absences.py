"""The episodes of a child: rows of episodes.csv."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import log
from random import Random

from rhi.invention.chance import Odds
from rhi.invention.children import Life
from rhi.invention.involvements import Involvement, last_known_day, placement_on
from rhi.invention.moments import LONDON, clocks_change_after, local_day, minutes, moment
from rhi.invention.world import World

HOUR_LAST_SEEN = Odds(
    {7: 2, 8: 3, 9: 2, 10: 2, 11: 2, 12: 3, 13: 3, 14: 4, 15: 8, 16: 8, 17: 8, 18: 10, 19: 11, 20: 12}
    | {21: 14, 22: 14, 23: 10, 24: 6, 25: 4, 26: 2}
)
"""Hours of a day and of the night after it: 25 is one o'clock. The pause until 7 keeps two days' episodes apart."""

MEDIAN, SPREAD = log(7.5 * 60), 1.25
"""Of the logarithm of the minutes away: half are back within 7½ hours, five in six within a day, some after a week."""

SHORTEST, LONGEST = timedelta(minutes=40), timedelta(days=14)
AT_HOME_BETWEEN = timedelta(hours=1)
"""The least time between a return and the next episode."""

AWAY = 0.1
"""Episodes without permission where it is known where the child is, for each missing one of a looked-after child."""

SOURCES = Odds({"police": 74, "case_system": 13, "social_worker": 5, "parent": 4, "other": 2, "other_authority": 2})
SOURCES_IN_CARE = Odds({"police": 64, "case_system": 14, "placement": 13, "social_worker": 7, "other": 2})
SOURCES_OF_ANOTHER_AUTHORITY = Odds({"police": 55, "other_authority": 35, "placement": 10})
POLICE_RISKS = Odds({"medium": 58, "high": 17, "low": 14, "no_apparent_risk": 7, "not_known": 4})
POLICE_RISKS_OF_OLD = Odds({"medium": 48, "absent": 20, "high": 15, "low": 13, "not_known": 4})
ABSENT_WAS_GIVEN_UP = date(2018, 1, 1)
"""The police graded children as *absent* until 2017; since then as missing without apparent risk."""

ENDED_HOW = Odds(
    {
        "returned": 50,
        "found_by_police": 19,
        "brought_by_carer": 13,
        "brought_by_other": 5,
        "whereabouts_known": 5,
        "arrested": 4,
        "hospital": 2.5,
        "other": 1.5,
    }
)
ENDED_HOW_WHEN_AWAY = Odds({"returned": 66, "brought_by_carer": 28, "brought_by_other": 6})
RETURN_PRECISIONS = Odds({"exact": 78, "estimated": 16, "date": 6})
MISSING_FROM_PLACEMENT = {
    "foster_care": "foster_care",
    "kinship": "foster_care",
    "childrens_home": "childrens_home",
    "supported_accommodation": "supported_accommodation",
    "residential_school": "residential_school",
    "secure": "secure",
    "other": "other",
}
HOURS_UNTIL_TOLD = Odds({(0.3, 6): 52, (6, 18): 34, (18, 40): 8, (40, 72): 2, (73, 220): 4})
"""From the return until the service learns of it; one in 25 after 72 hours."""

CIRCUMSTANCES = {
    ("home", "school"): (
        "Did not come home from school; seen in town with friends.",
        "Left school at lunch and did not go back.",
        "Dropped off at school; not there at registration.",
        "Left after an argument about a phone.",
    ),
    ("home", "day"): (
        "Went out to meet friends and did not answer calls.",
        "Went to see a boyfriend and stayed.",
        "Walked out after being told that the weekend away was cancelled.",
        "Left after an argument about a phone.",
        "Went to the park with a cousin; the cousin came home alone.",
    ),
    ("home", "night"): (
        "Argument with a parent about being out late.",
        "Missed the last bus and did not ring.",
        "Left during the night; bed found empty in the morning.",
        "Said they were staying with a friend; the friend's parents did not know.",
        "Did not come home by the agreed time; phone switched off.",
        "Went to a party and stayed out.",
    ),
    ("care", "school"): (
        "Did not come back from college; phone switched off.",
        "Left the school site at break with another child.",
        "Upset after a telephone call with family.",
    ),
    ("care", "day"): (
        "Said they were going to the shop and did not return.",
        "Went to see family without permission; not there when staff called.",
        "Unhappy about a move; had said they would leave.",
        "Out with two others from the same placement.",
    ),
    ("care", "night"): (
        "Did not come back at the agreed time.",
        "Left after the evening meal; was followed for a while.",
        "Left by taxi; it is not known who booked it.",
        "Left by the back door at bedtime.",
        "Out with two others from the same placement.",
        "Upset after a telephone call with family.",
    ),
}
"""By where the child lives, and when it left: on a school day before the evening, by day otherwise, or later."""

WHEN_AWAY = (
    "At their mother's address without permission; spoke to staff by telephone.",
    "Staying with a friend known to the placement; refused to come back that night.",
    "Known to be at a party; collected the next morning.",
)


@dataclass(frozen=True, slots=True)
class Episode:
    """A row of episodes.csv."""

    episode_id: str
    child_id: str
    kind: str
    last_seen_at: datetime
    reported_at: datetime | None
    returned_at: datetime | None
    return_precision: str
    notified_at: datetime | None
    source: str
    police_ref: str
    police_risk: str
    missing_from: str
    ended_how: str
    circumstances: str


@dataclass(frozen=True, slots=True)
class Absence:
    """What happened, of which the row says what is known: a return may be known by its date only, or not yet at all.

    `told` is when the service learns of the return, also where nobody wrote that time down.
    """

    left: datetime
    back: datetime
    told: datetime
    episode: Episode


def absences(world: World, life: Life, involvements: Sequence[Involvement]) -> list[Absence]:
    """All of one child, in order, never two at once."""
    days = dict.fromkeys(life.days, "missing") | dict.fromkeys(days_away(world, life, involvements), "away")
    left = sorted((last_seen(world, day), kind) for day, kind in days.items())
    following = [*(at for at, _ in left[1:]), None]
    return [
        absence(world, life, kind, at, then, placement_on(involvements, local_day(at)))
        for (at, kind), then in zip(left, following, strict=True)
    ]


def days_away(world: World, life: Life, involvements: Sequence[Involvement]) -> Iterator[date]:
    """Days close to the others on which a looked-after child is away without permission."""
    for day in life.days:
        if world.rng.random() < AWAY:
            another = day + timedelta(days=world.rng.choice((-3, -2, -1, 1, 2, 3)))
            free = another not in life.days and another.month == day.month and another <= last_known_day(world)
            under_18 = another + timedelta(days=1) < life.comes_of_age
            if free and under_18 and placement_on(involvements, another):
                yield another


def last_seen(world: World, day: date) -> datetime:
    """A time of that day, or of the night after unless that belongs to another month or lies beyond the end."""
    rng = world.rng
    if clocks_change_after(day) and rng.random() < 0.25:  # about the hour that is skipped or happens twice
        at = moment(day, 24 * 60) + minutes(rng, 0.5, 2.9)
    else:
        at = moment(day, HOUR_LAST_SEEN.draw(rng) * 60 + rng.randrange(0, 60, 5))
    if local_day(at).month != day.month or at >= world.ends_at:
        at -= timedelta(hours=4)
    return at


def absence(
    world: World, life: Life, kind: str, left: datetime, following: datetime | None, placement: Involvement | None
) -> Absence:
    """One, that began at `left` and is over before the `following` one begins."""
    rng = world.rng
    back, ended_how = end(world, life, kind, left, following)
    told = back + minutes(rng, *HOURS_UNTIL_TOLD.draw(rng))
    if following:  # whoever reports the next episode tells of the return from this one
        told = min(told, following - timedelta(minutes=10))
    reported = reported_to_police(world, kind, left, back)
    returned, precision = return_as_recorded(rng, left, reported or left, back, ended_how)
    number = next(world.episode_numbers)
    known = told < world.ends_at
    episode = Episode(
        episode_id=f"E{number:07}",
        child_id=life.child.child_id,
        kind=kind,
        last_seen_at=left,
        reported_at=reported,
        returned_at=returned if known else None,
        return_precision=precision if known else "",
        notified_at=told if known and rng.random() < 0.985 else None,
        source=source(world, life, placement),
        police_ref=f"MP/{left:%y}/{number:07}" if reported else "",
        police_risk=police_risk(rng, left) if reported else "",
        missing_from=missing_from(rng, life, placement),
        ended_how=ended_how if known else "",
        circumstances=circumstances(rng, kind, left, placement),
    )
    return Absence(left, back, told, episode)


def end(world: World, life: Life, kind: str, left: datetime, following: datetime | None) -> tuple[datetime, str]:
    """When the child is back, or found, and how the episode ended."""
    rng = world.rng
    birthday = moment(life.comes_of_age, 0)
    if following is None and birthday - left < LONGEST and rng.random() < 0.5:
        return birthday, "turned_18"
    ended_how = (ENDED_HOW_WHEN_AWAY if kind == "away" else ENDED_HOW).draw(rng)
    longest = min(LONGEST, following - AT_HOME_BETWEEN - left) if following else LONGEST
    back = left + min(max(timedelta(minutes=int(rng.lognormvariate(MEDIAN, SPREAD))), SHORTEST), longest)
    if clocks_change_after(local_day(left)) and rng.random() < 0.5:
        in_the_night = moment(local_day(left), 24 * 60) + minutes(rng, 0.5, 2.9)
        back = in_the_night if SHORTEST <= in_the_night - left <= longest else back
    return back, ended_how


def reported_to_police(world: World, kind: str, left: datetime, back: datetime) -> datetime | None:
    """Nearly always when missing, seldom when away; before the child is back, mostly within hours."""
    rng = world.rng
    if rng.random() > (0.94 if kind == "missing" else 0.2):
        return None
    waited = min(timedelta(minutes=int(rng.lognormvariate(log(100), 0.8))), (back - left) * 0.8)
    return world.known(left + timedelta(minutes=waited // timedelta(minutes=1)))


def return_as_recorded(
    rng: Random, left: datetime, reported: datetime, back: datetime, ended_how: str
) -> tuple[datetime, str]:
    """The return as it is written down, and how precisely: a return known by its date only is written as midnight."""
    precision = "date" if ended_how == "turned_18" else RETURN_PRECISIONS.draw(rng)
    if precision == "date" and local_day(back) > local_day(reported):
        return moment(local_day(back), 0), "date"
    if precision == "estimated" and back - left > timedelta(hours=3):
        return back - timedelta(minutes=back.minute % 30), "estimated"
    return back, "exact"


def source(world: World, life: Life, placement: Involvement | None) -> str:
    """Who told the service."""
    if life.of_another_authority:
        return SOURCES_OF_ANOTHER_AUTHORITY.draw(world.rng)
    return (SOURCES_IN_CARE if placement else SOURCES).draw(world.rng)


def police_risk(rng: Random, left: datetime) -> str:
    """In the words of the time."""
    return (POLICE_RISKS_OF_OLD if local_day(left) < ABSENT_WAS_GIVEN_UP else POLICE_RISKS).draw(rng)


def missing_from(rng: Random, life: Life, placement: Involvement | None) -> str:
    """Mostly where the child lives."""
    if rng.random() < 0.015:
        return "hospital"
    if placement:
        return MISSING_FROM_PLACEMENT[placement.placement_kind]
    return "independent" if life.child.living_independently else "family_home"


def circumstances(rng: Random, kind: str, left: datetime, placement: Involvement | None) -> str:
    """In a sentence, or nothing."""
    wall = left.astimezone(LONDON)
    if rng.random() < 0.15:
        return ""
    if kind == "away":
        return rng.choice(WHEN_AWAY)
    part = "night" if not 7 <= wall.hour < 18 else "school" if wall.weekday() < 5 else "day"
    return rng.choice(CIRCUMSTANCES["care" if placement else "home", part])
