"""Who works with the children: invented teams and workers."""

from collections import Counter
from random import Random

from rhi.invention import people
from rhi.invention.places import AREAS, OTHER_AUTHORITIES

UNKNOWN_AREA = "unknown area"
SOCIAL_CARE = "Children's Social Care"


def intervention_service(area: str) -> str:
    """The team that interviews the children of an area, and works with families there."""
    return f"Family Intervention Service: {area or UNKNOWN_AREA}"


TEAMS_OF_A_SERVICE = {
    "looked_after": ("Children Looked After Team East", "Children Looked After Team West"),
    "child_protection": ("Safeguarding and Court Team East", "Safeguarding and Court Team West"),
    "child_in_need": ("Child in Need Team North", "Child in Need Team South"),
    "assessment": tuple(f"Assessment Team: {area}" for area in AREAS),
    "family_service": tuple(intervention_service(area) for area in AREAS),
    "youth_justice": ("Youth Justice Team",),
    "care_leaver": ("Leaving Care Team",),
}


def team_of(rng: Random, service: str, area: str) -> str:
    """One of those that give the service: the area's, where each area has its own."""
    teams = TEAMS_OF_A_SERVICE[service]
    return teams[AREAS.index(area)] if area and len(teams) == len(AREAS) else rng.choice(teams)


def team_of_another(authority: str) -> str:
    """The team of another authority that looks after its children."""
    return f"{OTHER_AUTHORITIES[authority]} Children in Care Team"


class Teams:
    """Every team with the email addresses of its workers. A worker belongs to one team."""

    def __init__(self, rng: Random, workers_in_each: int) -> None:
        self.rng = rng
        self._taken: Counter[str] = Counter()
        names = [
            *(team for teams in TEAMS_OF_A_SERVICE.values() for team in teams),
            *(intervention_service(""), SOCIAL_CARE),
            *(team_of_another(authority) for authority in OTHER_AUTHORITIES),
        ]
        self._workers = {name: [self._worker() for _ in range(workers_in_each)] for name in names}

    def worker(self, team: str) -> str:
        return self.rng.choice(self._workers[team])

    def _worker(self) -> str:
        background = people.BACKGROUNDS.draw(self.rng)
        first = people.first_name(self.rng, background, self.rng.choice("FFM"))
        last = self.rng.choice(background.surnames)
        alone = people.worker_email(first, last, 0)
        self._taken[alone] += 1
        return people.worker_email(first, last, self._taken[alone] - 1)
