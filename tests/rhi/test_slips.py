"""Taking back a slip: everything is as it was, and only the trail and the note of it remain."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from rhi.actions import contact, outcomes_by_hand, slips
from rhi.actions.contradictions import Settled
from rhi.actions.slips import TakeBackRefused
from rhi.models import Attempt, Interview, InterviewEpisode, Notice, Offer, Outcome, TakenBack
from routing.models import Deadline, Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

OURS = ("staff", "procedures", "jobs", "episodes", "routing", "rhi", "reporting")
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def worker(referral):
    return make_person()


def attempt(referral, by, *, at="2026-05-13 10:00", result="no_answer", now=NOW):
    logged = contact.log_attempt(
        referral, attempted_at=london(at), method="phone", contacted="child", result=result, by=by, now=now
    )
    return logged.attempt


def offer(referral, by, *, to="child", now=NOW):
    at = london("2026-05-13 10:00")
    return contact.record_offer(referral, to=to, offered_at=at, route="phone", method="face_to_face", by=by, now=now)


def respond(referral, by, *, response="accepted", because="", now=NOW):
    made = Offer.objects.get(to="child")
    return contact.record_response(
        referral,
        made,
        response=response,
        declined_because=because,
        responded_at=london("2026-05-13 11:00"),
        shown=contact.response_shown(made),
        by=by,
        now=now,
    )


def hold(referral, by, *, place="School", now=NOW):
    at = london("2026-05-14 10:00")
    return outcomes_by_hand.record_held(referral, held_at=at, method="face_to_face", place=place, by=by, now=now)


def settle(referral, by, *, code="no_contact", reason="no_answer", now=NOW):
    (covered,) = outcomes_by_hand.covered_episodes(referral)
    settled = {covered.pk: Settled(code, reason)}
    (outcome,) = outcomes_by_hand.record_outcomes(referral, settled=settled, although=True, by=by, now=now)
    return outcome


def take_back(referral, kind, record, by, *, now=LATER):
    return slips.take_back(referral, kind=kind, record=record.pk, because="Wrong child", by=by, now=now)


def everything():
    """Every row of every table of ours but the trail, the notes of what was taken back and the notices of it."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for name in OURS
        for model in apps.get_app_config(name).get_models()
        if model not in (AuditEvent, TakenBack, Notice)
    }


# What stood before, and what is then recorded by a slip
BEFORE = {
    "nothing": [],
    "an attempt": [attempt],
    "an offer": [offer],
    "an accepted offer": [offer, respond],
    "an interview held": [hold],
}
SLIPS = [
    ("attempt", lambda *a, **k: attempt(*a, at="2026-05-15 18:00", result="spoke_to_child", **k), "nothing"),
    ("attempt", lambda *a, **k: attempt(*a, at="2026-05-15 18:00", **k), "an attempt"),
    ("offer", offer, "nothing"),
    ("offer", offer, "an attempt"),
    ("offer", lambda *a, **k: offer(*a, to="parent", **k), "an accepted offer"),
    ("response", respond, "an offer"),
    (
        "response",
        lambda *a, **k: respond(*a, response="declined_by_child", because="distrust", **k),
        "an accepted offer",
    ),
    ("held", hold, "nothing"),
    ("held", hold, "an accepted offer"),
    ("held", lambda *a, **k: hold(*a, place="", **k), "an attempt"),
    ("outcome", settle, "nothing"),
    ("outcome", settle, "an attempt"),
    ("outcome", lambda *a, **k: settle(*a, code="completed", reason="", **k), "an interview held"),
]


@pytest.mark.parametrize(("kind", "slip", "before"), SLIPS)
def test_taking_back_at_once_leaves_every_table_as_it_was(referral, worker, kind, slip, before):
    for number, step in enumerate(BEFORE[before]):
        step(referral, worker, now=NOW + timedelta(seconds=number))
    was = everything()

    recorded = slip(referral, worker, now=LATER)
    assert everything() != was
    take_back(referral, kind, recorded, worker, now=LATER + timedelta(seconds=30))

    assert everything() == was


