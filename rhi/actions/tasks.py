"""Tasks beside the interview: ticked off or set aside, added, given to somebody else, answered and looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, QuerySet

from episodes.models import Episode
from procedures.calendar import local_date
from rhi import wording
from rhi.actions.following import BY_HAND, Whose, tell_owners
from rhi.actions.interviews import locked
from rhi.actions.sight import Sight, why_not_to
from rhi.models import CaseNote, Share
from routing.models import Referral, Task
from staff import audit
from staff.actions import Refused
from staff.models import User

Answer = Task.Answer
#: What can come back, by the kind of what was referred; any other kind gets no answer.
ANSWERS: dict[str, tuple[Answer, ...]] = {
    Task.Kind.MASH: (
        Answer.ASSESSMENT,
        Answer.EARLY_HELP_HUB,
        Answer.ACCEPTED,
        Answer.DECLINED,
        Answer.NO_FURTHER_ACTION,
    ),
    **dict.fromkeys(
        (
            Task.Kind.SPECIALIST,
            Task.Kind.INTERVENTION,
            Task.Kind.SERVICE,
            Task.Kind.SUPPORT,
            Task.Kind.NEED,
            Task.Kind.INTELLIGENCE,
        ),
        (Answer.ACCEPTED, Answer.DECLINED, Answer.NO_FURTHER_ACTION),
    ),
}


class TaskRefused(Refused):
    """The task cannot be settled or changed as things stand."""


def demanded_first(referral: Referral) -> QuerySet[Task]:
    """What must be done before the interview of a referral is signed off, and is not (Nottinghamshire 7a)."""
    return Task.objects.filter(referral=referral, demanded=True, done_at__isnull=True).order_by("due_on", "pk")


@transaction.atomic
def tick_off(
    task: Task,
    *,
    done_at: datetime,
    review_on: date | None = None,
    keep_review: bool = True,
    shared: bool = False,
    by: User,
    now: datetime,
) -> Task:
    """Say that a task was done, or that something was referred, and when.

    Without `keep_review` its owner looks at it again on `review_on`, or never. Raises TaskRefused when it is settled
    already, when it lies in the future, for a screen from before the child went missing (Somerset 4.12), and for what
    is to be shared but by recording that (`shared`), so that who, what and when are known. A closed referral does not
    stand in the way: what is owed besides the interview is owed after it too.
    """
    if done_at > now:
        raise TaskRefused("This lies in the future. Say when it was done.")
    task = _open(task, now=now)
    if to_record(task) and not shared:
        raise TaskRefused("Record under “Sharing” what was shared, with whom and when. That ticks this off.")
    if (task.kind == Task.Kind.SCREEN or task.demanded) and _before_the_episode(task, local_date(done_at)):
        raise TaskRefused("The child went missing after that day. This counts from the day the episode began.")
    task.done_at, task.settled_by = done_at, by
    task.review_on = task.review_on if keep_review else review_on
    task.save(update_fields=["done_at", "settled_by", "review_on"])
    _record(audit.Type.TASK_SETTLED, task, {"how": "done"}, by=by, now=now)
    return task


@transaction.atomic
def set_aside(task: Task, *, because: str, by: User, now: datetime) -> Task:
    """Say that a task will not be done, and why.

    Raises TaskRefused without a reason, when it is settled already, and for what must be done before sign-off.
    """
    if not because.strip():
        raise TaskRefused("Say why it is not done.")
    task = _open(task, now=now)
    if task.demanded:
        raise TaskRefused("This has to be done before the interview is signed off, so it cannot be set aside.")
    task.set_aside_at, task.not_done_because, task.settled_by = now, because.strip(), by
    task.save(update_fields=["set_aside_at", "not_done_because", "settled_by"])
    _record(audit.Type.TASK_SETTLED, task, {"how": "set_aside"}, by=by, now=now)
    return task


@transaction.atomic
def add_task(
    referral: Referral,
    *,
    kind: str,
    about: str,
    owner: Whose,
    due_on: date,
    review_on: date | None,
    by: User,
    now: datetime,
) -> Task:
    """Add a task that no procedure asks for, beside those of its kind that stand already, and tell whose it is.

    The same task sent twice while it is open is added once. Raises TaskRefused for an owner who may not see the child.
    """
    referral = locked(referral)
    _refuse_hidden(referral, owner, now=now)
    own = {"owner": owner.worker, "owner_team": owner.team, "due_on": due_on, "review_on": review_on}
    same = Task.objects.filter(referral=referral, kind=kind, about=about.strip()[:500], clause=BY_HAND, **own)
    if before := same.filter(done_at__isnull=True, set_aside_at__isnull=True).first():
        return before
    number = Task.objects.filter(referral=referral, kind=kind).count() + 1
    task = Task.objects.create(
        child_id=referral.child_id,
        referral=referral,
        kind=kind,
        item=f"by_hand_{number}",
        about=about.strip()[:500],
        clause=BY_HAND,
        due_on=due_on,
        review_on=review_on,
        owner=owner.worker,
        owner_team=owner.team,
        opened_at=now,
    )
    _record(audit.Type.TASK_OPENED, task, {"how": "by_hand"}, by=by, now=now)
    tell_owners([task], by=by, now=now)
    return task


@transaction.atomic
def change_task(
    task: Task, *, owner: Whose, due_on: date | None, review_on: date | None, because: str, by: User, now: datetime
) -> Task:
    """Give a task to somebody else, or give it other days, and say why; its new owner is told.

    The reason is a case note.

    Raises TaskRefused without a reason, when nothing changes, when it was set aside, and for an
    owner who may not see the child.
    """
    if not because.strip():
        raise TaskRefused("Say why.")
    task = _stored(task)
    if task.set_aside_at:
        raise TaskRefused(_already(task, now))
    _refuse_hidden(task.referral, owner, now=now)
    before = _standing(task)
    task.owner, task.owner_team, task.due_on, task.review_on = owner.worker, owner.team, due_on, review_on
    after = _standing(task)
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        raise TaskRefused("Nothing was changed.")
    task.save(update_fields=["owner", "owner_team", "due_on", "review_on"])
    note(task, f"{_what_changed(task, changed, now)} {because.strip()}", by=by, now=now)
    _record(audit.Type.TASK_CHANGED, task, {"before": before, "after": after}, by=by, now=now)
    if "owner" in changed or "owner_team" in changed:
        tell_owners([task], by=by, now=now)
    return task


@transaction.atomic
def answer_task(task: Task, *, answer: str, answered_on: date, names: str = "", by: User, now: datetime) -> Task:
    """Record what came back from whom something was referred to, with the agency or worker that it names.

    A later answer takes the place of an earlier one; the trail keeps both. Raises TaskRefused before it was referred,
    for an answer that cannot come of it or lies before the referral or in the future, and without the agency that an
    Early Help Hub names (Wokingham 3a).
    """
    task = _stored(task)
    if answer not in ANSWERS.get(task.kind, ()):
        raise TaskRefused("This cannot be the answer to it.")
    if task.done_at is None:
        raise TaskRefused("Say first when it was referred.")
    if not local_date(task.done_at) <= answered_on <= local_date(now):
        raise TaskRefused("The answer came between the referral and today. Check its date.")
    if answer == Answer.EARLY_HELP_HUB and not names.strip():
        raise TaskRefused("Name the agency that the Early Help Hub has found.")
    if (task.answer, task.answered_on, task.answer_names) == (answer, answered_on, names.strip()):
        return task
    before = task.answer
    task.answer, task.answered_on, task.answer_names = answer, answered_on, names.strip()
    task.save(update_fields=["answer", "answered_on", "answer_names"])
    _record(audit.Type.TASK_ANSWERED, task, {"before": before, "answer": answer}, by=by, now=now)
    return task


@transaction.atomic
def looked_at(task: Task, *, review_on: date | None, because: str, by: User, now: datetime) -> Task:
    """Say what was found when a task was looked at again, and when it is next; empty: not again (Wokingham 3a).

    What was found is a case note.

    Raises TaskRefused without a word of what was found, for a day that has passed, and when there is no such day.
    """
    if not because.strip():
        raise TaskRefused("Say what you found.")
    if review_on and review_on <= local_date(now):
        raise TaskRefused("The next review lies in the future.")
    task = _stored(task)
    if task.review_on is None or task.set_aside_at:
        raise TaskRefused("No review of this is due.")
    words = f"Reviewed. {because.strip()}"
    if task.review_on == review_on and CaseNote.objects.filter(**_noted(task, words), by=by).exists():
        return task  # the same, sent twice
    before, task.review_on = task.review_on, review_on
    task.save(update_fields=["review_on"])
    detail = {
        "reviewed": True,
        "before": before.isoformat(),
        "after": review_on.isoformat() if review_on else None,
    }
    note(task, words, by=by, now=now)
    _record(audit.Type.TASK_CHANGED, task, detail, by=by, now=now)
    return task


def note(task: Task, words: str, *, by: User, now: datetime) -> None:
    """Keep what somebody says of a task as a note on the case: the trail holds nobody's words."""
    CaseNote.objects.create(child_id=task.child_id, **_noted(task, words), by=by, at=now)


