"""Which episodes an interview takes in: one more, or one fewer."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi.actions import episodes_covered
from rhi.forms.episodes_covered import EpisodesForm
from rhi.views import reaching
from routing.models import Referral
from staff import audit
from staff.models import User
from staff.permissions import Permission, requires


@requires(Permission.RECORD_EPISODES)
@require_http_methods(["GET", "POST"])
def covered(request: HttpRequest, pk: int) -> HttpResponse:
    """The episodes of a referral and the child's others: take one in, or take one out, with the reason."""
    now = timezone.now()
    referral = reaching.the_referral(request, pk, now=now, work=True)
    covering = episodes_covered.covering(referral, now=now)
    data = request.POST if request.method == "POST" else None
    form = EpisodesForm(data, covering=covering, now=now)
    if form.is_valid():
        try:
            words = _move(referral, form, by=reaching.person(request), now=now)
        except episodes_covered.CoveringRefused as refusal:
            form.add_error(None, str(refusal))
            covering = episodes_covered.covering(referral, now=now)
        else:
            messages.success(request, words)
            return redirect("rhi:covered", referral.pk)
    children = [referral.child.child_id]
    reaching.put_on_trail(request, audit.Type.REFERRAL_READ, now=now, children=children, subject=referral)
    context = {"now": now, "referral": referral, "child": referral.child, "covering": covering, "form": form}
    return render(request, "rhi/covered.html", context)


def _move(referral: Referral, form: EpisodesForm, *, by: User, now: datetime) -> str:
    """Take the chosen episode in or out; answers what has happened, in words."""
    chosen = {"episode": form.episode, "because": form.cleaned_data["because"], "by": by, "now": now}
    if form.takes_in:
        episodes_covered.take_in(referral, **chosen)
        return "This interview is now about that episode as well."
    own = episodes_covered.take_out(referral, **chosen)
    if own is None:
        return "This interview is no longer about that episode. The procedure asks for none."
    return f"This interview is no longer about that episode: it has a referral of its own, {own}."
