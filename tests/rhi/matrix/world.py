"""A small world with every kind of record in every relation to a person, for the walk over every address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from episodes.models import Access, Child, Episode
from rhi.actions.interviews import of_referral
from rhi.models import Appointment, Attempt, Interview, Notice, Offer
from rhi.questions import SECTIONS
from routing.actions import Holder, allocate
from routing.models import Referral, Task
from staff.actions import invitation_path
from staff.models import Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, interview, publish
from tests.staff.people import make_person, now

#: The columns of the table, in their order: who asks.
COLUMNS = {
    "C": Role.CASEWORKER,
    "R": Role.CASEWORKER,  # who may also reassign the team's tray
    "L": Role.TEAM_LEADER,
    "O": Role.COORDINATOR,
    "M": Role.MANAGER,
    "P": Role.INTERVIEWER,
    "D": Role.ADMINISTRATOR,
    "A": Role.AUDITOR,
    "nobody": None,  # has not signed in
    "closed": Role.COORDINATOR,  # an account that may not sign in any more
    "left": Role.COORDINATOR,
}

OURS, OTHERS = "Family Intervention Service: Taunton", "Family Intervention Service: Mendip"
GIVEN, KEPT = "given", "kept"  # referrals given to the provider, and referrals that teams of our own keep
ABSENT = 987_654_321

#: In what relation a record stands to somebody. "other" is another team's, or another interviewer's.
RELATIONS = ["own", "other", "restricted", "unnamed", "named", "reason", "concluded"]


@dataclass
class Case:
    """A child with one of everything."""

    child: Child
    episode: Episode
    referral: Referral
    interview: Interview
    offer: Offer
    appointment: Appointment
    task: Task
    attempts: dict[str, Attempt] = field(default_factory=dict)


@dataclass
class World:
    """People by column, cases by who holds them and in what relation they stand, and what has no child."""

    people: dict[str, User]
    sessions: dict[str, str]
    cases: dict[tuple[str, str], Case]
    asking: dict[str, Referral]
    teams: dict[str, Team]
    notices: dict[tuple[str, str], Notice]
    invited: User

    def client(self, column: str) -> Client:
        """A browser of this person, signed in where they can be."""
        browser = Client(raise_request_exception=False)
        if column in self.sessions:
            browser.cookies["sessionid"] = self.sessions[column]
        return browser

    def case(self, relation: str, column: str) -> Case:
        """The case that stands in this relation to the person of this column."""
        return self.cases[GIVEN if column == "P" else KEPT, relation]

    def address(self, name: str, record: str, column: str) -> str:
        """The address of a page about a record, as the person of this column would ask for it."""
        return reverse(name, kwargs=self.arguments(name, record, column))

    def arguments(self, name: str, record: str, column: str) -> dict[str, object]:
        """What the address of a page needs besides its name. `record` is the table's second column."""
        if record == "":
            return {}
        if name == "account_reset_password_from_key":
            path = invitation_path(self.invited).removesuffix("/").rsplit("/", 1)[-1]
            uid, _, key = path.partition("-")
            return {"uidb36": uid, "key": key if record == "sent" else "never-sent"}
        if name in {"openid_connect_login", "openid_connect_callback"}:
            return {"provider_id": "authority"}
        if name == "rhi:person":
            return {"pk": self.people["C"].pk if record == "there" else ABSENT}
        if name == "rhi:team":
            return {"pk": self.teams[OURS].pk if record == "there" else ABSENT}
        if name in {"rhi:tray", "rhi:assign_many"}:
            return {"pk": {"own": self.teams[OURS].pk, "other": self.teams[OTHERS].pk, "absent": ABSENT}[record]}
        if name == "rhi:notice_seen":
            return {"pk": ABSENT if record == "absent" else self.notices[record, column].pk}
        if name in CHILD_PAGES:
            return {"pk": ABSENT if record == "absent" else self.case(record, column).child.pk}
        if name in EPISODE_PAGES:
            return {"pk": ABSENT if record == "absent" else self.case(record, column).episode.pk}
        return self._of_referral(name, record, column)

    def _of_referral(self, name: str, record: str, column: str) -> dict[str, object]:
        """Of a page beneath a referral. "crossed" is the own referral with what belongs to another one."""
        if record == "asking":
            return {"pk": self.asking[GIVEN if column == "P" else KEPT].pk}
        # What does not exist beneath a referral that does ("crossed"), and what does not exist at all ("absent").
        of = self.case("own" if record in {"absent", "crossed", "no section"} else record, column)
        below = self.case("other", column) if record == "crossed" else of
        arguments: dict[str, object] = {"pk": ABSENT if record == "absent" else of.referral.pk}
        if name == "rhi:settle_task":
            arguments["task"] = below.task.pk
        elif name == "rhi:record_response":
            arguments["offer"] = below.offer.pk
        elif name in {"rhi:move", "rhi:cancel"}:
            arguments["appointment"] = below.appointment.pk
        elif name == "rhi:take_back":
            arguments |= {"kind": "attempt", "record": below.attempts[column].pk}
        elif name == "rhi:form_section":
            arguments["section"] = "none" if record == "no section" else SECTIONS[0].slug
        return arguments


CHILD_PAGES = {
    "rhi:child",
    "rhi:open_with_reason",
    "rhi:restrict",
    "rhi:correct_child",
    "rhi:new_episode",
}
EPISODE_PAGES = {"rhi:record_return", "rhi:correct_episode", "rhi:withdraw"}


