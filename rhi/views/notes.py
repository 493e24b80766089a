"""A plain note on a referral."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi.actions import notes as actions
from rhi.forms.reading import NoteForm
from rhi.views import reaching
from staff import audit
from staff.permissions import Permission, requires


@requires(Permission.WORK_REFERRALS)
@require_http_methods(["GET", "POST"])
def write_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a note on a referral, open or closed, and perhaps mention a colleague."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    user = reaching.person(request)
    people = actions.readers(referral, now).exclude(pk=user.pk)
    form = NoteForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid():
        try:
            actions.write_note(referral, **form.cleaned_data, by=user, now=now)
        except actions.NoteRefused as refusal:
            form.add_error("mentioned", str(refusal))
        else:
            messages.success(request, "The note is kept. It stands in what has happened.")
            return redirect("rhi:referral", referral.pk)
    reaching.put_on_trail(
        request, audit.Type.REFERRAL_READ, now=now, children=[referral.child.child_id], subject=referral
    )
    context = {"now": now, "referral": referral, "child": referral.child, "form": form}
    return render(request, "rhi/write_note.html", context)
