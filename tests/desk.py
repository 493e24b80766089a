"""A small authority at work: people, a tray, referrals some days old. What tests of journeys begin with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from rhi import deadlines
from routing.actions import Holder, allocate
from routing.models import Referral
from staff.models import Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, publish
from tests.staff.people import make_person, now

NAMES = [
    ("Ash", "Ferris"),
    ("Briar", "Holt"),
    ("Casey", "Lund"),
    ("Devon", "Marsh"),
    ("Eden", "North"),
    ("Flynn", "Orr"),
    ("Gray", "Pell"),
    ("Harper", "Quill"),
    ("Indigo", "Rowe"),
    ("Jude", "Sand"),
    ("Kit", "Thorne"),
    ("Lane", "Usher"),
]


@dataclass
class Desk:
    """Who works here, and what lies in the tray."""

    caseworker: User
    colleague: User
    leader: User
    coordinator: User
    interviewer: User
    tray: Team
    provider: Team
    referrals: list[Referral]

    def hand(self, referral: Referral, worker: User, team: Team | None = None) -> None:
        """Let the leader hand a referral to a worker."""
        holder = Holder(team or self.tray, worker, rule="", because="Handed out", by=self.leader)
        with transaction.atomic():
            allocate([(referral, holder, now())])
            deadlines.refresh([referral.pk])


def local(at: datetime) -> str:
    """An instant as record files hold it, with its offset, to the minute."""
    return at.replace(second=0, microsecond=0).isoformat()


def set_up(folder: Path, *, procedure: str = "somerset") -> Desk:
    """Twelve children came back within the last three days; their referrals wait in one tray."""
    publish(procedure)
    at = now()
    returned = [at - timedelta(hours=6 * number + 2) for number in range(len(NAMES))]
    bring(
        folder,
        now=at,
        children=[
            child(
                f"C{number}",
                first_name=first,
                last_name=last,
                phone=f"01632 960{number:03}",
                address_1=f"{number + 1} Example Street",
                postcode="TA1 1AA",
            )
            for number, (first, last) in enumerate(NAMES)
        ],
        carers=[
            {
                "child_id": "C0",
                "name": "Morgan Ferris",
                "relationship": "Parent",
                "phone": "01632 960900",
                "safe_to_contact": "Y",
            },
            {"child_id": "C0", "name": "Lee Ferris", "relationship": "Uncle", "safe_to_contact": "N"},
        ],
        involvements=[involvement("child_in_need", "C0", team="Children's Social Care: Taunton")],
        episodes=[
            episode(
                f"E{number}",
                f"C{number}",
                last_seen_at=local(back - timedelta(hours=9)),
                returned_at=local(back),
                notified_at=local(back + timedelta(minutes=40)),
                source="police",
                police_ref=f"POL-{number:04}",
                ended_how="returned",
            )
            for number, back in enumerate(returned)
        ],
    )
    tray = Team.objects.get(allocations__referral__child__child_id="C1", allocations__until__isnull=True)
    provider = Team.objects.create(
        name="Harbour Interviews", kind=Team.Kind.PROVIDER, opened_on=at.date() - timedelta(days=30)
    )
    desk = Desk(
        caseworker=make_person(),
        colleague=make_person("nia.frost@example.org", "Nia Frost"),
        leader=make_person("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER),
        coordinator=make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR),
        interviewer=make_person("jo.lindley@example.org", "Jo Lindley", Role.INTERVIEWER),
        tray=tray,
        provider=provider,
        referrals=list(Referral.objects.order_by("child__child_id")),
    )
    for person in (desk.caseworker, desk.colleague, desk.leader):
        Membership.objects.create(user=person, team=tray)
    Membership.objects.create(user=desk.interviewer, team=provider)
    desk.referrals = sorted(Referral.objects.select_related("child"), key=lambda each: int(each.child.child_id[1:]))
    return desk
