"""A tray of 10,000 open referrals, beside an empty page, Django admin's list, and a young installation."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.test import override_settings
from django.urls import path

from checks.bench import Figure, ratio, seconds, use_fresh_database
from checks.bench.visiting import visit
from rhi.listing import PAGE
from rhi.urls import urlpatterns as our_addresses
from routing.models import Referral
from staff.models import User

FILL = Path(__file__).resolve().parent / "tray.sql"
OPEN, MANY = 10_000, 200_000
PAIRS = 15


if TYPE_CHECKING:
    Admin = ModelAdmin[Referral]
else:
    Admin = ModelAdmin


class OpenReferrals(Admin):
    """The same columns as a tray's row, as somebody would list them who knows the admin well: without a query a row."""

    list_display = ("child_name", "born", "episodes", "destination", "question", "worker", "clock", "due")
    list_per_page = PAGE
    ordering = ("next_due_at", "pk")
    show_full_result_count = False
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Referral]:  # noqa: ARG002 Django's shape
        rows = Referral.objects.filter(closed_at=None, allocations__until=None, allocations__team=1)
        shown = rows.visible_to(the_leader(), datetime.now(UTC))  # noqa: TID251 as the page itself does
        return (
            shown.select_related("child")
            .with_next_deadline()
            .annotate(covering=Count("covered"))
            .prefetch_related("allocations__worker")
        )

    def child_name(self, row: Referral) -> str:
        return f"{row.child.first_name} {row.child.last_name}"

    def born(self, row: Referral) -> object:
        return row.child.date_of_birth

    def episodes(self, row: Any) -> int:
        return int(row.covering)

    def worker(self, row: Referral) -> str:
        return next((str(each.worker or "") for each in row.allocations.all() if each.until is None), "")

    def clock(self, row: Any) -> str:
        return str(row.next_clock)

    def due(self, row: Any) -> object:
        return row.next_due_at

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 Django's shape
        return True

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 Django's shape
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def has_module_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 Django's shape
        return False


class PrivateSite(AdminSite):
    """An admin site that exists for the length of a measurement."""

    def has_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 Django's shape
        return True


def the_leader() -> User:
    """Whoever looks: the leader of the team whose tray it is."""
    return User.objects.get(pk=1)


admin = PrivateSite(name="admin")
urlpatterns = [*our_addresses]


def measure() -> Iterator[Figure]:
    """The tray's first page as its leader gets it, with its line in the trail."""
    with override_settings(
        INSTALLED_APPS=[*settings.INSTALLED_APPS, "django.contrib.admin"],
        ROOT_URLCONF=__name__,
        STORAGES=settings.STORAGES
        | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
    ):
        admin.register(Referral, OpenReferrals)
        urlpatterns.append(path("admin/", admin.urls))
        fill("bench_tray_young", referrals=OPEN)
        young = visit("/trays/1/", the_leader())
        fill("bench_tray", referrals=MANY)
        many, empty, listed = (
            visit("/trays/1/", the_leader()),
            visit("/account/", the_leader()),
            visit("/admin/routing/referral/", the_leader()),
        )
        yield ratio("a tray of 10,000 open referrals, beside an empty page", many, empty, limit=5, pairs=PAIRS)
        yield ratio("the same, beside Django admin's list of the same columns", many, listed, limit=0.2, pairs=PAIRS)
        yield grown(many, young)


def fill(name: str, *, referrals: int) -> None:
    """A database of so many referrals, the newest of them open."""
    use_fresh_database(name, procedure="somerset")
    call_command("createcachetable", verbosity=0)
    values: dict[str, Any] = {"referrals": referrals, "open": OPEN, "now": datetime.now(UTC)}  # noqa: TID251 the page reads the clock
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FILL.read_text("utf-8"), values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def grown(many: Callable[[], object], few: Callable[[], object]) -> Figure:
    """How many times as long the page takes beside 200,000 referrals as beside 10,000, pair by pair."""
    names = {many: "bench_tray", few: "bench_tray_young"}

    def timed(page: Callable[[], object]) -> float:
        connection.close()
        connection.settings_dict["NAME"] = names[page]
        page()
        return seconds(page)

    ratios = [timed(many) / timed(few) for _ in range(PAIRS)]
    name = "the same, beside one of 10,000 referrals in all"
    return Figure(name, statistics.median(ratios), 1.2, "times", min(ratios), max(ratios))
