"""A few children's May 2026 in Somerset, and people of every role that reads figures: what tests of the pages need."""

from dataclasses import dataclass
from pathlib import Path

from staff.models import Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, interview, publish
from tests.staff.people import make_person

TAUNTON = "Family Intervention Service: Taunton"
MAY = "from=2026-05&to=2026-05"


@dataclass
class Authority:
    """Who reads the figures."""

    manager: User
    leader: User
    coordinator: User


def people() -> Authority:
    """A manager, a leader of the Taunton team, and a coordinator."""
    made = Authority(
        manager=make_person("morgan.ellis@example.org", "Morgan Ellis", Role.MANAGER),
        leader=make_person("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER),
        coordinator=make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR),
    )
    taunton, _ = Team.objects.get_or_create(name=TAUNTON)
    Membership.objects.create(user=made.leader, team=taunton)
    return made


def set_up(folder: Path) -> Authority:
    """Three children in May: Ash (twice, interviewed once) and Briar of Taunton, Casey of Mendip, restricted."""
    publish("somerset")
    bring(
        folder,
        children=[
            child("C-ASH", first_name="Ash", last_name="Ferris"),
            child("C-BRIAR", first_name="Briar", last_name="Holt"),
            child("C-CASEY", first_name="Casey", last_name="Lund", area="Mendip", restricted="Y"),
        ],
        episodes=[
            episode("E-1", "C-ASH"),
            episode(
                "E-2",
                "C-ASH",
                last_seen_at="2026-05-20T20:00",
                returned_at="2026-05-21T07:00",
                notified_at="2026-05-21T09:00",
            ),
            episode("E-3", "C-BRIAR"),
            episode("E-4", "C-CASEY"),
        ],
        interviews=[
            interview(
                "I-1",
                "C-ASH",
                "E-1",
                team=TAUNTON,
                offered_to="child",
                offered_at="2026-05-12T10:00",
                response="accepted",
                responded_at="2026-05-12T10:00",
                held_at="2026-05-13T10:00",
                method="face_to_face",
                outcome="completed",
            )
        ],
    )
    return people()


def many(folder: Path, number: int) -> Authority:
    """So many children of Taunton, each once missing in May."""
    publish("somerset")
    names = [f"C{each:03}" for each in range(number)]
    bring(
        folder,
        children=[child(name) for name in names],
        episodes=[episode(f"E{name}", name) for name in names],
    )
    return people()
