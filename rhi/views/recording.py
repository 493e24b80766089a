"""Recording by hand, correcting and withdrawing: children, episodes and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from episodes.actions import SecondOpenEpisode, fingerprint
from episodes.models import Child, Episode
from procedures.models import Rulebook
from rhi import findings, wording
from rhi.actions import corrections, recording, withdrawing
from rhi.actions.corrections import OF_CHILD, OF_EPISODE, ChangedMeanwhile
from rhi.actions.foreseeing import foresee
from rhi.actions.recording import MayBeOnRecord, Overlap
from rhi.actions.withdrawing import Why, WhyBack
from rhi.forms import episodes as episode_forms
from rhi.forms import recording as children
from rhi.forms.fields import DeskForm
from rhi.views import changes, reaching
from routing.models import Allocation, ReferralEpisode
from staff import audit
from staff.actions import Refused
from staff.permissions import Permission, requires

get_or_post = require_http_methods(["GET", "POST"])


@requires(Permission.RECORD_EPISODES)
@get_or_post
def new_child(request: HttpRequest) -> HttpResponse:
    """A child whom no file has brought yet. Of a namesake the person sees what they may see."""
    now, by = timezone.now(), reaching.person(request)
    ours = Rulebook.load().newest.procedure.authority.code
    known = areas()
    form = children.NewChildForm(request.POST or None, now=now, ours=ours, areas=known)
    seen: list[Child] = []
    if request.method == "POST" and form.is_valid():
        try:
            child = recording.record_child(values=form.values(), although=form.although, by=by, now=now)
        except MayBeOnRecord as refusal:
            form.add_error(None, str(refusal))
            form.ask()
            seen = list(refusal.seen)
            found = [each.child_id for each in seen]
            reaching.put_on_trail(request, audit.Type.CHILD_SEARCHED, now=now, children=found, found=len(seen))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The child is recorded. Now record the episode.")
            return redirect("rhi:new_episode", child.pk)
    return render(request, "rhi/new_child.html", {"form": form, "now": now, "seen": seen, "areas": known})


@requires(Permission.RECORD_EPISODES)
@get_or_post
def new_episode(request: HttpRequest, pk: int) -> HttpResponse:
    """An episode of a child; with its return, if the child is back, it goes to a referral at once."""
    now, by = timezone.now(), reaching.person(request)
    child = reaching.the_child(request, pk, now=now, work=True)
    form = episode_forms.EpisodeForm(request.POST or None, now=now, initial={"notified_at": now})
    others: list[Episode] = []
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                episode = recording.record_episode(child, values=form.values(), although=form.although, by=by, now=now)
                findings.refresh([child.pk], now=now)
        except Overlap as refusal:
            form.add_error(None, str(refusal))
            form.ask()
            others = list(refusal.others)
        except SecondOpenEpisode as refusal:
            form.add_error(None, str(refusal))
            others = [refusal.other]
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if episode.returned_at:
                return _to_referral(request, episode, "The episode and the return are recorded.")
            messages.success(request, "The episode is recorded. Record the return when the child is back.")
            return redirect("rhi:child", child.pk)
    _read(request, child, now)
    return render(request, "rhi/new_episode.html", {"form": form, "now": now, "child": child, "others": others})


@requires(Permission.RECORD_EPISODES)
@get_or_post
def record_return(request: HttpRequest, pk: int) -> HttpResponse:
    """The return of a child: afterwards the person is led to the referral and told why it lies where it lies."""
    now, by = timezone.now(), reaching.person(request)
    episode = reaching.the_episode(request, pk, now=now)
    form = episode_forms.RecordReturnForm(
        request.POST or None, now=now, initial={"notified_at": now, "ended_how": episode.ended_how}
    )
    refused = ""
    if request.method == "GET":
        try:
            recording.refuse_return(episode, now=now)
        except Refused as refusal:
            refused = str(refusal)
    elif form.is_valid():
        try:
            with transaction.atomic():
                episode = recording.record_return(episode, values=form.values(), by=by, now=now)
                findings.refresh([episode.child_id], now=now)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to_referral(request, episode, "The return is recorded.")
    _read(request, episode.child, now)
    context = {"form": form, "now": now, "child": episode.child, "episode": episode, "refused": refused}
    return render(request, "rhi/record_return.html", context)


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def correct_child(request: HttpRequest, pk: int) -> HttpResponse:
    """Who a child is, put right: what changes is shown first."""
    now, by = timezone.now(), reaching.person(request)
    child = reaching.the_child(request, pk, now=now, work=True)
    ours = Rulebook.load().newest.procedure.authority.code
    known = areas()
    form = children.ChildForm(request.POST or None, now=now, ours=ours, areas=known, initial=children.of_child(child))
    values = changes.of_child(child, form.values()) if form.is_bound and form.is_valid() else {}

    def act(shown: str) -> None:
        corrections.correct_child(child, values=values, shown=shown, by=by, now=now)

    return step_by_step(
        request,
        "rhi/correct_child.html",
        form=form,
        act=act,
        now=now,
        record=child,
        names=OF_CHILD,
        lines=changes.lines(child, form, values, now=now),
        done="The record is corrected.",
        more={"areas": known},
    )


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def correct_episode(request: HttpRequest, pk: int) -> HttpResponse:
    """An episode, put right: what changes, and which clocks move, is shown first."""
    now, by = timezone.now(), reaching.person(request)
    episode = reaching.the_episode(request, pk, now=now)
    form = episode_forms.CorrectEpisodeForm(
        request.POST or None,
        now=now,
        is_back=episode.returned_at is not None,
        initial=episode_forms.of_episode(episode),
    )
    values = changes.of_episode(episode, form.values()) if form.is_bound and form.is_valid() else {}

    def act(shown: str) -> None:
        corrections.correct_episode(episode, values=values, shown=shown, by=by, now=now)

    return step_by_step(
        request,
        "rhi/correct_episode.html",
        form=form,
        act=act,
        now=now,
        record=episode,
        names=OF_EPISODE,
        lines=changes.lines(episode, form, values, now=now),
        done="The episode is corrected.",
    )


@requires(Permission.CORRECT_RECORDS)
@get_or_post
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A duplicate or an error is withdrawn, or what was withdrawn is put back; what follows is shown first."""
    now, by = timezone.now(), reaching.person(request)
    episode = reaching.the_episode(request, pk, now=now)
    is_out = episode.withdrawn_at is not None
    others = {
        str(other.pk): other
        for other in Episode.objects.filter(child=episode.child_id, withdrawn_at__isnull=True)
        .exclude(pk=episode.pk)
        .order_by("-last_seen_at", "-pk")
    }
    form: DeskForm
    if is_out:
        form = episode_forms.PutBackForm(request.POST or None)
    else:
        named = [(key, f"{wording.moment(one.last_seen_at, now=now)} ({one})") for key, one in others.items()]
        form = episode_forms.WithdrawForm(request.POST or None, others=named)

    def act(shown: str) -> None:
        said = form.cleaned_data
        if is_out:
            withdrawing.put_back(episode, why=WhyBack(said["why"]), shown=shown, by=by, now=now)
        else:
            withdrawing.withdraw(
                episode,
                why=Why(said["why"]),
                because=said["because"],
                duplicate_of=others.get(said["duplicate_of"]),
                shown=shown,
                by=by,
                now=now,
            )

    done = "The episode is put back." if is_out else "The episode is withdrawn. It is counted nowhere."
    return step_by_step(
        request,
        "rhi/withdraw.html",
        form=form,
        act=act,
        now=now,
        record=episode,
        names=OF_EPISODE,
        lines=None,
        done=done,
    )


