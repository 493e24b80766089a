"""Interviews held and written up with what the child wishes: what tests of sharing begin with."""

from rhi.actions.contradictions import Settled
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.actions.sharing import record_share
from rhi.actions.signing import write_up
from rhi.models import Answer
from rhi.questions.shapes import Situation
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, london, publish
from tests.rhi.writing import answer_all
from tests.staff.people import make_person

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")
TAUNTON = "Family Intervention Service: Taunton"
HARROW = "E09000015"
#: What answers that are chosen without a thought would say and these tests say otherwise.
QUIET = {
    "hurt": {"answer": "no"},
    "afraid": {"answer": "no"},
    "harm_types": {"disclosed": ["none_disclosed"], "suspected": ["none_suspected"]},
    "immediate_action": {"answer": "none_needed"},
    "indicators": {"answer": ["none"]},
    "crime_involved": {"answer": ["none_disclosed"]},
    "radicalisation_fm_fgm": {"answer": ["none"]},
    "who_with": {"instead": ["alone"]},
    "risk_level": {"again": "low", "harm": "low", "reason": "It has passed."},
    "wants_support": {"answer": ["none"]},
    "prevention_plan": {"answer": "created"},
}


def wishes(**said):
    """The child's wish for each recipient: `placement="agrees"`; nobody else was asked about."""
    names = {"placement": "carer_or_placement"}
    asked = dict.fromkeys(("parent", "carer_or_placement", "school", "health", "other"), "not_asked")
    return {"child_agrees_share": asked | {names.get(whom, whom): wish for whom, wish in said.items()}}


def a_referral(folder, *, procedure="somerset", involvements=(), **cells):
    publish(procedure)
    bring(folder, children=[child(**cells)], episodes=[episode()], involvements=list(involvements))
    return Referral.objects.select_related("child", "version").get()


def member(email="robin.hale@example.org", name="Robin Hale", role=Role.CASEWORKER):
    """Somebody of the team that holds the referral."""
    person = make_person(email, name, role)
    team = Team.objects.filter(allocations__until__isnull=True).first()
    if team:
        Membership.objects.create(user=person, team=team)
    return person


def hold(referral, by, at=HELD_AT, now=NOW):
    return record_held(referral, held_at=at, method="face_to_face", by=by, now=now)


def settle(referral, by, code, reason="", now=NOW):
    [cover] = referral.covered.all()
    record_outcomes(referral, settled={cover.episode_id: Settled(code, reason)}, although=True, by=by, now=now)


def answer(referral, by, **answers):
    """Store these answers in place of what stands."""
    interview = referral.interviews.get()
    for question, value in answers.items():
        Answer.objects.update_or_create(
            interview=interview,
            question=question,
            defaults={"child": referral.child, "value": value, "by": by, "at": NOW},
        )


def held_and_written(referral, by, now=NOW, **answers):
    """Hold the interview and write it up: nothing in it is a concern, but for what `answers` say."""
    hold(referral, by)
    settle(referral, by, "completed")
    answer_all(referral, by, Situation(held=True, looked_after=True), at=NOW)
    answer(referral, by, **{**QUIET, **wishes(), **answers})
    write_up(referral, by=by, now=now)
    referral.refresh_from_db()
    return referral


def declined_and_written(referral, by):
    """The child declined; the form says so."""
    settle(referral, by, "declined", "no_reason")
    answer_all(referral, by, Situation(declined=True, looked_after=True), at=NOW)
    answer(referral, by, prevention_plan={"answer": "created"}, risk_level=QUIET["risk_level"])
    write_up(referral, by=by, now=NOW)
    return referral


def share(referral, by, to, what="details", now=NOW, **more):
    """Record a share, shortly."""
    facts = {
        "name": "Somebody, somewhere@example.org",
        "how": "secure_email",
        "basis": "task",
        "shared_at": now,
        "said": "He was at the station with two older boys." if what == "details" else "",
    }
    return record_share(referral, to=to, what=what, **(facts | more), by=by, now=now)


LOOKED_AFTER = involvement("looked_after", placement_kind="childrens_home", placement_area="in_area")
