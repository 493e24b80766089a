"""Missing coordinators read every interview that is written up; what becomes known once it is signed off is added.

Nottinghamshire 7: the officer is told of every interview and reads it. Sign-off is another step: rhi.actions.signing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from episodes.access import named_of, sees_once_held
from episodes.models import visible
from procedures.calendar import local_date
from rhi.actions.interviews import locked
from rhi.models import Addendum, Interview, InterviewRead, Notice, NoticeKind
from rhi.wording import moment
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User, leavers
from staff.permissions import Role

ONCE = timedelta(minutes=1)
"""The same words of the same person within this time were sent twice: by a second press of the button."""


class ReadRefused(Refused):
    """What somebody has read is not what stands there now."""


class AddRefused(Refused):
    """Nothing can be added, because the form itself can still be written on."""


def to_read(user: User, now: datetime) -> QuerySet[Interview]:
    """The interviews written up here that no missing coordinator has read, of children whom a person may see.

    One that was sent back and written up anew is unread again. What records brought was read elsewhere.
    """
    read = InterviewRead.objects.filter(interview=OuterRef("pk"), written_up_at=OuterRef("written_up_at"))
    unread = Interview.objects.filter(~Exists(read), written_up_by__isnull=False)
    return unread.filter(visible(user, now, child="child__"))


def is_to_read(interview: Interview | None) -> bool:
    """Whether an interview was written up here and no missing coordinator has read it as it stands. One query."""
    if interview is None or not interview.written_up_by_id or not interview.written_up_at:
        return False
    return not InterviewRead.objects.filter(interview=interview, written_up_at=interview.written_up_at).exists()


def tell_of_write_up(interview: Interview, referral: Referral, *, by: User, now: datetime) -> None:
    """Tell every missing coordinator who may see the child, but whoever wrote it; in the write-up's transaction.

    Each is told once of a write-up. Three queries at most.
    """
    here = User.objects.filter(role=Role.COORDINATOR).exclude(pk__in=leavers(local_date(now)).values("pk"))
    named = named_of([referral.child], now)
    Notice.objects.bulk_create(
        [
            Notice(
                child_id=referral.child_id,
                to=person,
                kind=NoticeKind.WRITTEN_UP,
                key=_key(interview),
                referral=referral,
                about=f"The interview of referral {referral} is written up. It waits under To read.",
                by=by,
                at=now,
            )
            for person in here.exclude(pk=by.pk).order_by("pk")
            if referral.child_id not in named or sees_once_held(person, named[referral.child_id])
        ],
        ignore_conflicts=True,
    )


def _key(interview: Interview) -> str:
    at = interview.written_up_at
    return f"{NoticeKind.WRITTEN_UP}:{interview.pk}:{at.astimezone(UTC).isoformat() if at else ''}"


@transaction.atomic
def mark_read(referral: Referral, *, written_up_at: datetime | None, by: User, now: datetime) -> InterviewRead:
    """Record that a missing coordinator has read a form as it was written up at an instant.

    What somebody has read already stays theirs. Raises ReadRefused when the form was opened again or written up anew.
    """
    interview = _of(locked(referral))
    if interview is None or not interview.written_up_by_id:
        raise ReadRefused("This form can be written on again. It comes back to your list once it is written up.")
    if written_up_at is None or interview.written_up_at != written_up_at:
        again = moment(interview.written_up_at, now=now) if interview.written_up_at else ""
        raise ReadRefused(f"This interview was written up anew, {again}. Read it as it stands now.")
    return keep_read(interview, referral, written_up_at=written_up_at, by=by, now=now)


def keep_read(
    interview: Interview, referral: Referral, *, written_up_at: datetime, by: User, now: datetime
) -> InterviewRead:
    """Keep that a written-up interview was read, once; in the caller's transaction, which holds the referral locked."""
    read, made = InterviewRead.objects.select_related("by").get_or_create(
        interview=interview,
        written_up_at=written_up_at,
        defaults={"child_id": referral.child_id, "by": by, "at": now},
    )
    Notice.objects.filter(to=by, key=_key(interview), seen_at__isnull=True).update(seen_at=now)
    if made:
        _put_on_trail(audit.Type.INTERVIEW_READ, interview, referral, by=by, now=now)
    return read


@transaction.atomic
def add(referral: Referral, *, text: str, by: User, now: datetime) -> Addendum:
    """Add what became known after sign-off. It is dated, and nothing of it changes; the form stays as it was signed.

    The same words of the same person within a minute are kept once. Raises AddRefused before sign-off.
    """
    referral = locked(referral)
    interview = _of(referral)
    if interview is None or not interview.signed_off_at:
        raise AddRefused(
            "This interview is not signed off yet. Ask whoever reads it to send it back, and write this in the form."
            if interview and interview.written_up_at
            else "The form can still be written on. Write this in the form."
        )
    said = Addendum.objects.filter(interview=interview, by=by, text=text, at__gt=now - ONCE).first()
    if said is not None:
        return said
    added = Addendum.objects.create(child_id=referral.child_id, interview=interview, text=text, by=by, at=now)
    _put_on_trail(audit.Type.ADDED_TO, interview, referral, by=by, now=now)
    return added


def _of(referral: Referral) -> Interview | None:
    """The interview of a referral; of several the last one."""
    return referral.interviews.order_by("-pk").first()


def _put_on_trail(line: audit.Type, interview: Interview, referral: Referral, *, by: User, now: datetime) -> None:
    audit.record(
        line,
        subject=interview,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk},
    )
