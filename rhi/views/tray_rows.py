"""The rows of a tray, written without the template engine: fifty of them cost it more than all the rest of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
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
{restricted}<p class="rhi-tray__why">{question}[why]</p>
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
<strong class="rhi-standing rhi-standing--[tone]">[standing]</strong>
<span class="rhi-tray__due">[clock], due [due]</span>"""

NO_CLOCK = '<span class="rhi-tray__due">No clock is running</span>'
QUESTION = '<strong class="govuk-tag govuk-tag--purple">Question</strong> '
HOLDER = "<span>[worker]</span>"
NOBODY = '<span class="rhi-tray__nobody">Nobody yet</span>'


def rows(
    entries: Iterable[Entry], done: Mapping[int, Progress], now: datetime, *, may_assign: bool
) -> list[SafeString]:
    """One row for each entry, with boxes and links to assign for whoever may."""
    layouts: dict[tuple[bool, ...], str] = {}
    drawn = []
    for entry in entries:
        kind = (entry.restricted, bool(entry.asked), entry.due_at is not None, entry.worker is not None)
        if kind not in layouts:
            layouts[kind] = _layout(*kind, may_assign=may_assign)
        drawn.append(format_html(layouts[kind], **_facts(entry, done[entry.pk], now)))
    return drawn


def _layout(restricted: bool, asked: bool, timed: bool, held: bool, *, may_assign: bool) -> str:
    """A row with places for what comes from records; nothing here comes from one."""
    referral = reverse("rhi:referral", args=[0]).removesuffix("0/")
    layout = ROW.format(
        ticked=" rhi-tray__row--ticked" if may_assign else "",
        tick=TICK if may_assign else "",
        referral=referral,
        restricted=render_to_string("components/child_restricted.html") if restricted else "",
        question=QUESTION if asked else "",
        clock=CLOCK if timed else NO_CLOCK,
        holder=HOLDER if held else NOBODY,
        assign=ASSIGN.format(referral=referral, words="Reassign" if held else "Assign") if may_assign else "",
    )
    return layout.replace("[", "{").replace("]", "}")


def _facts(entry: Entry, done: Progress, now: datetime) -> dict[str, object]:
    """What a row says, to be escaped where it is put in."""
    facts: dict[str, object] = {
        "key": entry.pk,
        "name": f"{entry.first_name} {entry.last_name}",
        "age": entry.age(now),
        "why": entry.why,
        "episodes": "1 episode" if done.episodes == 1 else f"{done.episodes} episodes",
        "stage": done.stage,
        "allocation": entry.allocation,
        "worker": entry.worker,
    }
    if entry.due_at is not None:
        state = state_at(now, due_at=entry.due_at, settled=None)
        standing = wording.standing(state, due_at=entry.due_at, met_at=None, now=now)
        facts |= {
            "tone": standing.tone,
            "standing": standing.words,
            "clock": CLOCK_WORDS[entry.clock],
            "due": wording.moment(entry.due_at, now=now),
        }
    return facts
