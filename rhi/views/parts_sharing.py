"""Invented shares for the page that shows every part. Nothing here is stored or about anybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from procedures.calendar import local_date
from rhi.models import Email, Filed, Share
from rhi.sharing import Around
from rhi.views.sharing import wished
from rhi.views.sharing_of_referral import SharingOf
from routing.models import Referral, Task
from staff.models import User


def invented(referral: Referral, worker: User, leader: User, *, now: datetime) -> dict[str, Any]:
    """What the parts about sharing take, by name."""
    agreed = Share(
        to="police",
        name="Missing team, missing@police.example.org",
        what="details",
        said="Two older boys met the child at the station.",
        how="secure_email",
        basis="task",
        shared_at=now - timedelta(hours=5),
        by=worker,
    )
    against = Share(
        to="parent",
        name="Alex Example, at home",
        what="details",
        said="Where the child will be tonight.",
        how="phone",
        basis="harm",
        shared_at=now - timedelta(hours=4),
        against_wish=True,
        because="The child is in danger tonight.",
        approved_by=leader,
        by=worker,
    )
    owed = Task(
        pk=0,
        referral=referral,
        kind=Task.Kind.SHARE,
        item="health",
        about="Share what is relevant with: Health. The interview raised a concern.",
        due_on=local_date(now) + timedelta(days=1),
    )
    return {
        "sharing": SharingOf(
            shares=[agreed, against],
            owed=[owed],
            emails=[Email(to=leader, made_at=now - timedelta(days=1), state=Email.State.SENT)],
            filed=[Filed(what="record", by=worker, at=now)],
            nobody_emailed=False,
        ),
        "wished": wished(Around({"parent": "agrees", "health": "agrees"}, held=True, written_up=True, theirs=False)),
    }
