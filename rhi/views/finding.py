"""Finding a child: by name or by what sounds like it, by person ID, by police reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.crypto import get_random_string

from episodes.models import Child, Episode, visible
from episodes.names import Likeness, likeness, words
from staff.models import User
from staff.permissions import Permission, allowed

AT_MOST = 50
#: How long, and how many at a time, searches stay with whoever made them; signing out ends them all.
KEPT_FOR = timedelta(minutes=30)
KEPT_AT_MOST = 10
SEARCHES = "searches"


@dataclass(frozen=True)
class Hit:
    """A child who was found, and how well the name fits what was typed."""

    child: Child
    missing: bool
    how: Likeness

    @property
    def sounds_alike(self) -> bool:
        """Whether the name is another than the one typed."""
        return self.how is Likeness.SOUND


@dataclass(frozen=True)
class Found:
    """Children whom a search found: `theirs` may be opened, `elsewhere` are another team's, found by an exact search.

    At most fifty of each are held; the numbers say how many there were. `kind` is `reference` or `name`.
    """

    kind: str
    theirs: list[Hit]
    elsewhere: list[Hit]
    number_theirs: int
    number_elsewhere: int

    @property
    def child_ids(self) -> list[str]:
        """Of every child shown."""
        return [hit.child.child_id for hit in (*self.theirs, *self.elsewhere)]


def keep(session: SessionBase, typed: str, *, now: datetime) -> str:
    """Keep what was typed in the person's session, so that no address holds it; answers the name of the search.

    Each search has a name of its own by chance: Back leads to the search that was there, also in a second window.
    """
    name = get_random_string(12)
    session[SEARCHES] = [*session.get(SEARCHES, []), [name, typed, now.isoformat()]][-KEPT_AT_MOST:]
    return name


def kept(session: SessionBase, name: str, *, now: datetime) -> str | None:
    """What was typed in the search of this name; None when it is not kept, or not any more."""
    for known, typed, at in session.get(SEARCHES, []):
        if known == name and now - datetime.fromisoformat(at) < KEPT_FOR:
            return str(typed)
    return None


def find(typed: str, *, user: User, now: datetime) -> Found:
    """Look for a child in at most four queries, however many there are.

    Whom the person may see is found by part of a name and by sound; another team's child only by the whole name, the
    person ID or a police reference. A restricted child whom they may not see is not looked at.
    """
    typed = typed.strip()
    reach = Child.objects.filter(Q(restricted=False) | visible(user, now))
    if not allowed(user, Permission.OPEN_WITH_REASON):
        reach = reach.filter(visible(user, now))
    seen = Case(When(visible(user, now), then=Value(value=True)), default=Value(value=False))
    kind, ranked = "reference", _by_reference(reach, seen, typed)
    if not ranked:
        kind, ranked = "name", _by_name(reach, seen, typed)
    theirs = [(key, how) for key, how, seen in ranked if seen]
    elsewhere = [(key, how) for key, how, seen in ranked if not seen]
    shown = _fetched(key for key, _ in (*theirs[:AT_MOST], *elsewhere[:AT_MOST]))
    return Found(
        kind,
        [Hit(*shown[key], how) for key, how in theirs[:AT_MOST]],
        [Hit(*shown[key], how) for key, how in elsewhere[:AT_MOST]],
        len(theirs),
        len(elsewhere),
    )


def _by_reference(reach: QuerySet[Child], seen: Case, typed: str) -> list[tuple[int, Likeness, bool]]:
    named = Episode.objects.filter(child=OuterRef("pk"), police_ref__iexact=typed)
    rows = reach.filter(Q(child_id__iexact=typed) | Q(Exists(named))).order_by("last_name", "first_name", "pk")
    return [(key, Likeness.EXACT, theirs) for key, theirs in rows.values_list("pk", seen)]


def _by_name(reach: QuerySet[Child], seen: Case, typed: str) -> list[tuple[int, Likeness, bool]]:
    """The names that fit, the best first; each is compared as people say it, which no database does."""
    wanted = words(typed)
    fitting = []
    for key, first, last, theirs in reach.values_list("pk", "first_name", "last_name", seen).iterator(chunk_size=5000):
        how = likeness(wanted, words(first) + words(last))
        if how is not None and (theirs or how is Likeness.EXACT):
            fitting.append((how, last.casefold(), first.casefold(), key, theirs))
    return [(key, how, theirs) for how, _, _, key, theirs in sorted(fitting)]


def _fetched(keys: Iterable[int]) -> dict[int, tuple[Child, bool]]:
    """These children, each with whether they are missing."""
    keys = list(keys)
    away = Episode.objects.filter(child__in=keys, returned_at__isnull=True, withdrawn_at__isnull=True, ended_how="")
    missing = set(away.values_list("child_id", flat=True))
    return {child.pk: (child, child.pk in missing) for child in Child.objects.filter(pk__in=keys)}
