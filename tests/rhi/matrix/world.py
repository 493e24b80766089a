"""A small world with every kind of record in every relation to a person, for the walk over every address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from episodes.models import Access, Carer, Child, Episode, Involvement
from reporting.models import Download
from reporting.tables import Month
from rhi.actions.interviews import of_referral
from rhi.models import (
    Appointment,
    Attachment,
    Attempt,
    Email,
    Escalation,
    Interview,
    Letter,
    Notice,
    Offer,
    VisitorWarning,
)
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
    letter: Letter
    carer: Carer
    involvement: Involvement
    worry: Escalation
    warning: VisitorWarning
    paper: Attachment
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
    worries: dict[tuple[str, str], Escalation]
    invited: User
    downloads: dict[tuple[str, str], UUID]
    sending: UUID

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
        of = self._of_figures if name.startswith("reporting:") and record else self.arguments
        return reverse(name, kwargs=of(name, record, column))

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
        if name in {"rhi:person", "rhi:team", "rhi:settle_sending"}:
            return self._of_the_service(name, record)
        if name in {"rhi:tray", "rhi:tray_news", "rhi:assign_many"}:
            return {"pk": {"own": self.teams[OURS].pk, "other": self.teams[OTHERS].pk, "absent": ABSENT}[record]}
        if name in PUT_TO_PEOPLE:
            put = getattr(self, PUT_TO_PEOPLE[name])
            return {"pk": ABSENT if record == "absent" else put[record, column].pk}
        if name in CHILD_PAGES or name in BENEATH_CHILDREN:
            return self._of_child(name, record, column)
        if name in EPISODE_PAGES:
            return {"pk": ABSENT if record == "absent" else self.case(record, column).episode.pk}
        if name in LETTER_PAGES:
            return {"pk": ABSENT if record == "absent" else self.case(record, column).letter.pk}
        return self._of_referral(name, record, column)

    def _of_child(self, name: str, record: str, column: str) -> dict[str, object]:
        """Of a page about a child, or about what is around one. "crossed" is the own child with another's."""
        of = self.case("own" if record in {"absent", "crossed"} else record, column)
        arguments: dict[str, object] = {"pk": ABSENT if record == "absent" else of.child.pk}
        if kind := BENEATH_CHILDREN.get(name):
            below = self.case("other", column) if record == "crossed" else of
            arguments[kind] = getattr(below, kind).pk
        return arguments

    def _of_the_service(self, name: str, record: str) -> dict[str, object]:
        """Of an administrator's page: which person, team or sending."""
        if name == "rhi:settle_sending":
            return {"reference": self.sending if record == "there" else UUID(int=ABSENT)}
        there = self.people["C"].pk if name == "rhi:person" else self.teams[OURS].pk
        return {"pk": there if record == "there" else ABSENT}

    def _of_figures(self, name: str, record: str, column: str) -> dict[str, object]:
        """Of a page of figures: which figure of which month, in which format, or which download."""
        if name in {"reporting:download", "reporting:download_file"}:
            return {"key": UUID(int=ABSENT) if record == "absent" else self.downloads[record, column]}
        if name == "reporting:table_file":
            return {"format": "xlsx" if record == "there" else "none"}
        figure: dict[str, object] = {"key": "episodes" if record == "there" else "none", "month": Month(2026, 5)}
        return figure | ({"format": "csv"} if name == "reporting:cases_file" else {})

    def _of_referral(self, name: str, record: str, column: str) -> dict[str, object]:
        """Of a page beneath a referral. "crossed" is the own referral with what belongs to another one."""
        if record == "asking":
            return {"pk": self.asking[GIVEN if column == "P" else KEPT].pk}
        # What does not exist beneath a referral that does ("crossed"), and what does not exist at all ("absent").
        of = self.case("own" if record in {"absent", "crossed", "no section"} else record, column)
        below = self.case("other", column) if record == "crossed" else of
        arguments: dict[str, object] = {"pk": ABSENT if record == "absent" else of.referral.pk}
        if name in TASK_PAGES:
            arguments["task"] = below.task.pk
        elif name == "rhi:withdraw_worry":
            arguments["worry"] = below.worry.pk
        elif name == "rhi:record_response":
            arguments["offer"] = below.offer.pk
        elif name in {"rhi:paper", "rhi:take_out_paper"}:
            arguments["paper"] = below.paper.pk
        elif name in {"rhi:move", "rhi:cancel"}:
            arguments["appointment"] = below.appointment.pk
        elif name == "rhi:take_back":
            arguments |= {"kind": "attempt", "record": below.attempts[column].pk}
        elif name in {"rhi:form_section", "rhi:keep_section"}:
            arguments["section"] = "none" if record == "no section" else SECTIONS[0].slug
        elif name in SHARING_PAGES:
            arguments |= SHARING_PAGES[name]
        return arguments