def step_by_step(
    request: HttpRequest,
    template: str,
    *,
    form: DeskForm,
    act: Callable[[str], None],
    now: datetime,
    record: changes.Record,
    names: Iterable[str],
    lines: list[changes.Line] | None,
    done: str,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A change in two steps: first what it would do is shown, then it is done.

    `act` takes the fingerprint of what the person saw: of the fields `names`. `lines` are what differs; none given: the
    change is not one of fields. What was typed goes with the person from step to step.
    """
    child = record if isinstance(record, Child) else record.child
    fresh = fingerprint(record, names)
    shown = request.POST.get("shown", fresh)
    context: dict[str, Any] = {"form": form, "now": now, "child": child, "record": record, "shown": shown}
    context |= more or {}
    step = request.POST.get("step", "look")

    def do() -> None:
        with transaction.atomic():
            act(shown)
            findings.refresh([child.pk], now=now)

    if request.method == "POST" and form.is_valid() and step != "change":
        if lines == []:
            form.add_error(None, "Nothing is different from what is on record. Change something, or go back.")
        else:
            try:
                if step == "save":
                    do()
                    messages.success(request, done)
                    return redirect("rhi:child", child.pk)
                consequences = foresee(child, do)
                context |= {"lines": lines or [], "moves": changes.moves(consequences, now=now)}
                context |= {"sentences": consequences.sentences, "typed": _typed(request.POST.lists())}
            except ChangedMeanwhile as refusal:
                form.add_error(None, str(refusal))
                context["shown"] = fresh
            except Refused as refusal:
                form.add_error(None, str(refusal))
    _read(request, child, now)
    return render(request, template, context)


def areas() -> list[str]:
    """The areas that records name, to choose from: a slip of spelling would be another team's tray."""
    return list(Child.objects.exclude(area="").order_by("area").values_list("area", flat=True).distinct())


def _typed(lists: Any) -> list[tuple[str, str]]:
    """What was typed, to be sent along with the next step."""
    own = ("csrfmiddlewaretoken", "step", "shown")
    return [(name, value) for name, given in lists if name not in own for value in given]


def _read(request: HttpRequest, child: Child, now: datetime) -> None:
    page = request.resolver_match.url_name if request.resolver_match else ""
    reaching.put_on_trail(request, audit.Type.CHILD_READ, now=now, subject=child, children=[child.child_id], page=page)


def _to_referral(request: HttpRequest, episode: Episode, done: str) -> HttpResponse:
    """Lead to the referral that covers the episode, saying where it lies and why."""
    cover = ReferralEpisode.objects.filter(episode=episode).first()
    if cover is None:
        messages.success(request, f"{done} No interview is arranged for an episode of this kind.")
        return redirect("rhi:child", episode.child_id)
    messages.success(request, f"{done} {_where(cover)}")
    return redirect("rhi:referral", cover.referral_id)


def _where(cover: ReferralEpisode) -> str:
    decision: Mapping[str, Any] = cover.decision or {}
    holder = (
        Allocation.objects.filter(referral=cover.referral_id, until__isnull=True)
        .select_related("team", "worker")
        .first()
    )
    names = [str(each) for each in ((holder.worker, holder.team) if holder else ()) if each]
    joined = "It joined the open referral" if decision.get("destination") == "joined" else "A referral is open"
    return f"{joined}{', with ' + ', '.join(names) if names else ''}. {decision.get('because', '')}".strip()
