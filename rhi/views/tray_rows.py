"""The rows of a tray, written without the template engine: fifty of them cost it more than all the rest of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from procedures.clocks import state_at
from rhi import wording
from rhi.listing import Entry, Progress
from routing.models import ClockName

CLOCK_WORDS: dict[str | None, str] = dict(ClockName.choices)

# In square brackets stands what comes from records.

ROW = """\
<li class="rhi-tray__row{ticked}">{tick}
<div class="rhi-tray__child">
<h3 class="rhi-tray__name"><a class="govuk-link" href="{referral}[key]/">[name], [age]</a></h3>
{restricted}{warned}{interpreter}<p class="rhi-tray__why">{question}[why]</p>
<p class="rhi-tray__facts">[episodes] <span aria-hidden="true">·</span> [stage]</p>
</div>
<div class="rhi-tray__clock">{clock}</div>
<div class="rhi-tray__holder">{holder}{assign}</div>
</li>"""

TICK = """
<div class="rhi-tray__tick"><div class="govuk-checkboxes govuk-checkboxes--small" data-module="govuk-checkboxes">
<div class="govuk-checkboxes__item">
<input class="govuk-checkboxes__input" type="checkbox" name="referrals" value="[key]" id="tick-[key]">
<label class="govuk-label govuk-checkboxes__label" for="tick-[key]">\
<span class="govuk-visually-hidden">Choose [name], R[key]</span></label>
</div></div><input type="hidden" name="holding-[key]" value="[allocation]"></div>"""

ASSIGN = """
<a class="govuk-link" href="{referral}[key]/assign/">{words}<span class="govuk-visually-hidden"> [name]</span></a>"""

CLOCK = """
<strong class="rhi-standing rhi-standing--[tone]" data-rhi-due="[counts_to]" data-rhi-tone="[tone]" \
data-rhi-clock="[clock], [name]">[standing]</strong>
<span class="rhi-tray__due">[clock], due [due]</span>"""

NO_CLOCK = '<span class="rhi-tray__due">No clock is running</span>'
QUESTION = '<strong class="govuk-tag govuk-tag--purple">Question</strong> '
WARNED = '<strong class="govuk-tag govuk-tag--yellow">Warning for visitors</strong> '
INTERPRETER = '<strong class="govuk-tag govuk-tag--turquoise">[interpreter]</strong> '
HOLDER = "<span>[worker]</span>"
LEFT = '<span class="rhi-tray__nobody">[worker]</span>'
NOBODY = '<span class="rhi-tray__nobody">Nobody yet</span>'


class Look(NamedTuple):
    """What decides how a row is drawn."""

    restricted: bool
    warned: bool
    interpreter: bool
    asked: bool
    timed: bool
    held: bool
    left: bool

    @classmethod
    def of(cls, entry: Entry) -> Look:
        """Of one referral."""
        return cls(
            restricted=entry.restricted,
            warned=bool(entry.warned),
            interpreter=bool(entry.interpreter_needed),
            asked=bool(entry.asked),
            timed=entry.due_at is not None,
            held=entry.worker is not None,
            left=bool(entry.worker_left),
        )


def rows(
    entries: Iterable[Entry], done: Mapping[int, Progress], now: datetime, *, may_assign: bool
) -> list[SafeString]:
    """One row for each entry, with boxes and links to assign for whoever may."""
    layouts: dict[Look, str] = {}
    drawn = []
    for entry in entries:
        kind = Look.of(entry)
        if kind not in layouts:
            layouts[kind] = _layout(kind, may_assign=may_assign)
        facts = _facts(entry, done[entry.pk], now)
        # What format_html does, in a fifth of the time: a page has six hundred facts.
        drawn.append(SafeString(layouts[kind].format(**{name: escape(str(said)) for name, said in facts.items()})))
    return drawn


def _layout(look: Look, *, may_assign: bool) -> str:
    """A row with places for what comes from records; nothing here comes from one."""
    referral = reverse("rhi:referral", args=[0]).removesuffix("0/")
    layout = ROW.format(
        ticked=" rhi-tray__row--ticked" if may_assign else "",
        tick=TICK if may_assign else "",
        referral=referral,
        restricted=render_to_string("components/child_restricted.html") if look.restricted else "",
        warned=WARNED if look.warned else "",
        interpreter=INTERPRETER if look.interpreter else "",
        question=QUESTION if look.asked else "",
        clock=CLOCK if look.timed else NO_CLOCK,
        holder=(LEFT if look.left else HOLDER) if look.held else NOBODY,
        assign=ASSIGN.format(referral=referral, words="Reassign" if look.held else "Assign") if may_assign else "",
    )
    return layout.replace("[", "{").replace("]", "}")


def _stage(entry: Entry, done: Progress, now: datetime) -> str:
    """How far a referral has come, what is owed on it, and for how long its question has waited."""
    said = [done.stage]
    if done.form_owed:
        said.append("form owed")
    if entry.asked and done.in_tray_at:
        said.append(f"question waits {wording.span(now - done.in_tray_at)}")
    return ", ".join(said)


def _facts(entry: Entry, done: Progress, now: datetime) -> dict[str, object]:
    """What a row says, to be escaped where it is put in."""
    facts: dict[str, object] = {
        "key": entry.pk,
        "name": f"{entry.first_name} {entry.last_name}",
        "age": entry.age(now),
        "why": entry.why,
        "episodes": "1 episode" if done.episodes == 1 else f"{done.episodes} episodes",
        "stage": _stage(entry, done, now),
        "interpreter": wording.interpreter(entry.interpreter_needed, entry.language),
        "allocation": entry.allocation,
        "worker": wording.holder(entry.worker or "", has_left=bool(entry.worker_left)),
    }
    if entry.due_at is not None:
        state = state_at(now, due_at=entry.due_at, settled=None)
        standing = wording.standing(state, due_at=entry.due_at, met_at=None, now=now)
        facts |= {
            "tone": standing.tone,
            "standing": standing.words,
            "counts_to": entry.due_at.isoformat(),
            "clock": CLOCK_WORDS[entry.clock],
            "due": wording.moment(entry.due_at, now=now),
        }
    return facts
