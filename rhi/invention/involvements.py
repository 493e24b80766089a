"""Which services a child is open to, since when and until when: rows of involvements.csv."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta

from rhi.invention.chance import Odds
from rhi.invention.children import Life
from rhi.invention.moments import local_day
from rhi.invention.places import DISTANT_AUTHORITIES, NEIGHBOURING_AUTHORITIES
from rhi.invention.teams import team_of, team_of_another
from rhi.invention.world import World

SERVICES_OF_A_CHILD_AT_HOME = Odds(
    {
        (): 40,
        ("family_service",): 17,
        ("child_in_need",): 14,
        ("assessment",): 11,
        ("child_protection",): 9,
        ("child_in_need", "family_service"): 4,
        ("assessment", "family_service"): 3,
        ("child_protection", "family_service"): 2,
    }
)
CLOSED_BEFORE = Odds({"": 62, "child_in_need": 14, "family_service": 10, "assessment": 10, "child_protection": 4})
"""A service that had been open once, of a child open to nobody now."""

DAYS_OPEN_BEFORE = {
    "looked_after": (40, 2600),
    "child_protection": (10, 420),
    "child_in_need": (10, 600),
    "assessment": (1, 40),
    "family_service": (5, 300),
    "youth_justice": (10, 250),
    "care_leaver": (5, 120),
}
"""How long before the first episode a service became open: the fewest and the most days."""

PLACEMENTS = Odds(
    {"childrens_home": 38, "foster_care": 42, "kinship": 10, "residential_school": 5, "secure": 2, "other": 3}
)
PLACEMENTS_FROM_16 = Odds(
    {
        "childrens_home": 32,
        "supported_accommodation": 28,
        "foster_care": 26,
        "kinship": 5,
        "residential_school": 3,
        "secure": 2,
        "other": 4,
    }
)

PLACEMENT_PROVIDERS = {
    "childrens_home": ("Harbour Lane House", "Northmead House", "The Old Creamery", "Larkhill Homes", "Kestrel Lodge"),
    "foster_care": ("", "", "Westbrook Fostering", "Five Oaks Fostering"),
    "supported_accommodation": ("Stepping On", "Quayside Rooms", "Tideway Housing"),
    "kinship": ("",),
    "residential_school": ("Hollowdene School", "Marsh End School"),
    "secure": ("Blackthorn Secure Home",),
    "other": ("",),
}
PLACEMENT_AREAS = Odds({"in_area": 58, "neighbouring": 19, "out_of_area": 23})
AREAS_OF_ANOTHER_AUTHORITY = Odds({"neighbouring": 30, "out_of_area": 70})
"""As that authority sees it, whose child lives with us."""

WHAT_CHANGED = Odds({"nothing": 75, "worker": 25})
WHAT_CHANGED_IN_CARE = Odds({"nothing": 55, "worker": 18, "placement": 27})


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a looked-after child lives: the last four columns of the row."""

    placement_kind: str
    placement_area: str
    host_authority: str
    placement_provider: str


NOT_PLACED = Placement("", "", "", "")


@dataclass(frozen=True, slots=True)
class Involvement:
    """A row of involvements.csv."""

    child_id: str
    service: str
    start: date
    end: date | None
    team: str
    worker_email: str
    placement_kind: str = ""
    placement_area: str = ""
    host_authority: str = ""
    placement_provider: str = ""

    def covers(self, day: date) -> bool:
        """Start and end days included."""
        return self.start <= day and (self.end is None or day <= self.end)


def involvements(world: World, life: Life) -> list[Involvement]:
    """All of one child, open and closed, in order of their start; none begins after the records end."""
    rows = [*(in_care(world, life) if life.looked_after else at_home(world, life))]
    may_offend = life.child.age_on(life.days[0]) >= 12 and not life.of_another_authority
    if may_offend and world.rng.random() < (0.12 if life.looked_after else 0.06):
        rows += service(world, life, "youth_justice", begins(world, life, "youth_justice"), ending(world, life, 0.3))
    return sorted(rows, key=lambda row: (row.start, row.service))


def in_care(world: World, life: Life) -> Iterator[Involvement]:
    """Looked after, mostly since long before; some come into care, or leave it, between two episodes."""
    rng, first, last = world.rng, life.days[0], life.days[-1]
    start, end = begins(world, life, "looked_after"), ending(world, life, 0.06)
    if not life.of_another_authority and rng.random() < 0.12:
        start = min(first + timedelta(days=rng.randint(1, max(1, (last - first).days))), last_known_day(world))
        yield from service(world, life, "child_protection", begins(world, life, "child_protection"), start)
        end = None
    yield from service(world, life, "looked_after", start, end)


