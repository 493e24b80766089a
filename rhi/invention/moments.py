"""When things happen. Moments are in UTC; people, and the files, go by the clocks of London."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def moment(day: date, minutes: int) -> datetime:
    """The moment at which London's clocks show so many minutes past midnight of `day`; 1500 is 01:00 the next day."""
    wall = datetime.combine(day, time(), tzinfo=LONDON) + timedelta(minutes=minutes)
    return wall.astimezone(UTC)


def local_day(at: datetime) -> date:
    """London's date at that moment."""
    return at.astimezone(LONDON).date()


def written(at: datetime) -> str:
    """London's time, without an offset; with it in the hour that happens twice, where alone it is needed."""
    local = at.astimezone(LONDON)
    doubled = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return (local if doubled else local.replace(tzinfo=None)).isoformat(timespec="minutes")


@lru_cache(maxsize=8192)
def clocks_change_after(day: date) -> bool:
    """Whether the clocks change in the night that follows `day`."""
    return moment(day, 12 * 60) + timedelta(hours=24) != moment(day + timedelta(days=1), 12 * 60)


def minutes(rng: Random, low: float, high: float) -> timedelta:
    """A span between two numbers of hours, in whole minutes."""
    return timedelta(minutes=int(rng.uniform(low * 60, high * 60)))


def by_day(rng: Random, earliest: datetime) -> datetime:
    """When somebody of the service acts who may do so from `earliest`: between 8 and 19, seldom at a weekend."""
    wall = earliest.astimezone(LONDON)
    if wall.hour >= 19:
        wall = wall.replace(hour=0) + timedelta(days=1)
    if wall.hour < 8:
        wall = wall.replace(hour=rng.choice((8, 9, 9, 10, 10, 11, 12, 14)), minute=rng.randrange(0, 60, 5))
    while wall.weekday() >= 5 and rng.random() < 0.5:
        wall += timedelta(days=1)
    return wall.astimezone(UTC)


def in_office_hours(at: datetime) -> bool:
    """Whether schools and offices answer at that moment."""
    wall = at.astimezone(LONDON)
    return wall.weekday() < 5 and 9 <= wall.hour < 16


def by_evening(rng: Random, earliest: datetime) -> datetime:
    """A moment from `earliest` after core hours, when families are at home: between 17:15 and 19:45."""
    wall = earliest.astimezone(LONDON)
    if wall.hour >= 17:
        wall += timedelta(days=1)
    return (wall.replace(hour=17, minute=15) + timedelta(minutes=rng.randrange(0, 150, 5))).astimezone(UTC)
