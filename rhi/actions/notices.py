"""What a person had to be told about a child, and has seen."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rhi.models import Notice
from staff import audit
from staff.models import User


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
