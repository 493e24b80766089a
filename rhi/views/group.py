"""Several referrals of one tray on the page that gives them to one worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rhi.actions import assigning as actions
from rhi.actions.assigning import Moved, ReasonNeeded, Seen
from rhi.forms.assigning import ChooseForm, candidates_for_many, primary_key
from rhi.views import reaching
from rhi.views.holding import moved_away, who_took_it
from routing.models import Allocation, Referral
from staff import audit
from staff.actions import Refused
from staff.models import Team


@dataclass(frozen=True)
class Row:
    """One referral: `note` says why it should rather stay out, and then it is not ticked."""

    referral: Referral
    holding: Allocation | None
    ticked: bool
    note: str
    asks: bool


class Group:
    """The referrals that a person chose in a tray, at one instant.

    The tray sends `referrals`, and with each the allocation that held when the tray was shown (`holding-12`). The
    page itself sends besides which of them it listed. Raises Http404 for one that was never theirs.
    """

    def __init__(self, request: HttpRequest, team: Team, now: datetime) -> None:
        self.request, self.team, self.now = request, team, now
        self.person = reaching.person(request)
        self.answers = "listed" in request.POST
        ticked = keys(request.POST.getlist("referrals"))
        listed = keys(request.POST.getlist("listed")) if self.answers else ticked
        self.shown = {key: primary_key(request.POST.get(f"holding-{key}", "")) for key in listed}
        rows = Referral.objects.select_related("child", "version").assignable_by(self.person, now)
        self.referrals = list(
            rows.filter(pk__in=listed).order_by("child__last_name", "child__first_name", "pk") if listed else []
        )
        self.ticked = [referral for referral in self.referrals if referral.pk in ticked]
        self.gone = self._gone({key for key in listed if key not in {referral.pk for referral in self.referrals}})
        self.holders = actions.holders_of([referral.pk for referral in self.referrals])
        self.people = candidates_for_many(team, self.holders, self.referrals, by=self.person, now=now)
        self.form = ChooseForm(
            request.POST if self.answers else None,
            people=self.people,
            taken=any(holder.worker_id for holder in self.holders.values()),
        )

    def _gone(self, missing: set[int]) -> list[str]:
        """Who moved which out of the person's reach since the tray was shown."""
        if not missing:
            return []
        missed = moved_away(self.request, [self.shown[key] for key in missing])
        for key in sorted(missing):
            if key not in missed:
                raise reaching.denied(Referral, key)
        after = actions.holders_of(sorted(missing))
        return [
            f"{missed[key].referral}: {who_took_it(missed[key], after.get(key), now=self.now)}"
            for key in sorted(missing)
        ]

    @property
    def is_answered(self) -> bool:
        """Whether the page has been filled in so that the referrals can be given; what is wrong stands in the form."""
        if not self.answers or not self.form.is_valid():
            return False
        for words in self.gone:
            self.form.add_error(None, words)
        if not self.ticked:
            self.form.add_error(None, "Tick at least one referral")
        return not self.form.errors

    @property
    def seen(self) -> list[Seen]:
        """The ticked referrals as the person was shown them."""
        return [Seen(referral.pk, self.shown[referral.pk]) for referral in self.ticked]

    def refuse(self, refusal: Refused) -> None:
        """Say why nothing happened; what was typed stays."""
        if isinstance(refusal, ReasonNeeded):
            self.form.add_error("reason", str(refusal))
        elif isinstance(refusal, Moved):
            self.holders = actions.holders_of([referral.pk for referral in self.referrals])
            self.form.add_error(None, "Nothing has been moved, because somebody else was faster.")
            for key, words in refusal.moved.items():
                self.form.add_error(None, f"R{key}: {words}")
        else:
            self.form.add_error(None, str(refusal))

    def rows(self) -> list[Row]:
        """The referrals with who holds them now; one that should rather stay out is not ticked."""
        rows = []
        for referral in self.referrals:
            holding = self.holders.get(referral.pk)
            note = self._note(referral, holding)
            ticked = referral in self.ticked and not note
            rows.append(Row(referral, holding, ticked, note, asks=actions.asks(referral)))
        return rows

    def _note(self, referral: Referral, holding: Allocation | None) -> str:
        if referral.closed_at:
            return "Closed: nobody can be given it any more."
        if actions.asks(referral):
            return "Waits for an answer."
        if self.shown[referral.pk] != (holding.pk if holding else None):
            return actions.how_it_moved(holding, to=self.person, now=self.now)
        return ""

    def show(self) -> HttpResponse:
        """The page, once the trail knows whose children it names."""
        children = [referral.child.child_id for referral in self.referrals]
        reaching.put_on_trail(
            self.request, audit.Type.LIST_READ, now=self.now, children=children, subject=self.team, page="assign_many"
        )
        context = {
            "team": self.team,
            "rows": self.rows(),
            "people": self.people,
            "gone": self.gone,
            "form": self.form,
            "now": self.now,
        }
        return render(self.request, "rhi/assign_many.html", context)


def keys(typed: Iterable[str]) -> list[int]:
    """Primary keys as a form carries them, each once; what is none is left out."""
    return list(dict.fromkeys(key for key in map(primary_key, typed) if key is not None))
