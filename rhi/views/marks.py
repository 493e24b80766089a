"""What a page says of itself when, open for a while, it asks whether there is more to show: see rhi.views.live."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from rhi.listing import Tray, Workload
from rhi.models import (
    Addendum,
    Appointment,
    Attachment,
    Attempt,
    CaseNote,
    Escalation,
    Filed,
    InterviewRead,
    Letter,
    Offer,
    Outcome,
    RecordsCheck,
    Share,
    TakenBack,
    VisitorWarning,
)
from rhi.views.contact_panel import interviews_of
from routing.models import Allocation, Deadline, Referral, ReferralEpisode, Task

#: Of a page that shows more than this the address would be longer than servers take; it offers nothing.
MOST = 250


def tray_look(tray: Tray, workload: Workload | None) -> str:
    """Where a tray's page asks: it says which allocation was the newest, and how much lay there if that was counted."""
    marks = {"after": tray.newest} | ({"of": workload.all.all} if workload else {})
    return f"{reverse('rhi:tray_news', args=[tray.team])}?{urlencode(marks)}"


def tokens(**kinds: Iterable[int]) -> frozenset[str]:
    """Records by their kind and key, for instance `referral12`."""
    return frozenset(f"{kind}{key}" for kind, keys in kinds.items() for key in keys)


def work_look(shown: frozenset[str]) -> str:
    """Where the page of somebody's work asks: it says what it shows. Empty when that is too much to say."""
    if len(shown) > MOST:
        return ""
    return f"{reverse('rhi:work_news')}?{urlencode({'shown': '.'.join(sorted(shown))})}"


def referral_look(referral: Referral, mark: str) -> str:
    """Where a referral's page asks: it says how the referral stood."""
    return f"{reverse('rhi:referral_news', args=[referral.pk])}?{urlencode({'as': mark})}"


def referral_mark(referral: Referral) -> str:
    """How a referral stands: with other facts on its page it is another one. One query.

    The draft of the form is no part of it: it changes with every answer.
    """
    interviews = interviews_of(referral)
    of_them = {"interview__in": interviews.values("pk")}
    of_it = {"referral": referral.pk}
    itself, tasks = Referral.objects.filter(pk=referral.pk), Task.objects.filter(**of_it)
    letters = Letter.objects.filter(**of_it)
    covered, clocks = ReferralEpisode.objects.filter(**of_it), Deadline.objects.filter(**of_it)
    parts = [
        _facts(itself, "closed_at"),
        _facts(itself, "question_settled_at"),
        _facts(Allocation.objects.filter(**of_it), "until"),
        _facts(covered, "episode__returned_at"),
        _facts(covered, "episode__withdrawn_at"),
        _facts(interviews, "held_at"),
        _facts(interviews, "written_up_at"),
        _facts(interviews, "signed_off_at"),
        _facts(Attempt.objects.filter(**of_them), "attempted_at"),
        _facts(Offer.objects.filter(**of_them), "responded_at", word="response"),
        _facts(Appointment.objects.filter(**of_them), "ended_at"),
        _facts(Outcome.objects.filter(episode__cover__referral=referral.pk), "at", word="code"),
        _facts(tasks, "done_at"),
        _facts(tasks, "set_aside_at"),
        _facts(clocks, "due_at"),
        _facts(clocks, "met_at", word="settled"),
        _facts(TakenBack.objects.filter(**of_it), "at"),
        _facts(letters, "approved_at", word="state"),
        _facts(letters, "returned_at"),
        _facts(RecordsCheck.objects.filter(**of_it), "checked_at"),
        _facts(VisitorWarning.objects.filter(child=referral.child_id), "ended_at"),
        _facts(Attachment.objects.filter(**of_them), "taken_out_at"),
        _facts(InterviewRead.objects.filter(**of_them), "at"),
        _facts(Addendum.objects.filter(**of_them), "at"),
        _facts(Escalation.objects.filter(**of_it), "answered_at"),
        _facts(CaseNote.objects.filter(**of_it), "at"),
        _facts(Share.objects.filter(**of_it), "at"),
        _facts(Filed.objects.filter(**of_them), "at"),
    ]
    rows = sorted([str(part) for part in row] for row in parts[0].union(*parts[1:], all=True))
    return sha256(json.dumps(rows).encode()).hexdigest()[:20]


def _facts(rows: QuerySet[Any], instant: str, *, word: str = "") -> QuerySet[Any]:
    """Rows of any kind in one form, to be read together: what they say, their key, and one instant of theirs."""
    kind = f"{rows.model._meta.model_name} {instant} "
    words = Value(kind) if not word else Coalesce(F(word), Value(kind))
    named = rows.annotate(fact=Coalesce(words, Value(""), output_field=CharField()), fact_at=F(instant))
    facts: QuerySet[Any] = named.order_by().values_list("fact", "pk", "fact_at")
    return facts
