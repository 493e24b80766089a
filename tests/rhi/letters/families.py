"""A family with a referral of Taunton, and what is done on it: what tests of letters begin with."""

from rhi.actions import contact, letters, outcomes_by_hand, proposing
from rhi.models import Letter
from routing import actions as routing
from routing.actions import Holder
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.staff.people import make_person

TAUNTON = "Family Intervention Service: Taunton"
HOME = {"address_1": "1 Elm Road", "address_2": "Taunton", "postcode": "TA1 1AA"}
#: The last day for trying was Tuesday 19 May.
OVER = london("2026-05-20 08:00")


def carer(name="Sam Example", relationship="mother", safe="Y", **cells):
    """A row of carers.csv: somebody at home with the child."""
    return {"child_id": "C1", "name": name, "relationship": relationship, "safe_to_contact": safe, **HOME, **cells}


def family(folder, *, procedure="somerset", text=None, carers=None, involvements=(), episodes=None, **cells):
    """A referral about a child of 14 at home with a mother whom it is safe to contact, unless told otherwise."""
    publish(procedure, text=text)
    bring(
        folder,
        children=[child(**HOME | cells)],
        carers=[carer()] if carers is None else carers,
        involvements=list(involvements) or [looked_after_long_ago()],
        episodes=episodes or [episode()],
    )
    return Referral.objects.select_related("child", "version").get(child__child_id="C1")


def looked_after_long_ago():
    """An involvement that has ended, so that a file of them is never empty."""
    return {"child_id": "C1", "service": "looked_after", "start": "2019-01-01", "end": "2019-02-01"}


def member(name="Ann", role=Role.CASEWORKER, **more):
    """Somebody of the team in whose tray the referral lies."""
    person = make_person(f"{name.lower()}.lee@example.org", name, role=role)
    Membership.objects.create(user=person, team=Team.objects.get(name=TAUNTON), **more)
    return person


def give(referral, person):
    """Let somebody hold it."""
    holder = Holder(Team.objects.get(name=TAUNTON), person, rule="", because="Given", by=person)
    routing.allocate([(referral, holder, london("2026-05-12 10:00"))])


def tried(referral, by, at, **values):
    """An attempt without an answer."""
    facts = {"method": "phone", "contacted": "child", "result": "no_answer"} | values
    contact.log_attempt(referral, attempted_at=london(at), **facts, by=by, now=max(london(at), OVER))


def use_up(referral, by):
    """The three attempts that Somerset asks for."""
    tried(referral, by, "2026-05-13 10:00")
    tried(referral, by, "2026-05-14 14:00", contacted="parent")
    tried(referral, by, "2026-05-15 18:00")


def offered(referral, by, at="2026-05-13 10:00", to="child"):
    return contact.record_offer(
        referral, to=to, offered_at=london(at), route="phone", method="face_to_face", by=by, now=OVER
    )


def refuse(referral, by, at="2026-05-13 11:00"):
    """The child says no."""
    offer = offered(referral, by)
    return contact.record_response(
        referral,
        offer,
        response="declined_by_child",
        responded_at=london(at),
        declined_because="not_needed",
        by=by,
        now=OVER,
    )


def run(at=OVER):
    """What the scheduler would have done at this time."""
    proposing.propose_due(period="2026-05-20T07Z", now=at)


def proposed(kind=None):
    """Whom letters were proposed to: the child, or the carer's name."""
    rows = Letter.objects.select_related("carer").order_by("pk")
    return [row.carer.name if row.carer else "child" for row in (rows.filter(kind=kind) if kind else rows)]


def no_contact_letter(referral, by, to=Letter.To.CHILD):
    """The letter that is proposed when nobody was reached."""
    use_up(referral, by)
    run()
    return Letter.objects.get(kind="no_contact", to=to)


def approved(letter, by, at=OVER, **answers):
    return letters.approve(letter, channel="print", by=by, now=at, **answers)


def stranger():
    """Somebody who belongs to no team."""
    return make_person("kim@example.org", "Kim")


def settle(referral, by, code, reason="", at=OVER):
    """The outcome of the referral's one episode."""
    [covered] = outcomes_by_hand.covered_episodes(referral)
    settled = {covered.pk: outcomes_by_hand.Settled(code, reason)}
    outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=by, now=at)
