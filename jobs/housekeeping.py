"""What the installation does to keep itself tidy."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib.sessions.models import Session

from jobs.schedule import Daily, Recurring


def clear_expired_sessions(*, now: datetime, **_: object) -> None:
    """Remove the sign-ins that have run out; nobody can use them, and they pile up."""
    Session.objects.filter(expire_date__lte=now).delete()


SCHEDULE = (Recurring(clear_expired_sessions, every=Daily(time(3))),)