def _noted(task: Task, words: str) -> dict[str, Any]:
    """What is said of a task as the note on the case has it."""
    return {"referral": task.referral, "text": f"{task.get_kind_display()}: {task.about}\n{words}"}


def _what_changed(task: Task, changed: Sequence[str], now: datetime) -> str:
    """What of a task was changed, in words: `Now Robin Hale’s to do, by Mon 23 Nov.`"""
    today = local_date(now)
    said = []
    if "owner" in changed or "owner_team" in changed:
        said.append(f"Now for {task.owner or task.owner_team} to do.")
    if "due_on" in changed:
        said.append(f"Due {wording.day(task.due_on, today=today)}." if task.due_on else "No last day any more.")
    if "review_on" in changed:
        said.append(
            f"Review on {wording.day(task.review_on, today=today)}." if task.review_on else "No review any more."
        )
    return " ".join(said)


def to_record(task: Task) -> bool:
    """Whether it is done by recording what was shared (Nottinghamshire 7b, Somerset 8.1.3)."""
    return task.kind == Task.Kind.SEND_FORM or (task.kind == Task.Kind.SHARE and task.item in Share.To.values)


def answerable(task: Task) -> bool:
    """Whether an answer to it can be recorded now."""
    return task.done_at is not None and task.kind in ANSWERS


