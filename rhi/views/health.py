"""Whether the site works, for the people who run it and for the program that watches it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs.claims import on_hold
from jobs.handover import failed_count, uncertain_count
from jobs.sweep import dead_count, last_sweep, oldest_due

log = logging.getLogger(__name__)

BEHIND = timedelta(minutes=10)
"""Due work is looked for every minute. What still waits after this time is not being done."""


AHEAD = timedelta(minutes=5)
"""Clocks of two machines are never quite alike. What lies further ahead says nothing about the work of now."""


class Finding(NamedTuple):
    """What one look at the system found, in words without any personal data."""

    well: bool
    words: str


def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Finding(well=True, words="The database answers.")


def tables() -> Finding:
    """The tables are those that this version of the program expects."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Finding(well=False, words=f"Not up to date: {len(waiting)} migrations have not been applied.")
    return Finding(well=True, words="The tables are up to date.")


def sign_in() -> Finding:
    """Guesses at passwords are counted in the cache, so without its table nobody can sign in."""
    cache.get("health")
    return Finding(well=True, words="People can sign in.")


def background(now: datetime) -> Finding:
    """Work that runs by itself is looked for, done, and not given up, held, refused or uncertain."""
    swept, waiting_since = last_sweep(), oldest_due(now)
    if swept is None:
        return Finding(well=False, words="Due work has never been looked for.")
    if swept - now > AHEAD:
        words = f"A clock is wrong: due work was last looked for {in_words(swept)}, which is still to come."
        return Finding(well=False, words=words)
    if now - swept > BEHIND:
        return Finding(well=False, words=f"Due work was last looked for {in_words(swept)}.")
    if hold := on_hold():
        return Finding(well=False, words=f"Everything is held since {in_words(hold.since)}, until it is released.")
    if waiting_since and now - waiting_since > BEHIND:
        return Finding(well=False, words=f"Work has been waiting since {in_words(waiting_since)}.")
    for_a_person = {
        "Pieces of work given up, for a person to look at": dead_count(),
        "Uncertain whether they were sent, for a person to settle": uncertain_count(),
        "Emails and letters that failed, for a person to look at": failed_count(),
    }
    if said := " ".join(f"{words}: {number}." for words, number in for_a_person.items() if number):
        return Finding(well=False, words=said)
    return Finding(well=True, words=f"Due work was last looked for {in_words(swept)}.")


def in_words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%a %-d %b, %H:%M}"


ESSENTIAL = {"database", "tables", "sign-in"}
"""Without any of these nobody can be served; when work in the background stops, pages still go on."""


def look(now: datetime) -> dict[str, Finding]:
    """What each check found, in order. Without the database none of the others can answer."""
    checks: dict[str, Callable[[], Finding]] = {
        "database": database,
        "tables": tables,
        "sign-in": sign_in,
        "background": partial(background, now),
    }
    findings: dict[str, Finding] = {}
    for name, check in checks.items():
        findings[name] = looked_at(name, check)
        if not findings["database"].well:
            break
    return findings


def looked_at(name: str, check: Callable[[], Finding]) -> Finding:
    """What the check found; that the database fails it is a finding too, whose cause is for the log, not the page."""
    try:
        return check()
    except DatabaseError:
        log.exception("The health check of %s failed.", name)
        return Finding(well=False, words="The database does not answer this.")


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve people, else 503: as a page, or as JSON for a program that asks for it."""
    findings = look(timezone.now())
    serving = all(finding.well for name, finding in findings.items() if name in ESSENTIAL)
    status = 200 if serving else 503
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        answer = {name: finding._asdict() for name, finding in findings.items()}
        return JsonResponse({"serving": serving, "checks": answer}, status=status)
    well = all(finding.well for finding in findings.values())
    return render(request, "rhi/health.html", {"serving": serving, "well": well, "findings": findings}, status=status)
