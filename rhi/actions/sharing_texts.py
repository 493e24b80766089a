"""What is made here to be put elsewhere: texts to copy, and the record as a file for another body.

The product sends none of it (README, invariant 8): people do, by the authority's secure mail, and record it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.template.loader import render_to_string

from procedures.calendar import local_date
from rhi import codes, printing, sharing
from rhi.actions.form_document import Page, frozen_or_draft, in_words
from rhi.actions.form_facts import Case
from rhi.actions.sharing import around, filings
from rhi.models import Filed
from rhi.questions import SECTIONS
from rhi.questions.shapes import MAIN, ROWS, Part, Voice

QUESTIONS = {question.key: question for section in SECTIONS for question in section.questions}
NOTHING_GIVEN = frozenset({"declined", "none_given"})


class Text(StrEnum):
    """The texts that can be made, by the names that stand in their addresses."""

    TOOK_PLACE = "took-place"
    ASK_SOCIAL_WORKER = "ask-social-worker"
    EVENT_NOTE = "event-note"
    CASE_NOTE = "case-note"


TITLES = {
    Text.TOOK_PLACE: "That the interview took place",
    Text.ASK_SOCIAL_WORKER: "To ask the child’s social worker",
    Text.EVENT_NOTE: "Significant-event note for the early help record",
    Text.CASE_NOTE: "Case note for the main record",
}
#: Which text belongs to which record that is filed elsewhere.
OF = {Filed.What.RECORD: Text.CASE_NOTE, Filed.What.EVENT: Text.EVENT_NOTE}


def texts(case: Case) -> list[Text]:
    """The texts that fit a case as it stands: what a placement or parent is told, and notes once it is written up."""
    facts = around(case)
    to_tell = dict.fromkeys(facts.instead(to) for to in ("placement", "parent"))
    told = [Text(each.replace("_", "-")) for each in to_tell if each]
    return [*told, *(OF[Filed.What(each)] for each in filings(case))]


def text(case: Case, which: Text) -> str:
    """One of them, as plain text. That it took place is only said of an interview with a known day."""
    match which:
        case Text.TOOK_PLACE:
            held_on = _held_on(case)
            return sharing.took_place(held_on) if held_on else ""
        case Text.ASK_SOCIAL_WORKER:
            return sharing.ask_social_worker()
        case Text.EVENT_NOTE:
            return sharing.event_note(told(case))
        case Text.CASE_NOTE:
            return sharing.case_note(told(case))


def _held_on(case: Case) -> Any:
    return local_date(case.interview.held_at) if case.interview and case.interview.held_at else None


def told(case: Case) -> sharing.Told:
    """What the notes for our own other systems say of a case."""
    interview = case.interview
    who = (interview.worker or interview.written_up_by) if interview else None
    return sharing.Told(
        reference=str(case.referral),
        episodes=tuple(
            (local_date(each.last_seen_at), local_date(each.returned_at) if each.returned_at else None)
            for each in case.episodes
        ),
        outcomes=tuple(
            dict.fromkeys(
                ": ".join(filter(None, [each.get_code_display(), codes.REASON_WORDS.get(each.reason, "").lower()]))
                for each in case.outcomes.values()
            )
        ),
        held_on=_held_on(case),
        method=interview.get_method_display() if interview and interview.held_at else "",
        worker=who.name if who else "",
        offered=(*_interview_offered(case), *_given(case), *_actions(case)),
        risks=tuple((each["label"], ", ".join(each["words"])) for each in _said(case, "risk_level") if each["label"]),
        plan=", ".join(word for each in _said(case, "prevention_plan") for word in each["words"]),
        actions=_actions(case),
        analysis="\n".join(word for each in _said(case, "analysis") for word in each["words"]),
    )


def _said(case: Case, key: str) -> list[Any]:
    return list(in_words(QUESTIONS[key], case.values.get(key, {})))


def _interview_offered(case: Case) -> Sequence[str]:
    """To whom the interview was offered, in words."""
    to = [words for whom, words in (("child", "the child"), ("parent", "a parent or carer")) if case.to(whom)]
    return [f"an interview, to {' and '.join(to)}"] if to else []


def _given(case: Case) -> Sequence[str]:
    """Which information about staying safe was given."""
    part = QUESTIONS["safety_info_given"].parts[0]
    given = case.values.get("safety_info_given", {}).get(MAIN)
    chosen = given if isinstance(given, list) else []
    return [part.words(code) for code in chosen if code not in NOTHING_GIVEN]


def _actions(case: Case) -> tuple[str, ...]:
    """The actions of the form that are to be done or were done."""
    part: Part = next(each for each in QUESTIONS["actions"].columns if each.name == "action_type")
    rows = case.values.get("actions", {}).get(ROWS)
    found = [row for row in rows if row.get("action_status") != "not_needed"] if isinstance(rows, list) else []
    return tuple(dict.fromkeys(part.words(str(row["action_type"])) for row in found if row.get("action_type")))


# The record as a file


class Edition(StrEnum):
    """How much of the record a file holds."""

    WHOLE = "whole"
    WITHOUT_OTHERS = "without-other-people"


#: Of the edition for parents, placements and schools these sections' facts stay out: what the records know of the child
#: and why somebody was chosen, who was spoken to, with whom it was shared, and how the service kept its times.
FACTS_LEFT_OUT = frozenset({"B", "C", "D", "P", "Q"})
#: And these sections' answers: who was there while the child was missing, harm and by whom, signs of exploitation, the
#: worker's analysis and what is to be done about people. Their words name others in every second line.
ANSWERS_LEFT_OUT = frozenset({"H", "I", "J", "N", "O", "P"})


def pages(case: Case, edition: Edition, *, now: datetime) -> list[Page]:
    """The record's sections as an edition holds them, as it was written up.

    Without other people: what was asked about them or says more of them than of the child, what parents and placement
    say, and the facts about them are left out. The child's own words stay, and may name somebody all the same.
    """
    kept: list[Page] = []
    for page in frozen_or_draft(case, now=now).values():
        answered = [each for each in page["questions"] if each["said"] or each["rows"]]
        if edition is Edition.WHOLE:
            kept.append({**page, "questions": answered})
            continue
        own = [each for each in answered if not each["third_party"] and each["voice"] != Voice.CARER]
        shown = [] if page["letter"] in FACTS_LEFT_OUT else page["facts"]
        kept.append({**page, "facts": shown, "questions": [] if page["letter"] in ANSWERS_LEFT_OUT else own})
    return kept


def as_pdf(case: Case, edition: Edition, *, now: datetime) -> bytes:
    """The record as a tagged PDF (PDF/UA-1); its title and name say nothing of anybody.

    A second at most: not for a transaction.
    """
    return printing.pdf(as_html(case, edition, now=now))


def as_html(case: Case, edition: Edition, *, now: datetime) -> str:
    """What is printed, whole: it points to nothing outside itself."""
    return render_to_string(
        "rhi/record_file.html",
        {
            "referral": case.referral,
            "interview": case.interview,
            "authority": case.referral.version.procedure.authority.name,
            "pages": pages(case, edition, now=now),
            "without_others": edition is Edition.WITHOUT_OTHERS,
            "made_at": now,
            "written_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        },
    )
