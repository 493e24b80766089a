"""Two workers who record the same thing at the same moment: one wins, the other is told by whom and loses no word."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from procedures.calendar import LONDON
from rhi.actions import contact, outcomes_by_hand, signing
from rhi.actions.outcomes_by_hand import Settled
from rhi.models import Answer, Appointment, Attempt, Interview, Offer, Outcome
from rhi.questions.shapes import Situation
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.holders import AFTER, TAUNTON, member
from tests.rhi.rivals import Rivals
from tests.rhi.writing import SLUGS, answer_all
from tests.soak import evidence, soak_count
from tests.staff.people import now

pytestmark = pytest.mark.django_db

BACK = london("2026-05-12 07:00")
TOMORROW = f"{now().astimezone(LONDON) + timedelta(days=1):%Y-%m-%dT%H:%M}"


@dataclass(frozen=True)
class Contest:
    """Something that two people record of one referral.

    `page` with `below` leads to it, after `prepare`. Each of the two types what stands in `typed`. The line in the
    trail that `recorded` names, and the `value` stored (by referral) of the field `of`, say who won; `told` begins
    what the other one reads.
    """

    page: str
    recorded: audit.Type
    typed: tuple[dict[str, str], dict[str, str]]
    told: str
    of: str = ""
    stored: Callable[[], dict[int, str]] = dict
    prepare: Callable[..., object] = lambda referral, by: None  # noqa: ARG005
    below: Callable[[Referral], list[object]] = lambda referral: []  # noqa: ARG005
    role: Role = Role.CASEWORKER


def offered(referral, by):
    at = london("2026-05-13 10:00")
    contact.record_offer(referral, to="child", offered_at=at, route="phone", method="telephone", by=by, now=AFTER)


def held(referral, by):
    at = london("2026-05-13 10:00")
    outcomes_by_hand.record_held(referral, held_at=at, method="face_to_face", by=by, now=AFTER)


def complete(referral, by):
    """Nobody was reached, and the form lacks nothing."""
    covers = referral.covered.all()
    outcomes_by_hand.record_outcomes(
        referral,
        settled={cover.episode_id: Settled("no_contact", "no_answer") for cover in covers},
        although=True,
        by=by,
        now=AFTER,
    )
    answer_all(referral, by, Situation(), at=AFTER)


def written_up(referral, by):
    complete(referral, by)
    signing.write_up(referral, by=by, now=AFTER)


def of_interview(rows, field):
    return lambda: dict(rows.values_list("interview__referral", field))


OFFERED_AT = {"offered_at": "2026-05-13T10:00", "method": "face_to_face", "to": "child"}
TRIED = {"attempted_at": "2026-05-13T10:00", "contacted": "child", "method": "phone"}

CONTESTS = {
    "attempt": Contest(
        "log_attempt",
        audit.Type.ATTEMPT_LOGGED,
        (
            TRIED | {"result": "no_answer", "note": "Rang for a minute."},
            TRIED | {"result": "left_message", "note": "On her own telephone."},
        ),
        "{} has already logged an attempt at this time and in this way",
        of="note",
        stored=of_interview(Attempt.objects, "note"),
    ),
    "note": Contest(
        "log_attempt",
        audit.Type.ATTEMPT_LOGGED,
        (
            TRIED | {"result": "no_answer", "note": "Rang for a minute."},
            TRIED | {"result": "no_answer", "note": "No ring at all."},
        ),
        "{} has already logged an attempt at this time and in this way",
        of="note",
        stored=of_interview(Attempt.objects, "note"),
    ),
    "offer": Contest(
        "record_offer",
        audit.Type.OFFER_RECORDED,
        (OFFERED_AT | {"route": "phone"}, OFFERED_AT | {"route": "in_person"}),
        "{} has already recorded an offer to the child",
        of="route",
        stored=of_interview(Offer.objects, "route"),
    ),
    "response": Contest(
        "record_response",
        audit.Type.RESPONSE_RECORDED,
        (
            {"response": "accepted", "responded_at": "2026-05-13T11:00"},
            {"response": "declined_by_child", "declined_because": "distrust", "responded_at": "2026-05-13T12:00"},
        ),
        "{} has recorded “",
        of="response",
        stored=of_interview(Offer.objects, "response"),
        prepare=offered,
        below=lambda referral: [Offer.objects.get(interview__referral=referral).pk],
    ),
    "appointment": Contest(
        "book",
        audit.Type.APPOINTMENT_BOOKED,
        (
            {"at": TOMORROW, "method": "face_to_face", "place": "The youth club"},
            {"at": TOMORROW, "method": "face_to_face", "place": "At her school"},
        ),
        "{} has already booked an appointment for ",
        of="place",
        stored=of_interview(Appointment.objects, "place"),
    ),
    "held": Contest(
        "record_held",
        audit.Type.INTERVIEW_HELD,
        (
            {"held_at": "2026-05-13T10:00", "method": "face_to_face", "place": "home"},
            {"held_at": "2026-05-13T10:05", "method": "telephone", "place": ""},
        ),
        "{} has recorded that this interview was held Wed 13 May",
        of="method",
        stored=lambda: dict(Interview.objects.values_list("referral", "method")),
    ),
    "outcome": Contest(
        "record_outcomes",
        audit.Type.OUTCOME_RECORDED,
        (
            {"outcome_{episode}": "not_offered", "reason_{episode}_not_offered": "hospital"},
            {"outcome_{episode}": "not_required", "reason_{episode}_not_required": "now_18"},
        ),
        "{} has recorded “",
        of="outcome_{episode}",
        stored=of_interview(Outcome.objects, "code"),
    ),
    "answer": Contest(
        "form_section",
        audit.Type.FORM_SAVED,
        ({"shown": "", "analysis": "A quarrel at home."}, {"shown": "", "analysis": "Older friends in town."}),
        "Choose which answer",
        of="analysis",
        stored=lambda: {
            row.interview.referral_id: row.value["answer"]
            for row in Answer.objects.filter(question="analysis").select_related("interview")
        },
        prepare=held,
        below=lambda referral: [SLUGS["N"]],  # noqa: ARG005
    ),
    "write_up": Contest(
        "submit",
        audit.Type.WRITTEN_UP,
        ({}, {}),
        "{} has written this interview up",
        prepare=complete,
    ),
    "sign_off": Contest(
        "sign_off",
        audit.Type.SIGNED_OFF,
        ({"comment": "Read and clear."}, {"comment": "Ask about the school."}),
        "{} has signed this interview off",
        of="comment",
        stored=lambda: dict(Interview.objects.values_list("referral", "sign_off_comment")),
        prepare=written_up,
        role=Role.TEAM_LEADER,
    ),
}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", CONTESTS)
def test_of_two_who_record_the_same_at_the_same_moment_one_wins_and_the_other_is_told_by_whom(
    elsewhere, tmp_path, soak_seed, kind
):
    contest, number = CONTESTS[kind], soak_count(200)
    publish("somerset")
    keys = range(1, number + 1)
    bring(
        tmp_path / "records",
        children=[child(f"C{key}") for key in keys],
        episodes=[episode(f"E{key}", f"C{key}") for key in keys],
    )
    taunton = Team.objects.get(name=TAUNTON)
    ann, robin, nia = (
        member(taunton, "Ann Lee"),
        member(taunton, "Robin Hale", contest.role),
        member(taunton, "Nia Frost", contest.role),
    )
    races, typed = [], {}
    for referral in Referral.objects.order_by("pk"):
        contest.prepare(referral, ann)
        names = {"episode": referral.covered.get().episode_id}
        each = [{name.format(**names): value for name, value in sent.items()} for sent in contest.typed]
        typed[referral.pk] = {
            person.pk: sent.get(contest.of.format(**names)) for person, sent in zip((robin, nia), each, strict=True)
        }
        races.append((reverse(f"rhi:{contest.page}", args=[referral.pk, *contest.below(referral)]), each))

    answers = Rivals(elsewhere, [robin, nia]).save(*races)

    winners, stored = elsewhere.call(lambda: (recorded_by(contest.recorded), contest.stored()))
    assert winners.keys() == typed.keys()
    for (referral, own), answer in zip(typed.items(), answers, strict=True):
        winner, loser = (robin, nia) if winners[referral] == robin.pk else (nia, robin)
        assert answer[winner] is None
        assert contest.told.format(winner) in answer[loser].words
        assert str(winner) in answer[loser].words
        assert stored.get(referral) == own[winner.pk]
    evidence(
        f"{kind}_races_{connection.vendor}", seed=soak_seed, n=number, result="one winner each, the other told by whom"
    )


def recorded_by(line):
    """Who recorded it of each referral, as the trail has it; once for each."""
    rows = list(AuditEvent.objects.filter(type=line).values_list("detail__referral", "by_id"))
    by = dict(rows)
    assert len(rows) == len(by)
    return by
