"""The children: rows of children.csv."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from rhi.invention import pace, people
from rhi.invention.chance import Odds
from rhi.invention.pace import Habit, Pace
from rhi.invention.places import AREA_OF_A_CHILD, NEIGHBOURING_AUTHORITIES, OTHER_AUTHORITIES, address
from rhi.invention.world import World

AGES = {
    pace.ONCE: Odds({5: 1, 6: 1.2, 7: 1.5, 8: 1, 9: 1.5, 10: 2, 11: 4, 12: 8, 13: 13, 14: 18, 15: 20, 16: 18, 17: 12}),
    pace.NOW_AND_THEN: Odds({7: 0.5, 9: 0.5, 10: 1, 11: 3, 12: 7, 13: 14, 14: 19, 15: 22, 16: 20, 17: 14}),
    pace.PERSISTENT: Odds({12: 3, 13: 8, 14: 15, 15: 23, 16: 26, 17: 25}),
}
"""In years, on the day of the last episode."""

COMES_OF_AGE = 0.15
"""Of those aged 17, who turn 18 about the time of their last episode."""

RESPONSIBLE_AUTHORITY = Odds(
    {"": 96} | {code: 4 * (3 if code in NEIGHBOURING_AUTHORITIES else 1) / 21 for code in OTHER_AUTHORITIES}
)
LOOKED_AFTER = {pace.ONCE: 0.22, pace.NOW_AND_THEN: 0.36, pace.PERSISTENT: 0.6}


@dataclass(frozen=True, slots=True)
class Child:
    """A row of children.csv."""

    child_id: str
    first_name: str
    last_name: str
    date_of_birth: date
    sex: str
    ethnicity: str
    responsible_authority: str
    address_1: str
    address_2: str
    address_3: str
    address_4: str
    postcode: str
    area: str
    phone: str
    email: str
    language: str
    interpreter_needed: bool | None
    living_independently: bool
    uasc: bool
    restricted: bool

    def age_on(self, day: date) -> int:
        """In completed years."""
        born = self.date_of_birth
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class Life:
    """What is settled about a child, beside its row, before anything happens."""

    child: Child
    background: people.Background
    habit: Habit
    days: list[date]
    looked_after: bool

    @property
    def of_another_authority(self) -> bool:
        return self.child.responsible_authority != ""

    @property
    def comes_of_age(self) -> date:
        """The 18th birthday; of those born on 29 February the first of March."""
        born = self.child.date_of_birth
        leapling = (born.month, born.day) == (2, 29)
        return date(born.year + 18, 3, 1) if leapling else born.replace(year=born.year + 18)


def life(world: World, child_pace: Pace) -> Life:
    """A child that goes missing on the days of `child_pace`, and is under 18 on each of them."""
    rng = world.rng
    last_day = child_pace.days[-1]
    age = AGES[child_pace.habit].draw(rng)
    other = RESPONSIBLE_AUTHORITY.draw(rng)
    looked_after = bool(other) or rng.random() < LOOKED_AFTER[child_pace.habit]
    uasc = looked_after and age >= 14 and rng.random() < 0.1
    background = people.UNACCOMPANIED if uasc else people.BACKGROUNDS.draw(rng)
    sex = "M" if uasc and rng.random() < 0.8 else rng.choices("FMU", weights=(51, 48, 1))[0]
    first, last = people.first_name(rng, background, sex), rng.choice(background.surnames)
    area = AREA_OF_A_CHILD.draw(rng)
    language = background.language.draw(rng)
    line_1, line_2, line_3, line_4, postcode = address(rng, area)
    child = Child(
        child_id=f"C{next(world.child_numbers):06}",
        first_name=first,
        last_name=last,
        date_of_birth=born(rng, age, last_day),
        sex=sex,
        ethnicity=background.ethnicity.draw(rng),
        responsible_authority=other,
        address_1=line_1,
        address_2=line_2,
        address_3=line_3,
        address_4=line_4,
        postcode=postcode,
        area=area,
        phone=people.mobile(rng) if age >= 11 and rng.random() < 0.75 else "",
        email=people.family_email(first, last) if age >= 13 and rng.random() < 0.2 else "",
        language=language,
        interpreter_needed=needs_interpreter(rng, language, uasc=uasc),
        living_independently=age >= 16 and not other and rng.random() < 0.06,
        uasc=uasc,
        restricted=rng.random() < 0.015,
    )
    return Life(child, background, child_pace.habit, child_pace.days, looked_after)


def born(rng: Random, age: int, last_day: date) -> date:
    """Born so many years before the last episode; some of the eldest a few days less than 18 years before it."""
    if age == 17 and rng.random() < COMES_OF_AGE:
        return years_before(last_day + timedelta(days=rng.randint(2, 9)), 18)
    return years_before(last_day, age) - timedelta(days=rng.randint(0, 363))


def years_before(day: date, years: int) -> date:
    """29 February has its anniversary on 1 March."""
    if (day.month, day.day) == (2, 29):
        day += timedelta(days=1)
    return day.replace(year=day.year - years)


def needs_interpreter(rng: Random, language: str, *, uasc: bool) -> bool | None:
    """None where nobody has recorded it."""
    if language in {"", "English"}:
        return None if rng.random() < 0.3 else False
    return rng.random() < (0.75 if uasc else 0.15)