def test_what_was_taken_back_is_kept_as_it_stood_with_who_when_and_why(referral, worker):
    logged = attempt(referral, worker)

    take_back(referral, "attempt", logged, worker)

    kept = TakenBack.objects.get()
    assert (kept.kind, kept.by, kept.at, kept.because, kept.referral) == (
        "attempt",
        worker,
        LATER,
        "Wrong child",
        referral,
    )
    assert (kept.record["id"], kept.record["result"], kept.record["attempted_at"]) == (
        logged.pk,
        "no_answer",
        "2026-05-13T09:00:00+00:00",
    )


def test_the_trail_says_what_was_taken_back_but_not_why(referral, worker):
    logged = attempt(referral, worker)

    kept = take_back(referral, "attempt", logged, worker)

    line = AuditEvent.objects.get(type="taken_back")
    assert (line.subject, line.children, line.by_id, line.at) == (
        f"rhi.TakenBack:{kept.pk}",
        ["C1"],
        worker.pk,
        LATER,
    )
    assert line.detail == {"referral": referral.pk, "kind": "attempt", "record": logged.pk}


def test_a_response_taken_back_twice_goes_back_to_the_first_and_then_to_none(referral, worker):
    made = offer(referral, worker)
    respond(referral, worker, response="declined_by_child", because="distrust")
    respond(referral, worker, now=LATER)

    take_back(referral, "response", made, worker, now=LATER + timedelta(minutes=1))
    made.refresh_from_db()
    assert (made.response, made.declined_because, made.response_by) == ("declined_by_child", "distrust", worker)

    take_back(referral, "response", made, worker, now=LATER + timedelta(minutes=2))
    made.refresh_from_db()
    assert (made.response, made.declined_because, made.responded_at, made.response_by) == ("", "", None, None)


def test_the_clock_runs_again_once_what_stopped_it_is_taken_back(referral, worker):
    made = offer(referral, worker)
    assert Deadline.objects.get(name="offer").met_at == london("2026-05-13 10:00")

    take_back(referral, "offer", made, worker)

    assert Deadline.objects.get(name="offer").met_at is None


def test_an_outcome_taken_back_opens_the_referral_again(referral, worker):
    outcome = settle(referral, worker)
    referral.refresh_from_db()
    assert referral.closed_at == NOW

    take_back(referral, "outcome", outcome, worker)

    referral.refresh_from_db()
    assert referral.closed_at is None
    assert not Outcome.objects.exists()


def test_an_interview_that_carries_anything_else_stays(referral, worker):
    first = attempt(referral, worker)
    made = offer(referral, worker)

    take_back(referral, "attempt", first, worker)
    assert Interview.objects.count() == 1

    take_back(referral, "offer", made, worker)
    assert (Interview.objects.count(), InterviewEpisode.objects.count()) == (0, 0)


def test_an_interview_that_a_record_brought_stays(worker, referral, tmp_path):
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1"}
    bring(tmp_path / "more", interviews=[row])
    logged = attempt(referral, worker)

    take_back(referral, "attempt", logged, worker)

    assert Interview.objects.get().reference == "I1"


# Refusals

SOMEBODY_ELSE = "Somebody else recorded this"


@pytest.mark.parametrize(
    ("before", "kind", "record"),
    [
        ([attempt], "attempt", Attempt),
        ([offer], "offer", Offer),
        ([offer, respond], "response", Offer),
        ([hold], "held", Interview),
        ([settle], "outcome", Outcome),
    ],
)
def test_nobody_takes_back_what_somebody_else_recorded(referral, worker, before, kind, record):
    for step in before:
        step(referral, worker)
    leader = make_person("leader@example.org", role=Role.TEAM_LEADER)
    was = everything()

    with pytest.raises(TakeBackRefused, match=SOMEBODY_ELSE):
        take_back(referral, kind, record.objects.get(), leader)

    assert everything() == was
    assert not TakenBack.objects.exists()


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.COORDINATOR])
def test_nobody_takes_back_what_a_record_brought(referral, tmp_path, role):
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "held_at": "2026-05-13T10:00"}
    bring(tmp_path / "more", interviews=[row])

    with pytest.raises(TakeBackRefused, match="This came with the records"):
        take_back(referral, "held", Interview.objects.get(), make_person(role=role))


def test_an_offer_with_a_response_is_taken_back_after_its_response(referral, worker):
    made = offer(referral, worker)
    respond(referral, worker)

    with pytest.raises(TakeBackRefused, match="Take back the response first"):
        take_back(referral, "offer", made, worker)


