"""Records checked before a first contact: which, when, by whom, with known risks and agencies (Somerset 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rhi.actions.interviews import locked
from rhi.models import RecordsCheck
from rhi.questions.before import CHILD
from rhi.questions.shapes import MAIN, Option
from rhi.wording import in_full
from routing.models import Referral
from staff import audit
from staff.actions import Refused
from staff.models import User

#: The form's question about the risks that were known: its options are the ones that a check can find.
KNOWN_RISKS = next(question for question in CHILD.questions if question.key == "known_risks")
OPTIONS: tuple[Option, ...] = next(part.options for part in KNOWN_RISKS.parts if part.name == MAIN)
#: The option that stands for no risk at all; a check says so by naming none.
NONE = next(option for option in OPTIONS if option.alone)


class CheckRefused(Refused):
    """A check of the records cannot be recorded like this. `field` names the value at fault, where it is one."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def risks_in_words(check: RecordsCheck) -> list[str]:
    """The known risks in words; that there was none is one of the answers."""
    return [option.words for option in OPTIONS if option.code in check.risks] or [NONE.words]


def known_risks(check: RecordsCheck) -> str:
    """The known risks in one line, with what was noted of them."""
    return ". ".join(filter(None, [", ".join(risks_in_words(check)), check.risks_note]))


def whose_knowledge(check: RecordsCheck) -> str:
    """Who looked, and when, in words that stay true on paper."""
    return f"Known from the records, checked by {check.by} on {in_full(check.checked_at)}"


def from_records(check: RecordsCheck) -> list[tuple[str, object]]:
    """What was found before the first contact, as facts of the form: beside its answers, never one of them."""
    return [
        (whose_knowledge(check), known_risks(check)),
        ("Records looked into", ", ".join(check.systems_in_words)),
        ("Agencies involved", check.agencies or "None found"),
    ]


@dataclass(frozen=True)
class Beside:
    """What the records say beside a question: whose knowledge it is, in words, and the options it would be."""

    title: str
    said: str
    found: tuple[str, ...]


def beside(check: RecordsCheck | None) -> dict[str, Beside]:
    """What is known beside the questions, by their keys. It becomes an answer only when somebody takes it over."""
    if check is None:
        return {}
    found = tuple(check.risks) or (NONE.code,)
    return {KNOWN_RISKS.key: Beside(whose_knowledge(check), known_risks(check), found)}


def taken_over(chosen: Sequence[str], found: Sequence[str]) -> list[str]:
    """What is chosen once somebody has taken over what the records say: no risk that was chosen is lost by it."""
    if NONE.code in found:
        return list(chosen) or list(found)
    return [*(code for code in chosen if code != NONE.code), *(code for code in found if code not in chosen)]


@transaction.atomic
def record_check(
    referral: Referral,
    *,
    systems: Sequence[str],
    risks: Sequence[str],
    risks_note: str = "",
    agencies: str = "",
    checked_at: datetime,
    by: User,
    now: datetime,
) -> RecordsCheck:
    """Record what somebody found in the records (Somerset 4.4). A later check stands beside an earlier one.

    The same one sent twice is recorded once. Nothing of it becomes an answer of the form by itself. Raises
    CheckRefused.
    """
    referral = locked(referral)
    if not systems:
        raise CheckRefused("Choose at least one of the records that you looked into.", "systems")
    if not risks:
        raise CheckRefused("Choose the risks that you found, or that none is known.", "risks")
    if NONE.code in risks and len(risks) > 1:
        raise CheckRefused(f"Choose “{NONE.words}” or the risks that you found, not both.", "risks")
    if checked_at > now:
        raise CheckRefused("This lies in the future. Enter a time that has passed.", "checked_at")
    found = {
        "systems": list(systems),
        "risks": [risk for risk in risks if risk != NONE.code],
        "risks_note": risks_note,
        "agencies": agencies,
        "checked_at": checked_at,
    }
    last = referral.records_checks.filter(by=by).order_by("-pk").first()
    if last and all(getattr(last, name) == value for name, value in found.items()):
        return last
    check: RecordsCheck = referral.records_checks.create(child_id=referral.child_id, by=by, at=now, **found)
    audit.record(
        audit.Type.RECORDS_CHECKED,
        subject=check,
        by=by,
        at=now,
        children=[referral.child.child_id],
        detail={"referral": referral.pk, "systems": list(systems)},
    )
    return check
