"""Which part of the episodes figures are about: a team's, an area's, an age band's, looked-after children's, whose."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear

from episodes.models import Episode, Involvement, Service
from procedures.calendar import LONDON
from procedures.types import Counting
from rhi.filters import AGE_WORDS, AGES
from routing.models import Allocation

#: Ages in years on the day of return: the key that stands in an address, and its words.
AGE_BANDS: dict[str, str] = dict(AGE_WORDS)

#: Whether a child was looked after when they went missing, with its words.
LOOKED_AFTER = {"yes": "looked after", "no": "not looked after"}

#: Whose children are counted, where that is not as the procedure says, with its words.
WHOSE = {
    "ours": "our own children",
    "theirs": "other authorities' children",
    "both": "our own and other authorities' children",
}

OURS = Q(child__responsible_authority__isnull=True)
YEAR = 10_000
"""A birthday a year on, in days written as numbers: 20260315 is 10,000 after 20250315."""


@dataclass(frozen=True)
class Narrowing:
    """What narrows the episodes that figures are about; everything that is left empty narrows nothing.

    `team` (primary key) holds the referral of the episode, or was the last to hold it. `area` is the child's. `age` is
    a key of AGE_BANDS: years on the day of return, or when last seen while not back. `looked_after` is "yes" or "no":
    our own looked-after children, on the day they went missing. `whose` is "ours", "theirs" or "both": it changes
    whose children are counted, and leaves what is shown apart as it is.

    Raises ValueError for a code that is none of these, because a filter that is not understood must not count all.
    """

    team: int | None = None
    area: str = ""
    age: str = ""
    looked_after: str = ""
    whose: str = ""

    def __post_init__(self) -> None:
        for name, known in (("age", AGE_BANDS), ("looked_after", LOOKED_AFTER), ("whose", WHOSE)):
            if (code := getattr(self, name)) and code not in known:
                raise ValueError(f"'{code}' is none of {', '.join(known)}, which {name} can be")

    def __bool__(self) -> bool:
        return self != NOT_NARROWED

    def whose_children(self, counting: Counting) -> Q:
        """The condition on whose children are counted: as chosen, otherwise as the procedure says."""
        chosen = self.whose or ("both" if counting.include_other_authorities else "ours")
        return {"ours": OURS, "theirs": ~OURS, "both": Q()}[chosen]

    def of(self, rows: QuerySet[Episode]) -> QuerySet[Episode]:
        """Of these episodes, each with the day `seen_on`, those that are left; no row is multiplied."""
        if self.team is not None:
            rows = rows.filter(_held_by(self.team))
        if self.area:
            rows = rows.filter(child__area=self.area)
        if self.age:
            youngest, oldest = AGES[self.age]
            rows = rows.alias(age_written=_age_written()).filter(
                age_written__gte=youngest * YEAR, age_written__lt=(oldest + 1) * YEAR
            )
        if self.looked_after:
            in_care = OURS & Q(Exists(_care_on_the_day()))
            rows = rows.filter(in_care if self.looked_after == "yes" else ~in_care)
        return rows


#: The figures as the procedure counts, of all teams and areas.
NOT_NARROWED = Narrowing()


def _held_by(team: int) -> Q:
    """That this team was the last to hold the episode's referral; who held it later without a team is passed over."""
    later = Allocation.objects.filter(
        Q(since__gt=OuterRef("since")) | Q(since=OuterRef("since"), pk__gt=OuterRef("pk")),
        referral=OuterRef("referral"),
        team__isnull=False,
    )
    last = Allocation.objects.filter(~Exists(later), team=team, referral__covered__episode=OuterRef("pk"))
    return Q(Exists(last))


def _care_on_the_day() -> QuerySet[Involvement]:
    day = OuterRef("seen_on")
    return Involvement.objects.filter(
        Q(end__isnull=True) | Q(end__gte=day), child=OuterRef("child"), service=Service.LOOKED_AFTER, start__lte=day
    )


def _age_written() -> CombinedExpression:
    """The day of return less the birthday, both written as numbers (20260315): ten thousand a year of age.

    Whoever was born on 29 February is a year older on 1 March of other years (routing.gathering.age_on).
    """
    back = Coalesce("returned_at", "last_seen_at")
    born = F("child__date_of_birth")
    return (
        (ExtractYear(back, tzinfo=LONDON) - ExtractYear(born)) * YEAR
        + (ExtractMonth(back, tzinfo=LONDON) - ExtractMonth(born)) * 100
        + (ExtractDay(back, tzinfo=LONDON) - ExtractDay(born))
    )
