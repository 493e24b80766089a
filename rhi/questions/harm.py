"""Sections I and J: harm, health and exploitation. Asked when an interview was held."""

from __future__ import annotations

from typing import Any

from rhi.questions.shapes import (
    YES_NO,
    Kind,
    Option,
    Part,
    Question,
    Rule,
    Section,
    When,
    choice,
    detail,
    multi,
    options,
    text,
    to_child,
)

HELD: dict[str, Any] = {"required": Rule.HELD}
INDICATORS = options(
    "Older associates or controlling adult",
    "Unexplained money, gifts or phones",
    "Found out of area or at distant address",
    "Travel paid by others",
    "Carrying drugs, weapons or cash",
    "Debt or threats",
    "Repeat missing, same pattern",
    "Hotel or house used with adults",
    "Sexual health concerns",
    "Online grooming",
    "New or secretive associates",
    "Change in school or behaviour",
    "Missing with another exploited child",
    "Seen with known person of concern",
    "Trafficking indicators (UASC)",
    "None",
    alone=("None",),
)
HARMS = (
    "Physical",
    "Sexual",
    "Emotional or threats",
    "Sexual exploitation",
    "Criminal exploitation",
    "Robbery",
    "Online harm",
    "Neglect of basic needs",
    "Self-harm",
    "Accident or injury",
)


def harms(none: str) -> tuple[Option, ...]:
    """Every kind of harm, and the word for none."""
    return options(*HARMS, none, alone=(none,))


HARM = Section(
    "I",
    "Harm and health",
    (
        to_child(
            choice("hurt", "Did anyone hurt, threaten or frighten you?", YES_NO, **HELD),
        ),
        Question(
            "harm_types",
            "Which harm was disclosed, and which do you suspect?",
            parts=(
                Part(
                    "disclosed", Kind.MULTI, "Disclosed", options(*HARMS, "None disclosed", alone=("None disclosed",))
                ),
                Part(
                    "suspected", Kind.MULTI, "Suspected", options(*HARMS, "None suspected", alone=("None suspected",))
                ),
            ),
            **HELD,
        ),
        text("harm_to_others", "Was there harm to or by others?"),
        to_child(
            choice("afraid", "Are you afraid of anyone?", YES_NO, detail("Of whom, and why"), **HELD),
        ),
        multi(
            "medical_needed",
            "Is medical attention needed?",
            options(
                "None",
                "GP",
                "A&E or minor injury",
                "SARC or sexual health",
                "Emergency contraception",
                "Mental health or crisis",
                "Medication missed",
                "Dentist",
                "Declined",
                alone=("None",),
            ),
            hint="If it is, see to it at once.",
            **HELD,
        ),
        text("injuries", "Which injuries were seen or described?"),
        choice(
            "immediate_action",
            "Which safeguarding action was taken at once?",
            options(
                "None needed",
                "MASH/CSC told",
                "999/101 called",
                "Strategy discussion asked for",
                "LADO told",
                "Other",
            ),
            detail("What was done", demanded_by=("other",)),
            **HELD,
        ),
    ),
    asked=Rule.HELD,
)

EXPLOITATION = Section(
    "J",
    "Exploitation",
    (
        multi("indicators", "Which indicators are there?", INDICATORS, **HELD),
        choice(
            "ce_screen",
            "Has a child exploitation screen been done?",
            options(
                "Completed",
                "Not needed - under threshold age and no concern",
                "Already done by social worker since the episode",
                "Outstanding",
            ),
            Part(
                "date",
                Kind.DATE,
                "Date of the screen",
                optional=True,
                demanded_by=frozenset({"completed", "already_done_by_social_worker_since_the_episode"}),
            ),
            **HELD,
        ),
        choice(
            "nrm",
            "Has a referral for modern slavery (NRM) been considered?",
            options("Not indicated", "Considered, not made", "Referral made"),
            detail("Reference", demanded_by=("referral_made",)),
            hint="Needed if there are indicators.",
            when=When("indicators", frozenset(option.code for option in INDICATORS if not option.alone)),
            **HELD,
        ),
        multi(
            "radicalisation_fm_fgm",
            "Are there other specific harms?",
            options("Radicalisation", "Forced marriage", "FGM", "Honour-based abuse", "None", alone=("None",)),
            **HELD,
        ),
    ),
    asked=Rule.HELD,
)
