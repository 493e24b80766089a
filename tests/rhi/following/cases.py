"""Interviews that are written up, with the answers on which it hangs what follows."""

from rhi.actions.outcomes_by_hand import Settled, record_held, record_outcomes
from rhi.actions.signing import write_up
from rhi.models import Answer
from rhi.questions.shapes import Situation
from routing.models import Referral, Task
from staff.models import Membership, Team, User
from tests.records import NOW, bring, child, episode, london, publish
from tests.rhi.writing import answer_all
from tests.staff.people import make_person

#: Answers from which nothing follows.
QUIET = {
    "harm_types": {"disclosed": ["none_disclosed"], "suspected": ["none_suspected"]},
    "radicalisation_fm_fgm": {"answer": ["none"]},
    "indicators": {"answer": ["none"]},
    "wants_support": {"answer": ["none"]},
    "immediate_action": {"answer": "none_needed"},
    "risk_level": {"again": "low", "harm": "low", "reason": "Calm."},
    "prevention_plan": {"answer": "created"},
    "ce_screen": {"answer": "completed", "date": "2026-05-13"},
    "child_agrees_share": dict.fromkeys(("parent", "carer_or_placement", "school", "health", "other"), "not_asked"),
}


def action(kind, **cells):
    """A row of the form's table of actions."""
    return {"action_type": kind, "action_owner": "The worker", "action_due": "", "action_status": "open", **cells}


def referral_of(tmp_path, procedure="somerset", *, episodes=None, **files):
    """A child of fourteen whose return made a referral under this procedure, with other records as given."""
    publish(procedure)
    cells = files.pop("child", {})
    bring(tmp_path, children=[child(**cells)], episodes=episodes or [episode()], **files)
    return Referral.objects.select_related("child", "version").order_by("pk").last()


def holder_of(referral, email="robin.hale@example.org", name="Robin Hale"):
    """A member of the team that holds it, who holds it from now on."""
    allocation = referral.allocations.get(until__isnull=True)
    person = User.objects.filter(email=email).first() or make_person(email, name)
    Membership.objects.get_or_create(user=person, team=allocation.team or Team.objects.order_by("pk")[0])
    allocation.worker = person
    allocation.save(update_fields=["worker"])
    return person


def outcome(referral, by, code="completed", reason=""):
    settled = {cover.episode_id: Settled(code, reason) for cover in referral.covered.all()}
    record_outcomes(referral, settled=settled, although=True, by=by, now=NOW)


def answered(referral, by, *, held=True, **answers):
    """Its interview held and every answer given, these among them."""
    if held:
        record_held(referral, held_at=london("2026-05-13 10:00"), method="face_to_face", by=by, now=NOW)
    outcome(referral, by, *(["completed"] if held else ["no_contact", "no_answer"]))
    repeat = referral.child.episodes.count() > 1
    answer_all(referral, by, Situation(held=held, repeat=repeat), at=NOW)
    again(referral, by, **(QUIET if held else {name: QUIET[name] for name in ("risk_level", "prevention_plan")}))
    again(referral, by, **answers)


def again(referral, by, **answers):
    """Answers in place of those given before."""
    interview = referral.interviews.get()
    for question, value in answers.items():
        Answer.objects.update_or_create(
            interview=interview,
            question=question,
            defaults={"value": value, "child": referral.child, "by": by, "at": NOW},
        )


def written(referral, by, *, held=True, at=NOW, **answers):
    """The same, written up; answers the tasks that follow by kind and item."""
    answered(referral, by, held=held, **answers)
    write_up(referral, by=by, now=at)
    return tasks_of(referral)


def tasks_of(referral):
    """The tasks of a referral by kind, with the item where it has one; but for what is to be passed on."""
    passed_on = ["share", "send_form", "intelligence"]
    rows = (
        Task.objects.filter(referral=referral)
        .exclude(kind__in=passed_on)
        .select_related("owner", "owner_team", "referral", "child")
    )
    return {f"{task.kind} {task.item}".strip(): task for task in rows}
