"""The monthly table as its page, over the million episodes that checks.bench.table has filled in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from checks.bench import Figure, ratio
from checks.bench.table import YEAR
from checks.bench.visiting import visit
from reporting.tables import monthly
from staff.models import User
from staff.permissions import Role

PAIRS = 5


def measure() -> Iterator[Figure]:
    """Twelve months as a manager gets them, with their line in the trail."""
    with override_settings(
        STORAGES=settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        call_command("createcachetable", verbosity=0)
        manager = User.objects.create(email="alex.brand@example.org", name="Alex Brand", role=Role.MANAGER)
        empty = visit("/account/", manager)
        first, last = YEAR

        def parts() -> None:
            monthly(first, last, now=datetime.now(UTC))  # noqa: TID251 the page reads the clock
            empty()

        page = visit(f"/reports/?from={first}&to={last}", manager)
        yield ratio("12 months as a page, beside its query and an empty page", page, parts, limit=1.3, pairs=PAIRS)