def _before_the_episode(task: Task, day: date) -> bool:
    """Whether a day lies before the earliest episode of the referral began."""
    covered = Episode.objects.filter(cover__referral=task.referral_id, withdrawn_at__isnull=True)
    began: datetime | None = covered.aggregate(began=Min("last_seen_at"))["began"]
    return began is not None and day < local_date(began)


def _refuse_hidden(referral: Referral, owner: Whose, *, now: datetime) -> None:
    sight = Sight([referral.child], now)
    if owner.worker and not sight.sees(owner.worker, referral.child_id):
        raise TaskRefused(why_not_to(owner.worker))


def _standing(task: Task) -> dict[str, object]:
    """Whose a task is, and its days, as the trail keeps them."""
    return {
        "owner": task.owner_id,
        "owner_team": task.owner_team_id,
        "due_on": task.due_on.isoformat() if task.due_on else None,
        "review_on": task.review_on.isoformat() if task.review_on else None,
    }


def _stored(task: Task) -> Task:
    """The task as it stands now, its referral held until the transaction ends."""
    locked(task.referral)
    rows = Task.objects.select_related("child", "referral__child", "settled_by", "owner", "owner_team")
    return rows.get(pk=task.pk)


def _already(task: Task, now: datetime) -> str:
    at = task.done_at or task.set_aside_at or now
    who = task.settled_by.name if task.settled_by else "Somebody"
    what = "ticked this off as done" if task.done_at else "set this aside"
    return f"{who} has already {what}: {wording.moment(at, now=now)}."


def refuse_settled(task: Task, *, now: datetime) -> None:
    """Raise TaskRefused if the task is settled."""
    if task.done_at or task.set_aside_at:
        raise TaskRefused(_already(task, now))


def _open(task: Task, *, now: datetime) -> Task:
    """The task as it stands now. Raises TaskRefused if it is settled."""
    task = _stored(task)
    refuse_settled(task, now=now)
    return task


def _record(line: audit.Type, task: Task, detail: Mapping[str, object], *, by: User, now: datetime) -> None:
    audit.record(
        line,
        by=by,
        at=now,
        subject=task,
        children=[task.referral.child.child_id],
        detail={"kind": task.kind, **detail},
    )
