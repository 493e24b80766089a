"""How it goes with one interview, from the first try to the end, as if nothing came between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from rhi.invention import pace
from rhi.invention.absences import Absence
from rhi.invention.attempts import ANSWERED_BY_THE_CHILD, METHODS_THAT_REACH, Attempt, Reach
from rhi.invention.chance import Odds
from rhi.invention.children import Life
from rhi.invention.involvements import Involvement
from rhi.invention.moments import by_day, by_evening, local_day, minutes

USUAL = Odds(
    {
        "completed": 69,
        "part_completed": 4,
        "declined": 9,
        "accepted_not_held": 3.5,
        "no_contact": 9,
        "not_offered": 9,
        "not_required": 1,
    }
)
REFUSING = Odds({"completed": 30, "part_completed": 3, "declined": 45, "accepted_not_held": 8, "no_contact": 14})
"""Of the persistent 17-year-olds, who are with friends and find the questions unnecessary (Croydon 1.2)."""

FAR_AWAY = Odds(
    {
        "completed": 52,
        "part_completed": 3,
        "declined": 9,
        "accepted_not_held": 15,
        "no_contact": 10,
        "not_offered": 10,
        "not_required": 1,
    }
)
"""Of our children placed out of area: long journeys, and children who do not wait (Croydon 1.4)."""

HINDERED = Odds({"not_offered": 45, "completed": 38, "declined": 6, "accepted_not_held": 4, "no_contact": 7})
OF_ANOTHER_AUTHORITY = Odds(
    {"not_required": 45, "not_offered": 16, "completed": 26, "declined": 5, "no_contact": 5, "accepted_not_held": 3}
)
ADULT_BY_NOW = Odds({"not_required": 60, "completed": 22, "declined": 18})

NOT_OFFERED = Odds({"no_worker": 26, "process_error": 26, "asked_to_delay": 12, "unsafe": 12, "abroad": 9, "other": 15})
DECLINED = Odds(
    {
        "not_needed": 34,
        "already_told": 14,
        "no_reason": 14,
        "distrust": 9,
        "too_many": 5,
        "ashamed": 7,
        "communication": 5,
        "other": 7,
    }
)
DECLINED_BY_A_PARENT = 0.12
"""Of refusals about a child at home; of one in a placement nobody refuses but the child."""

DECLINED_AGAIN = Odds({"not_needed": 44, "too_many": 28, "distrust": 10, "already_told": 8, "no_reason": 10})
ACCEPTED_NOT_HELD = Odds(
    {
        "not_present": 38,
        "refused_on_arrival": 24,
        "lapsed": 12,
        "ill_or_custody": 10,
        "worker_absent": 9,
        "other": 12,
    }
)
ACCEPTED_NOT_HELD_FAR_AWAY = Odds({"distance": 55, "not_present": 20, "refused_on_arrival": 15, "worker_absent": 10})
NO_CONTACT_IN_CARE = Odds({"no_answer": 80, "wrong_number": 20})
NO_CONTACT = Odds({"no_answer": 55, "wrong_number": 17, "carer_blocked": 11, "no_address": 11, "no_fixed_abode": 11})
PART_COMPLETED = Odds({"child_stopped": 55, "interrupted": 30, "other": 15})

OFFERED_TO = Odds({"child": 62, "both": 29, "parent": 9})
OFFERED_TO_ABOUT_A_YOUNG_CHILD = Odds({"parent": 50, "both": 40, "child": 10})
METHODS = Odds({"face_to_face": 79, "telephone": 13, "video": 6, "other": 2})
METHODS_FAR_AWAY = Odds({"face_to_face": 45, "telephone": 37, "video": 16, "other": 2})

FAILING_BEFORE = Odds({0: 64, 1: 22, 2: 10, 3: 4})
HOURS_TO_THE_FIRST_TRY = Odds({(0.3, 5): 78, (5, 24): 18, (24, 100): 4})
ANSWERED_LATER = 0.25
HOURS_TO_THE_INTERVIEW = Odds({(0.2, 1): 34, (2, 24): 48, (24, 48): 9, (48, 120): 5, (120, 400): 4})
HOURS_TO_THE_WRITING = Odds({(0.5, 24): 56, (24, 40): 18, (49, 120): 14, (120, 600): 8})
NEVER_WRITTEN_UP = 0.07

WHAT_SHOWED_IT = {
    "no_answer": ("text", "child", "left_message"),
    "wrong_number": ("phone", "child", "number_not_in_use"),
    "no_address": ("visit", "child", "not_at_address"),
    "no_fixed_abode": ("visit", "child", "not_at_address"),
    "carer_blocked": ("phone", "carer", "refused_to_talk"),
}
"""The last attempt of an interview without contact: method, whom, result."""


@dataclass(frozen=True, slots=True)
class Interview:
    """A row of interviews.csv."""

    interview_id: str
    child_id: str
    episode_ids: str
    team: str
    worker_email: str
    offered_at: datetime | None = None
    offered_to: str = ""
    response: str = ""
    responded_at: datetime | None = None
    held_at: datetime | None = None
    method: str = ""
    written_up_at: datetime | None = None
    outcome: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The row, the attempts, and when all but the writing-up is over."""

    interview: Interview
    attempts: list[Attempt]
    over_at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """In which an interview is to be arranged, after the last of the episodes that it is about."""

    rng: Random
    life: Life
    absence: Absence
    placement: Involvement | None
    interview: Interview
    reach: Reach

    @property
    def age(self) -> int:
        """Three days after the service learned of the return, by when an interview could be held."""
        return self.life.child.age_on(local_day(self.absence.told) + timedelta(days=3))

    @property
    def far_away(self) -> bool:
        """Our own child, placed beyond the neighbouring authorities."""
        placed_far = self.placement is not None and self.placement.placement_area == "out_of_area"
        return placed_far and not self.life.of_another_authority


