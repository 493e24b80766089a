"""A small authority whose people send things, and a case of its own for each thing that is sent."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from django.test import Client
from django.urls import reverse

from episodes import access
from episodes.models import Carer, Child
from procedures.calendar import LONDON
from rhi.actions import contact, episodes_covered, letters, outcomes_by_hand, recording, signing
from rhi.actions.interviews import of_referral
from rhi.models import Letter, Notice
from rhi.questions.shapes import Situation
from routing.actions import Holder, allocate
from routing.models import Allocation, Referral, Task
from staff.models import Membership, Team, User
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.replay.browsing import filled_in
from tests.rhi.writing import answer_all
from tests.staff.people import make_person, now

TAUNTON = "Family Intervention Service: Taunton"
MENDIP = "Family Intervention Service: Mendip"
ROLES = {
    "robin": Role.CASEWORKER,
    "nia": Role.CASEWORKER,
    "sam": Role.TEAM_LEADER,
    "priya": Role.COORDINATOR,
    "morgan": Role.MANAGER,
    "alex": Role.ADMINISTRATOR,
    "chris": Role.AUDITOR,
}
#: When something happened, as a form takes it and as actions do: the children came back on Tuesday 12 May 2026.
WEDNESDAY, TYPED_WEDNESDAY = london("2026-05-13 10:00"), "2026-05-13T10:00"
THURSDAY, TYPED_THURSDAY = london("2026-05-14 10:00"), "2026-05-14T10:00"


def days_ahead(number):
    """A time to come, as a form takes it."""
    return f"{(now() + timedelta(days=number)).astimezone(LONDON):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True)
class Sent:
    """One request that changes something: who sends it, where to, and what."""

    by: User
    address: str
    data: dict
    headers: dict = field(default_factory=dict)


class Scene:
    """Who works here, and new cases at will."""

    def __init__(self, folder):
        publish("somerset")
        bring(
            folder,
            children=[child("C-1"), child("C-2", area="Mendip", first_name="Kit")],
            episodes=[episode("E-1", "C-1"), episode("E-2", "C-2")],
        )
        self.taunton, self.mendip = (Team.objects.get(name=name) for name in (TAUNTON, MENDIP))
        for name, role in ROLES.items():
            person = make_person(f"{name}@example.org", name.title(), role)
            setattr(self, name, person)
            if name not in ("alex", "chris"):
                Membership.objects.create(user=person, team=self.taunton)
        self.nora = make_person("nora@example.org", "Nora", Role.TEAM_LEADER)
        Membership.objects.create(user=self.nora, team=self.mendip)
        self.numbers = count(1)

    # Cases

    def child(self, area="Taunton"):
        """A child of whom nothing has happened yet."""
        number = next(self.numbers)
        return Child.objects.create(
            child_id=f"R-{number}",
            first_name="Robin",
            last_name=f"Name{number}",
            date_of_birth=date(2012, 1, 15),
            area=area,
            address_1=f"{number} Elm Road",  # a letter that came back from it stands in no other’s way
            postcode="TA1 1AA",
        )

    def missing(self):
        """An episode from which the child is not back."""
        return self.episode(self.child(), returned_at=None)

    def episode(self, child, **values):
        facts = {
            "kind": "missing",
            "last_seen_at": london("2026-05-11 20:00"),
            "returned_at": london("2026-05-12 07:00"),
            "notified_at": london("2026-05-12 09:00"),
        } | values
        if facts["returned_at"] is None:
            facts = {"kind": "missing", "last_seen_at": facts["last_seen_at"]}
        return recording.record_episode(child, values=facts, although=True, by=self.priya, now=now())

    def referral(self, area="Taunton"):
        """A referral in the tray of a team, with its one episode."""
        found = self.episode(self.child(area))
        return Referral.objects.select_related("child", "version").get(covered__episode=found)

    def held_by(self, worker):
        referral = self.referral()
        allocate([(referral, Holder(self.taunton, worker, rule="", because="Given"), now())])
        return referral

    def attempt(self, referral=None):
        return contact.log_attempt(
            referral or self.referral(),
            attempted_at=WEDNESDAY,
            method="phone",
            contacted="child",
            result="no_answer",
            by=self.robin,
            now=now(),
        ).attempt

    def offer(self, referral=None, *, accepted=False):
        referral = referral or self.referral()
        offer = contact.record_offer(
            referral, to="child", offered_at=WEDNESDAY, route="phone", method="telephone", by=self.robin, now=now()
        )
        if accepted:
            offer = contact.record_response(
                referral, offer, response="accepted", responded_at=WEDNESDAY, by=self.robin, now=now()
            )
        return offer

    def appointment(self):
        at = now() + timedelta(days=2)
        return contact.book(self.referral(), at=at, place="At school", method="face_to_face", by=self.robin, now=now())

    def held(self, referral=None):
        """A referral whose interview was held."""
        referral = referral or self.referral()
        outcomes_by_hand.record_held(
            referral, held_at=WEDNESDAY, method="face_to_face", place="home", by=self.robin, now=now()
        )
        return referral

    def settled(self, referral=None, code="no_contact", reason="no_answer"):
        """A referral with its outcome."""
        referral = referral or self.referral()
        settled = {key: outcomes_by_hand.Settled(code, reason) for key in self.episodes_of(referral)}
        outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=self.robin, now=now())
        return referral

    def answered(self):
        """A referral of which nobody was reached, whose form lacks nothing."""
        referral = self.settled()
        answer_all(referral, self.robin, Situation(), at=now())
        return referral

    def written_up(self):
        referral = self.answered()
        signing.write_up(referral, by=self.robin, now=now())
        return referral

    def signed_off(self):
        referral = self.written_up()
        signing.sign_off(referral, by=self.sam, now=now())
        return referral

    def two_referrals(self):
        """Two open referrals of one child: the later episode was taken out of the first one."""
        referral = self.referral()
        later = {"last_seen_at": london("2026-05-20 20:00"), "returned_at": london("2026-05-21 07:00")}
        other = self.episode(referral.child, **later, notified_at=london("2026-05-21 09:00"))
        because = "It needs a talk of its own."
        own = episodes_covered.take_out(referral, episode=other.pk, because=because, by=self.priya, now=now())
        return referral, own

    def task(self, referral=None, **values):
        referral = referral or self.referral()
        facts = {"kind": Task.Kind.TELL_AUTHORITY, "about": "Tell them.", "clause": "8.1", "opened_at": now()}
        return Task.objects.create(child=referral.child, referral=referral, **facts | values)

    def letter(self, referral=None, **values):
        """A letter to the child that waits to be approved."""
        referral = referral or self.referral()
        facts = {"kind": "signposting", "to": "child", "because": "Asked for.", "proposed_at": now()}
        facts |= {"state": Letter.State.PROPOSED} | values
        return Letter.objects.create(child=referral.child, referral=referral, interview=of_referral(referral), **facts)

    def approved_letter(self, **values):
        """A letter that is approved; `values` are what has become of it since."""
        letter = letters.approve(self.letter(), channel="print", by=self.sam, now=now())
        Letter.objects.filter(pk=letter.pk).update(**values)
        return letter

    def carer(self):
        return Carer.objects.create(
            child=self.referral().child, name="Pat Moss", relationship="Aunt", typed={"name": "2026-05-12T10:00"}
        )

    def notice(self, to):
        return Notice.objects.create(child=self.referral().child, to=to, about="Somebody opened a child.", at=now())

    def restricted(self):
        """A child who is restricted to the coordinator."""
        child = self.referral().child
        access.restrict(child, people=[self.priya], because="A colleague’s own.", by=self.priya, now=now())
        return child

    @staticmethod
    def episodes_of(referral):
        return list(referral.covered.values_list("episode", flat=True))

    @staticmethod
    def holding(referral):
        return Allocation.objects.get(referral=referral, until__isnull=True).pk

    # Sending

    def page(self, by, address):
        """What somebody sees there."""
        browser = Client()
        browser.force_login(by)
        answer = browser.get(address)
        assert answer.status_code == 200, f"{address} answers {answer.status_code}"
        return answer

    def page_of(self, by, address_name, /, *args):
        """A page with who sees it and where."""
        address = reverse(address_name, args=args)
        return by, address, self.page(by, address)

    @staticmethod
    def first_choices(page, typed, *names):
        """What is sent of a page with the first choice of these fields, whatever it is called, beside what is typed."""
        by, address, answer = page
        for name in names:
            first = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]+)"', answer.content.decode())
            typed = typed | {name: [first[1]]}
        return Sent(by, address, filled_in(answer, typed))

    def from_page(self, by, address_name, /, *args, **typed):
        """What somebody sends from the form of a page, as it stands there, with what they type."""
        address = reverse(address_name, args=args)
        return Sent(by, address, filled_in(self.page(by, address), typed))

    def second_step(self, sent):
        """What they send when the page has shown what would change."""
        browser = Client()
        browser.force_login(sent.by)
        answer = browser.post(sent.address, sent.data)
        assert answer.status_code == 200, f"{sent.address} answers {answer.status_code}"
        return Sent(sent.by, sent.address, filled_in(answer, {"step": "save"}))

    def plain(self, by, address_name, /, *args, **data):
        """What somebody sends who needs nothing of the page."""
        return Sent(by, reverse(address_name, args=args), data)
