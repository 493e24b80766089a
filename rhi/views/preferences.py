"""How somebody wants to be told, and who stands in while they are away: their own page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from rhi.actions import notices
from rhi.forms.preferences import PreferencesForm
from rhi.models import Preferences
from rhi.views import reaching


@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own preferences. Everybody has them, so it needs no permission."""
    now = timezone.now()
    person = reaching.person(request)
    stored = Preferences.objects.filter(user=person).first() or Preferences(user=person)
    initial = {name: getattr(stored, name) for name in notices.PREFERRED} | {"cover": stored.cover_id}
    form = PreferencesForm(request.POST or None, initial=initial, covers=notices.covers(person, now=now))
    if form.is_valid():
        try:
            notices.prefer(values=form.cleaned_data, by=person, now=now)
        except notices.PreferencesRefused as refusal:
            form.add_error("cover", str(refusal))
        else:
            messages.success(request, "Saved.")
            return redirect("rhi:preferences")
    return render(request, "rhi/preferences.html", {"form": form})