def course(situation: Situation) -> Course:
    """One that suits the situation: its outcome, how it came to that, and when."""
    outcome = odds_of_outcome(situation).draw(situation.rng)
    return COURSES[outcome](situation, outcome)


def odds_of_outcome(situation: Situation) -> Odds[str]:
    """By what makes an interview more or less likely."""
    if situation.age >= 18:
        return ADULT_BY_NOW
    if situation.life.of_another_authority:
        return OF_ANOTHER_AUTHORITY
    if hindrance(situation):
        return HINDERED
    if situation.age == 17 and situation.life.habit is pace.PERSISTENT:
        return REFUSING
    return FAR_AWAY if situation.far_away else USUAL


def hindrance(situation: Situation) -> str:
    """The reason, if the facts suggest one, why an interview would not be offered."""
    absence = situation.absence
    if situation.life.of_another_authority:
        return "other_authority"
    if situation.age < 8:
        return "under_8"
    if absence.told - absence.back > timedelta(hours=72):
        return "told_too_late"
    return {"arrested": "custody", "hospital": "hospital"}.get(absence.episode.ended_how, "")


def first_try(situation: Situation) -> datetime:
    """The earliest moment at which somebody takes it up."""
    return situation.absence.told + minutes(situation.rng, *HOURS_TO_THE_FIRST_TRY.draw(situation.rng))


def not_required(situation: Situation, outcome: str) -> Course:
    """Decided without a try."""
    reason = "agreed_exception"
    if situation.age >= 18:
        reason = "now_18"
    elif situation.life.of_another_authority:
        reason = "other_authority"
    decided = by_day(situation.rng, first_try(situation) + minutes(situation.rng, 1, 48))
    return Course(replace(situation.interview, outcome=outcome, reason=reason), [], decided)


def not_offered(situation: Situation, outcome: str) -> Course:
    """Given up before anybody was asked, now and then after a try."""
    rng = situation.rng
    reason = hindrance(situation) if rng.random() < 0.8 else ""
    reason = reason or NOT_OFFERED.draw(rng)
    attempts = list(situation.reach.failing_from(first_try(situation), 1)) if rng.random() < 0.4 else []
    since = attempts[-1].attempted_at if attempts else first_try(situation)
    decided = by_day(rng, since + minutes(rng, 10, 120))
    return Course(replace(situation.interview, outcome=outcome, reason=reason), attempts, decided)


def no_contact(situation: Situation, outcome: str) -> Course:
    """Three tries or more, one of them in the evening, child and carer both; in some cases a message made the offer."""
    rng, reach = situation.rng, situation.reach
    reason = (NO_CONTACT_IN_CARE if situation.placement else NO_CONTACT).draw(rng)
    attempts = list(reach.failing_from(first_try(situation), rng.randint(1, 2)))
    evening = by_evening(rng, attempts[-1].attempted_at + minutes(rng, 2, 30))
    attempts.append(reach.attempt(evening, "phone", "carer", "no_answer"))
    method, contacted, result = WHAT_SHOWED_IT[reason]
    last = by_day(rng, evening + minutes(rng, 12, 40))
    attempts.append(reach.attempt(last, method, contacted, result))
    row = replace(situation.interview, outcome=outcome, reason=reason)
    if reason == "carer_blocked":
        row = replace(row, offered_at=last, offered_to="parent", response="not_asked")
    elif reason == "no_answer" and rng.random() < 0.4:
        row = replace(row, offered_at=last, offered_to="child", response="no_response")
    return Course(row, attempts, by_day(rng, last + minutes(rng, 20, 70)))