@contextmanager
def standing(folder: Path) -> Iterator[World]:
    """The world, while it is needed; afterwards nothing of it is left."""
    with transaction.atomic():
        world = build(folder)
        shut_out(world)
        yield world
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """Leave nothing of what is done within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build(folder: Path) -> World:
    """Make the world, in the caller's transaction."""
    publish("somerset")
    keys = [(holder, relation) for holder in (KEPT, GIVEN) for relation in [*RELATIONS, "asking"]]
    ids = {key: f"{key[0]}-{key[1]}" for key in keys}
    bring(
        folder,
        children=[
            child(ids[key], area="Mendip" if key[1] in {"other", "reason"} else "Taunton", last_name=f"Name{number}")
            for number, key in enumerate(keys)
        ],
        episodes=[episode(f"E-{ids[key]}", ids[key]) for key in keys],
        interviews=[
            interview(
                f"I-{ids[key]}",
                ids[key],
                f"E-{ids[key]}",
                team=OURS,
                held_at="2026-05-13T10:00",
                method="face_to_face",
                outcome="completed",
            )
            for key in keys
            if key[1] == "concluded"
        ],
    )
    people = _people()
    teams = {name: Team.objects.get(name=name) for name in (OURS, OTHERS)}
    provider = Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER, opened_on=now().date())
    for column, person in people.items():
        if column == "P":
            Membership.objects.create(user=person, team=provider)
        else:
            Membership.objects.create(user=person, team=teams[OURS], may_reassign=column == "R")
    colleague = make_person("colleague@example.org", "Ida Fern", Role.INTERVIEWER)
    Membership.objects.create(user=colleague, team=provider)
    referrals = {key: Referral.objects.get(child__child_id=ids[key]) for key in keys}
    for (holder, relation), referral in referrals.items():
        if holder == GIVEN:
            worker = colleague if relation in {"other", "reason"} else people["P"]
            allocate([(referral, Holder(provider, worker, rule="", because="Bought"), now())])
        if relation == "asking":
            Referral.objects.filter(pk=referral.pk).update(question="Who holds this interview?")
    cases = {key: _case(referrals[key], people) for key in keys if key[1] != "asking"}
    _access(cases, people, colleague)
    return World(
        people=people,
        sessions={column: _session(person) for column, person in people.items()},
        cases=cases,
        asking={holder: referrals[holder, "asking"] for holder in (KEPT, GIVEN)},
        teams=teams,
        notices={
            (whose, column): Notice.objects.create(
                child=cases[KEPT, "own"].child,
                to=person if whose == "own" else colleague,
                about="Somebody opened a child of your team.",
                at=now(),
            )
            for column, person in {**people, "nobody": people["C"]}.items()
            for whose in ("own", "other")
        },
        invited=make_person("invited@example.org", "Kim New", password=None),
    )


def _people() -> dict[str, User]:
    return {
        column: make_person(f"{column.lower()}@example.org", f"Person {column}", role)
        for column, role in COLUMNS.items()
        if role
    }


def _session(person: User) -> str:
    """A session that the person began while they could still sign in, and that has been used once."""
    browser = Client()
    browser.force_login(person)
    answer: HttpResponse = browser.get(reverse("mfa_index"))
    assert answer.status_code == 200
    return browser.cookies["sessionid"].value


def shut_out(world: World) -> None:
    """From here on two of the people may not sign in; their sessions still lie in their browsers."""
    User.objects.filter(pk=world.people["closed"].pk).update(is_active=False)
    User.objects.filter(pk=world.people["left"].pk).update(left_on=now().date() - timedelta(days=1))


def _case(referral: Referral, people: dict[str, User]) -> Case:
    conversation = of_referral(referral)
    at = now() - timedelta(days=1)
    each = {"child": referral.child, "interview": conversation}
    columns = [*people, "nobody"]
    return Case(
        child=referral.child,
        episode=Episode.objects.get(child=referral.child),
        referral=referral,
        interview=conversation,
        offer=Offer.objects.create(**each, to="child", offered_at=at, route="phone"),
        appointment=Appointment.objects.create(**each, at=now() + timedelta(days=1), method="face_to_face"),
        task=Task.objects.create(
            child=referral.child,
            referral=referral,
            kind=Task.Kind.TELL_AUTHORITY,
            about="Tell them.",
            clause="Somerset 8",
            opened_at=at,
        ),
        attempts={
            column: Attempt.objects.create(
                **each,
                attempted_at=at + timedelta(minutes=number),
                method="phone",
                contacted="child",
                result="no_answer",
                recorded_by=people.get(column),
                recorded_at=at,
            )
            for number, column in enumerate(columns)
        },
    )


def _access(cases: dict[tuple[str, str], Case], people: dict[str, User], colleague: User) -> None:
    """Restrict three: to a colleague, to nobody yet, to everybody. For another, everybody has given a reason."""
    for holder in (KEPT, GIVEN):
        for relation in ("restricted", "unnamed", "named"):
            Child.objects.filter(pk=cases[holder, relation].child.pk).update(restricted=True)
        for relation, basis, whom in [
            ("restricted", Access.Basis.RESTRICTION, [colleague]),
            ("named", Access.Basis.RESTRICTION, people.values()),
            ("reason", Access.Basis.BREAK_GLASS, people.values()),
        ]:
            for person in whom:
                Access.objects.create(
                    child=cases[holder, relation].child,
                    user=person,
                    basis=basis,
                    since=now() - timedelta(hours=1),
                    until=now() + timedelta(hours=23),
                    because="A reason",
                )
