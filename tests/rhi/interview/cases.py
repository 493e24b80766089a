"""What is done on a referral until its form can be written up."""

from rhi.actions import contact
from rhi.actions.contradictions import Settled
from rhi.actions.form_facts import case_of
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.models import Answer
from routing import actions as routing
from routing.actions import Holder
from tests.records import london
from tests.rhi.writing import answer_all

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")


def give(referral, person, team):
    routing.allocate([(referral, Holder(team, person, rule="", because="Given"), london("2026-05-12 12:00"))])


def offer(referral, by, response="", *, to="child", reason=""):
    """Offered at noon on the day of the return, and answered an hour later."""
    made = contact.record_offer(
        referral,
        to=to,
        offered_at=london("2026-05-12 12:00"),
        route="phone",
        method="face_to_face",
        by=by,
        now=NOW,
    )
    if response:
        at = london("2026-05-12 13:00")
        contact.record_response(
            referral, made, response=response, responded_at=at, declined_because=reason, by=by, now=NOW
        )
    return made


def settle(referral, by, *outcomes):
    covers = referral.covered.order_by("episode__last_seen_at")
    settled = {
        cover.episode_id: Settled(*each.split()) for cover, each in zip(covers, outcomes, strict=True) if each != "-"
    }
    record_outcomes(referral, settled=settled, although=True, by=by, now=NOW)


def held(referral, by, **how):
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=by, now=NOW, **how)


def ready(referral, by):
    """Everything is answered that is required as things stand."""
    answer_all(referral, by, case_of(referral).situation, at=NOW)


def say(question, **value):
    Answer.objects.filter(question=question).update(value=value)
