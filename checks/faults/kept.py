"""What people did and what the clockwork owes them, beside the tables: all of it there, and each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from django.db.models import Count

from checks.faults.working import MANAGER, Work
from episodes.models import Child, Episode
from reporting.models import Download
from rhi.models import Attempt, Letter, Notice, NoticeKind, Outcome
from routing.models import Allocation, ClockName, Referral, ReferralEpisode
from staff.models import Membership, User
from staff.permissions import Role


class Kept:
    """How many stand once in the tables of what was acknowledged or is owed; and what is lost or there twice."""

    def __init__(self) -> None:
        self.once: Counter[str] = Counter()
        self.lost: list[str] = []
        self.twice: list[str] = []

    def compare(self, what: str, wanted: Collection[object], found: Iterable[object]) -> None:
        """Set what is wanted beside what is there; more of anything than one is one too many, wanted or not."""
        there = Counter(found)
        self.once[what] += sum(there[each] == 1 for each in wanted)
        self.lost += [f"{what} {each}" for each in wanted if not there[each]]
        self.twice += [f"{what} {each}, {number} times" for each, number in there.items() if number > 1]


def reckon(work: Work) -> Kept:
    """Look at everything but what is handed over. Call it when all is quiet and what recurs has run once more."""
    kept = Kept()
    notes = Attempt.objects.filter(note__startswith="Trial ").values_list("note", flat=True)
    kept.compare("attempt", work.attempts, notes)
    kept.compare("child", work.children, Child.objects.filter(first_name="Trial").values_list("child_id", flat=True))
    recorded = Episode.objects.filter(child__first_name="Trial")
    kept.compare("episode", work.episodes, recorded.values_list("police_ref", flat=True))
    # One that has returned is routed in the same step, acknowledged or not.
    covered = ReferralEpisode.objects.filter(episode__in=recorded).values_list("episode__police_ref", flat=True)
    kept.compare("referral for episode", [each.police_ref for each in recorded], covered)
    declined = Outcome.objects.filter(code="declined", episode__child__first_name="Trial")
    kept.compare("outcome of referral", work.refusals, declined.values_list("episode__cover__referral", flat=True))
    _files(kept, work)
    _notices(kept)
    _proposals(kept)
    return kept


def _files(kept: Kept, work: Work) -> None:
    """Each file that was asked for is there, whole, for the months for which it was asked."""
    mine = Download.objects.filter(asked_by=User.objects.get(email=MANAGER))
    kept.compare("file", work.downloads, mine.values_list("first", "last"))
    for file in mine:
        content = bytes(file.content or b"").decode("utf-8-sig")
        months = 12 * (int(file.last[:4]) - int(file.first[:4])) + int(file.last[5:]) - int(file.first[5:]) + 1
        if (
            not file.ready_at
            or not content.endswith("\n")
            or any(line.count(",") < months for line in content.splitlines()[1:2])
        ):
            kept.lost.append(f"the content of file {file.first} to {file.last}, asked for at {file.asked_at}")


def _notices(kept: Kept) -> None:
    """Whoever leads the tray is told once that the 72 hours of a child who came back end within the day.

    Unless it is over by now: that ends it. And of all that the clockwork tells, nobody is told anything twice, under
    whatever key; and who is told has it by email, too.
    """
    clock = ClockName.SEVENTY_TWO_HOURS.label
    told = Notice.objects.filter(kind=NoticeKind.DUE, child__first_name="Trial", about__startswith=clock)
    open_ones = Referral.objects.filter(child__first_name="Trial", closed_at__isnull=True)
    wanted = [(referral.pk, person) for referral in open_ones for person in _leading(referral)]
    kept.compare("notice", wanted, told.values_list("referral", "to"))
    alike = Notice.objects.exclude(key="").values("to", "child", "referral", "kind", "about")
    kept.twice += [f"notice {each}" for each in alike.annotate(number=Count("pk")).filter(number__gt=1).order_by()]
    unmailed = Notice.objects.filter(email__isnull=True, seen_at__isnull=True, to__preferences__by_email="at_once")
    kept.lost += [f"the email about notice {each.pk} ({each.key})" for each in unmailed]


def _leading(referral: Referral) -> Iterator[int]:
    """Who leads the team that holds it; where nobody does, the coordinators."""
    held = Allocation.objects.get(referral=referral, until__isnull=True)
    leaders = Membership.objects.filter(team=held.team, user__role=Role.TEAM_LEADER).values_list("user", flat=True)
    coordinators = User.objects.filter(role=Role.COORDINATOR).values_list("pk", flat=True)
    yield from leaders or coordinators


def _proposals(kept: Kept) -> None:
    """To each child who declined one letter is proposed, and of none there are two."""
    closed = Referral.objects.filter(child__first_name="Trial", closed_at__isnull=False).values_list("pk", flat=True)
    proposed = Letter.objects.filter(kind="refusal", to="child", child__first_name="Trial")
    kept.compare("proposal of referral", closed, proposed.values_list("referral", flat=True))
    alike = Letter.objects.exclude(kind="signposting").exclude(state="cancelled")
    doubled = alike.values("interview", "kind", "step", "to", "carer").annotate(number=Count("pk"))
    kept.twice += [f"letter {each}" for each in doubled.filter(number__gt=1).order_by()]