def declined(situation: Situation, outcome: str) -> Course:
    """By the child, or by a parent for a child that could not be asked."""
    rng = situation.rng
    if situation.placement is None and rng.random() < DECLINED_BY_A_PARENT:
        to, response, reason = "parent", "declined_by_parent", "by_parent"
    else:
        to, response = rng.choice(("child", "child", "both")), "declined_by_child"
        reason = (DECLINED_AGAIN if situation.life.habit is pace.PERSISTENT else DECLINED).draw(rng)
    row, attempts, answered_at = offered(situation, to, refused=True)
    row = replace(row, response=response, outcome=outcome, reason=reason)
    return Course(row, attempts, answered_at)


def accepted_not_held(situation: Situation, outcome: str) -> Course:
    """Agreed, and then it did not come about."""
    rng = situation.rng
    row, attempts, accepted_at = accepted(situation)
    reason = (ACCEPTED_NOT_HELD_FAR_AWAY if situation.far_away else ACCEPTED_NOT_HELD).draw(rng)
    over = by_day(rng, accepted_at + minutes(rng, 20, 120))
    return Course(replace(row, outcome=outcome, reason=reason), attempts, over)


def held(situation: Situation, outcome: str) -> Course:
    """The interview, mostly within three days of the return, and written up later, late or never."""
    rng = situation.rng
    row, attempts, accepted_at = accepted(situation)
    held_at = by_day(rng, accepted_at + minutes(rng, *HOURS_TO_THE_INTERVIEW.draw(rng)))
    moved = by_day(rng, accepted_at + minutes(rng, 5, 30))
    if moved < held_at and rng.random() < 0.3:
        attempts.append(situation.reach.attempt(moved, "phone", "carer", "rearranged"))
    written_up_at = by_day(rng, held_at + minutes(rng, *HOURS_TO_THE_WRITING.draw(rng)))
    row = replace(
        row,
        held_at=held_at,
        method=(METHODS_FAR_AWAY if situation.far_away else METHODS).draw(rng),
        written_up_at=None if rng.random() < NEVER_WRITTEN_UP else written_up_at,
        outcome=outcome,
        reason=PART_COMPLETED.draw(rng) if outcome == "part_completed" else "",
    )
    return Course(row, attempts, held_at)


def accepted(situation: Situation) -> tuple[Interview, list[Attempt], datetime]:
    """Offered, and the answer was yes."""
    odds = OFFERED_TO_ABOUT_A_YOUNG_CHILD if situation.age < 12 else OFFERED_TO
    row, attempts, answered_at = offered(situation, odds.draw(situation.rng), refused=False)
    return replace(row, response="accepted"), attempts, answered_at


def offered(situation: Situation, to: str, *, refused: bool) -> tuple[Interview, list[Attempt], datetime]:
    """The offer after tries that failed, all attempts up to it, and when it was answered."""
    rng, reach = situation.rng, situation.reach
    attempts = list(reach.failing_from(first_try(situation), FAILING_BEFORE.draw(rng)))
    since = attempts[-1].attempted_at + minutes(rng, 1, 16) if attempts else first_try(situation)
    offered_at = spoken_at = by_day(rng, since)
    said_no = refused and rng.random() < 0.4
    if to != "child":
        result = "refused_to_talk" if said_no and to == "parent" else "spoke_to_carer"
        attempts.append(reach.attempt(offered_at, "phone", "carer", result))
    if to == "both":
        spoken_at += timedelta(minutes=rng.randint(3, 40))
    if to != "parent":
        result = "refused_to_talk" if said_no else "spoke_to_child" if refused else ANSWERED_BY_THE_CHILD.draw(rng)
        attempts.append(reach.attempt(spoken_at, METHODS_THAT_REACH.draw(rng), "child", result))
    answered_at = spoken_at
    if rng.random() < ANSWERED_LATER:
        answered_at = by_day(rng, spoken_at + minutes(rng, 1, 20))
    row = replace(situation.interview, offered_at=offered_at, offered_to=to, responded_at=answered_at)
    return row, attempts, answered_at


COURSES: dict[str, Callable[[Situation, str], Course]] = {
    "completed": held,
    "part_completed": held,
    "accepted_not_held": accepted_not_held,
    "declined": declined,
    "no_contact": no_contact,
    "not_offered": not_offered,
    "not_required": not_required,
}