def at_home(world: World, life: Life) -> Iterator[Involvement]:
    """Open to one service, to several, to none any more, or never to any."""
    rng, first = world.rng, life.days[0]
    open_to = SERVICES_OF_A_CHILD_AT_HOME.draw(rng)
    for name in open_to:
        start, end = begins(world, life, name), ending(world, life, 0.2)
        if name == "assessment" and rng.random() < 0.3:  # it was the episode that led to it
            start, end = min(first + timedelta(days=rng.randint(1, 5)), last_known_day(world)), None
        yield from service(world, life, name, start, end)
    if not open_to and (closed := CLOSED_BEFORE.draw(rng)):
        end = first - timedelta(days=rng.randint(1, 400))
        yield from service(world, life, closed, end - timedelta(days=rng.randint(30, 300)), end)
    if life.child.age_on(first) >= 16 and rng.random() < 0.08:
        left = begins(world, life, "care_leaver")
        yield from service(world, life, "looked_after", left - timedelta(days=rng.randint(200, 2000)), left)
        yield from service(world, life, "care_leaver", left, None)


def begins(world: World, life: Life, name: str) -> date:
    """A day before the first episode, and after the birth, on which such a service became open."""
    start = life.days[0] - timedelta(days=world.rng.randint(*DAYS_OPEN_BEFORE[name]))
    return max(start, life.child.date_of_birth + timedelta(days=1))


def ending(world: World, life: Life, probability: float) -> date | None:
    """With that probability, a day after the first episode on which a service closed."""
    first, last = life.days[0], last_known_day(world)
    if first >= last or world.rng.random() >= probability:
        return None
    return first + timedelta(days=world.rng.randint(1, min(200, (last - first).days)))


def last_known_day(world: World) -> date:
    """The day before the records end."""
    return local_day(world.ends_at) - timedelta(days=1)


def service(world: World, life: Life, name: str, start: date, end: date | None) -> Iterator[Involvement]:
    """One spell of a service: a row, or two where the worker or the placement changed on the way."""
    rng = world.rng
    other = life.child.responsible_authority
    team = team_of_another(other) if other else team_of(rng, name, life.child.area)
    if rng.random() < 0.015:
        team = ""  # an incomplete record
    in_care = name == "looked_after"
    placement = placed(world, life) if in_care else NOT_PLACED
    worker = worker_of(world, team)
    changed = (WHAT_CHANGED_IN_CARE if in_care else WHAT_CHANGED).draw(rng)
    last = (end or last_known_day(world)) - timedelta(days=1)
    if changed != "nothing" and (last - start).days > 20:
        until = start + timedelta(days=rng.randint(10, (last - start).days))
        yield Involvement(life.child.child_id, name, start, until, team, worker, *astuple(placement))
        start = until + timedelta(days=1)
        if changed == "worker":
            worker = worker_of(world, team, not_again=worker)
        else:
            placement = placed(world, life)
    yield Involvement(life.child.child_id, name, start, end, team, worker, *astuple(placement))


def worker_of(world: World, team: str, not_again: str = "") -> str:
    """Mostly one of the team; blank where the child waits for a worker, or has no team."""
    worker = world.teams.worker(team) if team and world.rng.random() < 0.87 else ""
    return "" if worker == not_again else worker


def placed(world: World, life: Life) -> Placement:
    """A home, with the authority it lies in; that is left blank where it is ours, as for another authority's child."""
    rng = world.rng
    kind = (PLACEMENTS_FROM_16 if life.child.age_on(life.days[0]) >= 16 else PLACEMENTS).draw(rng)
    area = (AREAS_OF_ANOTHER_AUTHORITY if life.of_another_authority else PLACEMENT_AREAS).draw(rng)
    host = ""
    if not life.of_another_authority and area != "in_area":
        host = rng.choice(tuple(NEIGHBOURING_AUTHORITIES if area == "neighbouring" else DISTANT_AUTHORITIES))
    return Placement(kind, area, host, rng.choice(PLACEMENT_PROVIDERS[kind]))


def placement_on(involvements: Sequence[Involvement], day: date) -> Involvement | None:
    """The looked-after involvement that covers the day."""
    return next((row for row in involvements if row.service == "looked_after" and row.covers(day)), None)