def test_of_a_closed_referral_only_the_outcome_is_taken_back(referral, worker):
    logged = attempt(referral, worker)
    settle(referral, worker)

    with pytest.raises(TakeBackRefused, match="Take back its outcome first"):
        take_back(referral, "attempt", logged, worker)


def test_held_stays_while_an_outcome_says_so(referral, worker, tmp_path):
    bring(tmp_path / "more", episodes=[episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")])
    interview = hold(referral, worker)
    first, _ = outcomes_by_hand.covered_episodes(referral)
    outcomes_by_hand.record_outcomes(referral, settled={first.pk: Settled("completed")}, by=worker, now=NOW)

    with pytest.raises(TakeBackRefused, match="An outcome says that the interview was held"):
        take_back(referral, "held", interview, worker)


def test_held_stays_once_the_interview_has_been_written_up(referral, worker):
    interview = hold(referral, worker)
    Interview.objects.update(written_up_at=NOW, written_up_by=worker)

    with pytest.raises(TakeBackRefused, match="has been written up"):
        take_back(referral, "held", interview, worker)


@pytest.mark.parametrize("kind", ["attempt", "outcome"])
def test_nothing_is_taken_back_after_sign_off(referral, worker, kind):
    records = {"attempt": attempt(referral, worker)}
    if kind == "outcome":
        records["outcome"] = settle(referral, worker)
    Interview.objects.update(signed_off_at=NOW)

    with pytest.raises(TakeBackRefused, match="was signed off Mon 15 Jun, 12:00"):
        take_back(referral, kind, records[kind], worker)


def test_what_has_been_taken_back_cannot_be_taken_back_again(referral, worker):
    logged = attempt(referral, worker)
    take_back(referral, "attempt", logged, worker)
    logged.pk = TakenBack.objects.get().record["id"]

    with pytest.raises(TakeBackRefused, match="already been taken back"):
        take_back(referral, "attempt", logged, worker)


# The page


@pytest.fixture
def signed_in(client, worker):
    Membership.objects.create(user=worker, team=Team.objects.get(name="Family Intervention Service: Taunton"))
    client.force_login(worker)
    return client


def page(referral, kind, record):
    return reverse("rhi:take_back", args=[referral.pk, kind, record])


def test_the_page_shows_the_slip_asks_why_and_takes_it_back(signed_in, referral, worker):
    where = page(referral, "attempt", attempt(referral, worker).pk)

    shown = " ".join(signed_in.get(where).content.decode().split())
    assert "Wed 13 May, 10:00: phone call, child, no answer" in shown
    assert signed_in.post(where, {"because": ""}).context["form"].errors == {"because": ["Say why"]}
    answer = signed_in.post(where, {"because": "Wrong child"})

    assert answer.headers["Location"] == reverse("rhi:referral", args=[referral.pk])
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    ("before", "kind", "record", "words"),
    [
        ([offer], "offer", Offer, "offered Wed 13 May, 10:00"),
        ([offer, respond], "response", Offer, "Accepted, Wed 13 May, 11:00"),
        ([hold], "held", Interview, "Thu 14 May, 10:00, face to face"),
        ([settle], "outcome", Outcome, "No contact, Mon 15 Jun, 12:00"),
    ],
)
def test_the_page_shows_each_kind_of_slip(signed_in, referral, worker, before, kind, record, words):
    for step in before:
        step(referral, worker)

    shown = signed_in.get(page(referral, kind, record.objects.get().pk))

    assert words in " ".join(shown.content.decode().split())


def test_the_page_offers_nobody_else_a_button(client, referral, worker):
    where = page(referral, "attempt", attempt(referral, worker).pk)
    colleague = make_person("colleague@example.org")
    Membership.objects.create(user=colleague, team=Team.objects.get(name="Family Intervention Service: Taunton"))
    client.force_login(colleague)

    assert "Take it back" not in client.get(where).content.decode()
    assert "Somebody else recorded this" in client.get(where).content.decode()
    assert client.post(where, {"because": "Wrong child"}).status_code == 200
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("kind", ["attempt", "response", "appointment", "nothing"])
def test_what_is_not_there_is_not_found(signed_in, referral, worker, kind):
    offer(referral, worker)

    assert signed_in.get(page(referral, kind, Offer.objects.get().pk)).status_code == 404
