"""What is sent about what comes before a visit and after an interview: warnings, papers, tasks, worries, sharing."""

from datetime import date, timedelta

from rhi.actions import escalating, papers, visitor_warnings
from rhi.models import Interview, Support
from routing.models import Task
from tests.records import london
from tests.rhi.replay.recipes import sends
from tests.rhi.replay.scene import THURSDAY
from tests.staff.people import now

A_WORRY = "Nobody has answered the hospital."


@sends("rhi:check_records")
def check_records(scene):
    typed = {
        "systems": ["police"],
        "risks": ["cse"],
        "risks_note": "An older friend.",
        "checked_at": "2026-05-13T09:00",
    }
    page = scene.page_of(scene.robin, "rhi:check_records", scene.referral().pk)
    return scene.first_choices(page, typed, "systems", "risks")


@sends("rhi:new_warning")
def new_warning(scene):
    child = scene.referral().child
    return scene.from_page(scene.robin, "rhi:new_warning", child.pk, kind="dog", note="Kept in the yard.")


@sends("rhi:end_warning")
def end_warning(scene):
    child = scene.referral().child
    warning = visitor_warnings.warn(child, kind="dog", note="In the yard.", by=scene.robin, now=now())
    return scene.from_page(scene.robin, "rhi:end_warning", child.pk, warning.pk, because="It has died.")


@sends("rhi:file_paper")
def file_paper(scene):
    typed = {"name": "The form of the visit", "file": b"What she said at the visit."}
    return scene.from_page(scene.robin, "rhi:file_paper", scene.held().pk, **typed)


@sends("rhi:take_out_paper")
def take_out_paper(scene):
    referral = scene.held()
    filed = papers.file_paper(referral, name="The form", content=b"What she said.", by=scene.robin, now=now())
    return scene.from_page(scene.robin, "rhi:take_out_paper", referral.pk, filed.pk, because="Another child’s.")


@sends("rhi:covered", "taken in")
def take_in(scene):
    referral, other = scene.two_referrals()
    (episode,) = scene.episodes_of(other)
    typed = {"change": f"in-{episode}", "because": "One talk for both."}
    return scene.from_page(scene.priya, "rhi:covered", referral.pk, **typed)


@sends("rhi:covered", "taken out")
def take_out(scene):
    referral = scene.referral()
    later = {"last_seen_at": london("2026-05-20 20:00"), "returned_at": london("2026-05-21 07:00")}
    other = scene.episode(referral.child, **later, notified_at=london("2026-05-21 09:00"))
    typed = {"change": f"out-{other.pk}", "because": "It needs a talk of its own."}
    return scene.from_page(scene.priya, "rhi:covered", referral.pk, **typed)


@sends("rhi:mark_read")
def mark_read(scene):
    referral = scene.written_up()
    at = Interview.objects.get(referral=referral).written_up_at
    return scene.plain(scene.priya, "rhi:mark_read", referral.pk, written_up_at=at.isoformat())


@sends("rhi:add_to_record")
def add_to_record(scene):
    return scene.from_page(scene.robin, "rhi:add_to_record", scene.signed_off().pk, text="She has moved to Yeovil.")


@sends("rhi:write_note")
def write_note(scene):
    typed = {"text": "Her aunt has rung.", "mentioned": str(scene.sam.pk)}
    return scene.from_page(scene.robin, "rhi:write_note", scene.referral().pk, **typed)


@sends("rhi:escalate")
def escalate(scene):
    referral = scene.referral()
    return scene.from_page(scene.priya, "rhi:escalate", referral.pk, to=str(scene.morgan.pk), because=A_WORRY)


def _worry(scene):
    return escalating.escalate(scene.referral(), to=scene.morgan, because=A_WORRY, by=scene.priya, now=now())


@sends("rhi:withdraw_worry")
def withdraw_worry(scene):
    worry = _worry(scene)
    return scene.from_page(scene.priya, "rhi:withdraw_worry", worry.referral_id, worry.pk, because="It is answered.")


@sends("rhi:worry")
def answer_worry(scene):
    return scene.from_page(scene.morgan, "rhi:worry", _worry(scene).pk, words="I ring them now.")


@sends("rhi:record_share")
def record_share(scene):
    typed = {"to": "police", "name": "Missing team", "what": "form", "how": "secure_email", "basis": "task"}
    return scene.from_page(scene.robin, "rhi:record_share", scene.written_up().pk, **typed)


@sends("rhi:file_record")
def file_record(scene):
    return scene.plain(scene.robin, "rhi:file_record", scene.written_up().pk, "record")


@sends("rhi:new_task")
def new_task(scene):
    typed = {"kind": "service", "about": "Ask the youth club for a place."}
    return scene.from_page(scene.robin, "rhi:new_task", scene.held_by(scene.robin).pk, **typed)


@sends("rhi:change_task")
def change_task(scene):
    task = _task(scene)
    typed = {"owner": f"person-{scene.nia.pk}", "due_on": f"{now().date() + timedelta(days=9)}", "because": "On leave."}
    return scene.from_page(scene.robin, "rhi:change_task", task.referral_id, task.pk, **typed)


@sends("rhi:answer_task")
def answer_task(scene):
    task = _task(scene, done_at=THURSDAY, settled_by=scene.robin)
    page = scene.page_of(scene.robin, "rhi:answer_task", task.referral_id, task.pk)
    return scene.first_choices(page, {"answer": "accepted", "names": "Ms Wren of the club"}, "answer")


@sends("rhi:review_task")
def review_task(scene):
    task = _task(scene, done_at=THURSDAY, settled_by=scene.robin, review_on=date(2026, 6, 10))
    return scene.from_page(scene.robin, "rhi:review_task", task.referral_id, task.pk, because="He goes every week.")


@sends("rhi:support_task", "begun")
def start_support(scene):
    task = _task(scene, kind=Task.Kind.SUPPORT)
    typed = {"kind": "one_to_one", "given_by": "The youth club", "started_on": "2026-05-20"}
    return scene.from_page(scene.robin, "rhi:support_task", task.referral_id, task.pk, **typed)


def _support(scene):
    task = _task(scene, kind=Task.Kind.SUPPORT)
    facts = {"kind": "one_to_one", "given_by": "The youth club", "started_on": date(2026, 5, 20)}
    return Support.objects.create(child=task.child, task=task, **facts)


@sends("rhi:support_task", "a session")
def hold_session(scene):
    task = _support(scene).task
    return scene.from_page(scene.robin, "rhi:support_task", task.referral_id, task.pk, what="session")


@sends("rhi:support_task", "ended")
def end_support(scene):
    task = _support(scene).task
    typed = {"what": "ended", "ended_on": "2026-06-20", "because": "She is well."}
    return scene.from_page(scene.robin, "rhi:support_task", task.referral_id, task.pk, **typed)


def _task(scene, **facts):
    return scene.task(scene.held_by(scene.robin), **{"kind": Task.Kind.SERVICE, "owner": scene.robin} | facts)