CHILD_PAGES = {
    "rhi:child",
    "rhi:open_with_reason",
    "rhi:restrict",
    "rhi:correct_child",
    "rhi:new_episode",
    "rhi:new_carer",
    "rhi:new_involvement",
    "rhi:new_warning",
}
BENEATH_CHILDREN = {
    "rhi:correct_carer": "carer",
    "rhi:correct_involvement": "involvement",
    "rhi:end_warning": "warning",
}
SHARING_PAGES = {
    "rhi:share_text": {"kind": "ask-social-worker"},
    "rhi:share_text_file": {"kind": "ask-social-worker"},
    "rhi:share_file": {"edition": "whole"},
    "rhi:file_record": {"what": "record"},
}
TASK_PAGES = {"rhi:settle_task", "rhi:change_task", "rhi:answer_task", "rhi:review_task", "rhi:support_task"}
PUT_TO_PEOPLE = {"rhi:notice_seen": "notices", "rhi:worry": "worries"}
LETTER_PAGES = {"rhi:letter", "rhi:letter_pdf", "rhi:cancel_letter", "rhi:letter_came_back"}
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
    asked = make_person("asked@example.org", "Lee Asked", Role.MANAGER)
    cases = {key: _case(referrals[key], people, asked) for key in keys if key[1] != "asking"}
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
        worries=_worries(cases[KEPT, "own"], people, colleague),
        invited=make_person("invited@example.org", "Kim New", password=None),
        sending=_uncertain_email(people["L"]),
        downloads={
            (whose, column): _download(person if whose == "own" else colleague)
            for column, person in {**people, "nobody": people["C"]}.items()
            for whose in ("own", "other")
        },
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


def _case(referral: Referral, people: dict[str, User], asked: User) -> Case:
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
        letter=Letter.objects.create(
            **each,
            referral=referral,
            state=Letter.State.APPROVED,
            kind="signposting",
            to="child",
            because="Asked for.",
            proposed_at=at,
            approved_at=at,
            approved_by=people["L"],
            addressee="Robin Example",
            pdf=b"%PDF",
            pages=1,
        ),
        carer=Carer.objects.create(child=referral.child, name="Pat", relationship="Uncle"),
        involvement=Involvement.objects.create(
            child=referral.child, service="child_in_need", start=date(2026, 1, 5), end=date(2026, 2, 1)
        ),
        worry=Escalation.objects.create(
            child=referral.child,
            referral=referral,
            to=asked,
            because="A worry",
            by=people["L"],
            at=at,
        ),
        warning=VisitorWarning.objects.create(child=referral.child, kind="dog", by=people["L"], at=at),
        paper=Attachment.objects.create(
            **each, name="Notes", kind="text/plain", content=b"Notes", size=5, digest="0" * 64, by=people["L"], at=at
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


def _worries(case: Case, people: dict[str, User], colleague: User) -> dict[tuple[str, str], Escalation]:
    """By whose it is and column: what was put to each person, and what was put to a colleague."""
    about = {"child": case.child, "referral": case.referral, "because": "A worry", "at": now()}
    put = {column: Escalation.objects.create(**about, to=person, by=colleague) for column, person in people.items()}
    put["nobody"] = put["C"]
    colleagues = Escalation.objects.create(**about, to=colleague, by=people["L"])
    return {("own", column): own for column, own in put.items()} | {("other", column): colleagues for column in put}


def _uncertain_email(person: User) -> UUID:
    """An email of which nobody knows whether it went."""
    return Email.objects.create(
        to=person,
        kind=Email.Kind.NOTICES,
        key="matrix",
        made_at=now(),
        state=Email.State.UNCERTAIN,
        sending_since=now(),
        failure="Nobody knows.",
    ).reference


def _download(person: User) -> UUID:
    """A file of figures that somebody asked for, ready to be opened."""
    at = now()
    return Download.objects.create(
        asked_by=person,
        asked_as=uuid4(),
        asked_at=at,
        what=Download.What.TABLE,
        format=Download.Format.PDF,
        first="2026-04",
        last="2026-05",
        content=b"%PDF",
        ready_at=at,
        expires_at=at + timedelta(days=7),
    ).key


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
