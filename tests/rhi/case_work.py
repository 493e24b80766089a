"""Referrals of Taunton with what is done on them, and a person's work as they see it."""

from rhi.actions import contact, outcomes_by_hand
from rhi.models import Interview, Notice
from routing import actions as routing
from routing.actions import Holder
from routing.models import Referral, Task
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, london, publish
from tests.staff.people import make_person

TRAY = "Family Intervention Service: Taunton"


def case(tmp_path, number=1, **cells):
    """A referral in the tray of Taunton."""
    if number == 1:
        publish("somerset")
    name = f"C{number}"
    bring(
        tmp_path / str(number),
        children=[child(name, first_name=f"Robin{number}", **cells)],
        episodes=[episode(f"E{number}", name)],
    )
    return Referral.objects.select_related("child", "version").get(child__child_id=name)


def member(email="ann@example.org", role=Role.CASEWORKER, team=TRAY, **more):
    person = make_person(email, email.split("@")[0].title(), role=role)
    if team:
        Membership.objects.create(user=person, team=Team.objects.get(name=team), **more)
    return person


def give(referral, person, *, team=TRAY):
    holder = Holder(team=Team.objects.get(name=team), worker=person, rule="", because="Given", by=person)
    routing.allocate([(referral, holder, NOW)])


def attempt(referral, by, **values):
    facts = {"method": "phone", "contacted": "child", "result": "no_answer"} | values
    at = london("2026-05-13 10:00")
    return contact.log_attempt(referral, attempted_at=at, **facts, by=by, now=NOW).attempt


def offer(referral, by):
    at = london("2026-05-13 10:00")
    return contact.record_offer(
        referral, to="child", offered_at=at, route="phone", method="face_to_face", by=by, now=NOW
    )


def hold(referral, by):
    at = london("2026-05-14 10:00")
    return outcomes_by_hand.record_held(referral, held_at=at, method="face_to_face", by=by, now=NOW)


def settle(referral, by, code, reason=""):
    (covered,) = outcomes_by_hand.covered_episodes(referral)
    settled = {covered.pk: outcomes_by_hand.Settled(code, reason)}
    outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=by, now=NOW)


def complete(referral, by):
    settle(referral, by, "completed")


def write_up(interview, by):
    Interview.objects.filter(pk=interview.pk).update(written_up_at=NOW, written_up_by=by)


def work(client, person):
    client.force_login(person)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer


def the_words(answer):
    return " ".join(answer.content.decode().split())


def referrals(answer):
    return [row.referral for row in answer.context["rows"]]


def task(referral, **owner):
    return Task.objects.create(
        child=referral.child,
        referral=referral,
        kind=Task.Kind.TELL_AUTHORITY,
        about="Tell the other authority.",
        clause="8.1",
        opened_at=NOW,
        **owner,
    )


def notice(referral, to):
    return Notice.objects.create(child=referral.child, to=to, about="A child of your team was opened.", at=NOW)
