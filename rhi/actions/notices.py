"""What a person had to be told about a child, and has seen; and how they want to be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from procedures.calendar import local_date
from rhi.models import Notice, Preferences
from staff import audit
from staff.actions import Refused
from staff.models import Membership, User

#: What a person can say of how they want to be told.
PREFERRED = ("by_email", "quiet_from", "quiet_until", "away_from", "away_until", "cover")


class PreferencesRefused(Refused):
    """Somebody cannot be told in this way."""


@transaction.atomic
def see(notice: Notice, *, by: User, now: datetime) -> Notice:
    """Mark a notice as seen by the person whom it is for; a second time changes nothing."""
    notice = Notice.objects.select_related("child").select_for_update(of=("self",)).get(pk=notice.pk)
    if notice.seen_at:
        return notice
    notice.seen_at = now
    notice.save(update_fields=["seen_at"])
    audit.record(audit.Type.NOTICE_SEEN, subject=notice, by=by, at=now, children=[notice.child.child_id])
    return notice


@transaction.atomic
def see_all(*, shown: Collection[int], by: User, now: datetime) -> int:
    """Mark as seen what a person was shown, notice by notice (primary keys); answers how many there were.

    Whatever did not stand on the page stays unseen: what has come in since, and what stands on the next page. Notices
    of somebody else are passed over.
    """
    rows = Notice.objects.filter(to=by, seen_at__isnull=True, pk__in=shown).select_for_update(of=("self",))
    notices = {notice.pk: notice.child.child_id for notice in rows.select_related("child")}
    if notices:
        Notice.objects.filter(pk__in=notices).update(seen_at=now)
        audit.record(
            audit.Type.NOTICE_SEEN,
            by=by,
            at=now,
            children=notices.values(),
            detail={"notices": sorted(notices)},
        )
    return len(notices)


def covers(person: User, *, now: datetime) -> list[User]:
    """Who can stand in for somebody: the people of their teams who work here, by name."""
    teams = Membership.objects.filter(user=person).values("team")
    colleagues = User.objects.filter(memberships__team__in=teams).exclude(pk=person.pk).distinct()
    today = local_date(now)
    return [user for user in colleagues.order_by("name", "pk") if not user.has_left(today)]


@transaction.atomic
def prefer(*, values: Mapping[str, Any], by: User, now: datetime) -> Preferences:
    """Store how a person wants to be told. Raises PreferencesRefused for somebody who cannot stand in."""
    cover = values.get("cover")
    if cover and cover not in covers(by, now=now):
        raise PreferencesRefused("Choose somebody of your teams to stand in for you.")
    stored, _ = Preferences.objects.select_for_update(of=("self",)).get_or_create(user=by)
    changed = [name for name in PREFERRED if getattr(stored, name) != values.get(name)]
    for name in changed:
        setattr(stored, name, values.get(name))
    if changed:
        stored.save(update_fields=changed)
        audit.record(audit.Type.PREFERENCES_CHANGED, subject=stored, by=by, at=now, detail={"fields": changed})
    return stored
