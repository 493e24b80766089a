"""How often children go missing, month by month, so that the wished means come out whatever they are.

A month has *places* for children, and every child takes one place in each month in which it goes missing at all: the
number of children a month is met exactly. In such a month a child goes missing once and, by its habit, again; habits
differ widely (two fifths of the episodes belong to a twelfth of the children), and are held to the wished mean by what
is still owed. Nothing else is remembered, so children can be made one at a time.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, pairwise
from math import log
from random import Random

from rhi.invention.chance import Odds
from rhi.invention.moments import clocks_change_after

MOST_EPISODES_IN_A_MONTH = 20
"""Of one child."""

SOON_PAID = 10
"""So many episodes owed double the number of further ones: small against a month, large against one child's."""

HIGHEST_MEAN = 8
"""Episodes for each child that went missing in a month. Beyond it, the most leaves no room for children to differ."""


@dataclass(frozen=True)
class Wish:
    """What is asked for. `until` is the day on which the records end; nothing on or after it is in them.

    The records cover so many whole calendar months and what has passed of the month of `until`.
    """

    months: int
    episodes_per_month: int
    children_per_month: int
    until: date
    seed: int

    def first_days(self) -> list[date]:
        """Of the months covered, in order."""
        current = self.until.year * 12 + self.until.month - 1
        until_is_covered = self.until.day > 1
        return [date(n // 12, n % 12 + 1, 1) for n in range(current - self.months, current + until_is_covered)]


@dataclass(frozen=True)
class Habit:
    """How a child goes missing: in how many months, and how much more often than others in such a month."""

    fewest_months: int
    most_months: int
    again: float


ONCE = Habit(1, 1, again=0.25)
NOW_AND_THEN = Habit(2, 4, again=0.7)
PERSISTENT = Habit(4, 9, again=2.4)
HABITS = Odds({ONCE: 64, NOW_AND_THEN: 28, PERSISTENT: 8})


@dataclass(frozen=True)
class Pace:
    """One child's habit and the days on which it goes missing, in order; at most one episode begins on a day."""

    habit: Habit
    days: list[date]


def paces(wish: Wish, rng: Random) -> Iterator[Pace]:
    """Of all the children, one after another."""
    first_days = wish.first_days()
    places = monthly_places(wish, len(first_days), rng)
    untouched = set(range(len(first_days)))
    mean = wish.episodes_per_month / wish.children_per_month
    owed = 0.0
    while any(places):
        habit = HABITS.draw(rng)
        restless = rng.gammavariate(2, 0.5)  # around 1: children of one habit differ too
        days: list[date] = []
        for month in months_of(habit, places, rng):
            places[month] -= 1
            further = (mean - 1) * habit.again * restless * max(0.0, 1 + owed / SOON_PAID)
            chosen = days_in(first_days[month], further, rng, with_clock_change=month in untouched)
            untouched.discard(month)
            if month < wish.months:  # the current one, cut off somewhere, settles no debt of the whole ones
                owed += mean - len(chosen)
            days += [day for day in chosen if day < wish.until]
        if days:
            yield Pace(habit, days)


def monthly_places(wish: Wish, months: int, rng: Random) -> list[int]:
    """How many children go missing in each month: some months are worse than others, their mean is as wished."""
    shares = [rng.uniform(0.88, 1.12) for _ in range(wish.months)]
    total = wish.children_per_month * wish.months
    reached = [round(total * share / sum(shares)) for share in accumulate(shares, initial=0.0)]
    whole = [after - before for before, after in pairwise(reached)]
    return whole + [wish.children_per_month] * (months - wish.months)


def months_of(habit: Habit, places: list[int], rng: Random) -> list[int]:
    """The months in which such a child goes missing, nearly one after the other, as far as there are places."""
    month = rng.choices(range(len(places)), weights=places)[0]
    chosen = [month]
    wanted = rng.randint(habit.fewest_months, habit.most_months)
    while len(chosen) < wanted and (month := month + rng.choice((1, 1, 1, 2))) < len(places):
        if places[month]:
            chosen.append(month)
    return chosen


def days_in(first: date, further: float, rng: Random, *, with_clock_change: bool) -> list[date]:
    """The days of one month on which one child goes missing: one day, and others whose mean number is `further`."""
    days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
    # A number that falls off geometrically: mostly few, now and then many. The remainder falls off just the same.
    extra = int(log(1 - rng.random()) / log(further / (1 + further))) if further > 0 else 0
    chosen = rng.sample(days, 1 + extra % MOST_EPISODES_IN_A_MONTH)
    if with_clock_change:
        eves = [day for day in days if clocks_change_after(day)]
        chosen[: len(eves)] = eves
    return sorted(set(chosen))
