"""Duplicates and errors are withdrawn with a reason, stay in the history, and can be put back."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from episodes.actions import SecondOpenEpisode
from episodes.models import Child, Episode, Finding, ReturnPrecision
from procedures.actions import source
from rhi import deadlines, outcomes
from rhi.actions.corrections import ChangedMeanwhile, correct_episode
from rhi.actions.interviews import of_referral
from rhi.actions.recording import record_child, record_episode, record_return
from rhi.actions.withdrawing import Why, WhyBack, WithdrawalRefused, put_back, shown_as, withdraw
from rhi.models import Interview, Offer, Outcome
from routing.models import Deadline, Referral, Task
from staff.actions import Refused
from staff.models import AuditEvent
from staff.permissions import Role
from tests import state
from tests.records import NOW, bring, child, episode, interview, london, publish
from tests.rhi.deadlines.books import RULES, stored, undone, worked_out
from tests.rhi.test_corrections_pages import at, errors, look, save
from tests.soak import evidence, soak_count
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

AGAIN = episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00", notified_at="2026-05-13T09:00")


@pytest.fixture
def coordinator(client):
    person = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def twice(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(), AGAIN])
    return {each.episode_id: each for each in Episode.objects.all()}


def take_out(absence, by, *, now=NOW, **said):
    said = {"why": Why.ERROR, "because": "Never happened."} | said
    return withdraw(absence, shown=shown_as(absence), by=by, now=now, **said)


def bring_back(absence, by, *, now=NOW, why=WhyBack.HAPPENED):
    return put_back(absence, why=why, shown=shown_as(absence), by=by, now=now)


def clocks():
    return {
        (each.episode and each.episode.episode_id, each.name) for each in Deadline.objects.select_related("episode")
    }


# The pages


def test_what_would_follow_is_shown_before_an_episode_is_withdrawn(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    absence, referral = Episode.objects.get(), Referral.objects.get()

    response = look(client, at("withdraw", absence), {"why": "error", "because": "Was at a friend’s, as agreed."})

    assert f"Referral R{referral.pk} closes." in response.context["sentences"]
    assert ("Interview within 72 hours (E1)", "No clock") in [
        (move.name, move.after) for move in response.context["moves"]
    ]
    absence.refresh_from_db()
    assert absence.withdrawn_at is None


def test_a_duplicate_is_withdrawn_with_the_episode_that_stands_and_the_reason(client, coordinator, twice):
    page = at("withdraw", twice["E2"])
    said = {"why": "duplicate", "duplicate_of": str(twice["E1"].pk), "because": "Reported by police and by the home."}

    response = save(client, page, look(client, page, said))

    absence = Episode.objects.get(episode_id="E2")
    assert response.headers["Location"] == at("child", absence.child)
    assert absence.withdrawn_because == "Duplicate of E1. Reported by police and by the home."
    line = AuditEvent.objects.get(type="episode_withdrawn")
    assert line.subject == f"episodes.Episode:{absence.pk}"
    assert line.detail == {"why": "duplicate", "duplicate_of": "E1"}


def test_a_withdrawal_without_a_reason_is_refused(client, coordinator, twice):
    assert errors(look(client, at("withdraw", twice["E2"]), {})) == {
        "why": ["Say whether it is a duplicate or an error"],
        "because": ["Say why"],
    }


def test_the_page_of_a_withdrawn_episode_puts_it_back(client, coordinator, twice):
    page = at("withdraw", twice["E2"])
    save(client, page, look(client, page, {"why": "error", "because": "Never happened."}))

    save(client, page, look(client, page, {"why": "happened"}))

    absence = Episode.objects.get(episode_id="E2")
    assert (absence.withdrawn_at, absence.withdrawn_because) == (None, "")
    assert AuditEvent.objects.filter(type="record_corrected").latest("pk").detail == {"put_back": "happened"}


def test_a_withdrawn_episode_is_neither_corrected_nor_returned(client, coordinator, twice):
    take_out(twice["E2"], coordinator)

    corrected = look(client, at("correct_episode", twice["E2"]), {"police_ref": "AS-1"})
    page = client.get(at("record_return", twice["E2"])).content.decode()

    assert errors(corrected) == {"__all__": ["This episode was withdrawn. Put it back before you correct it."]}
    assert "This episode was withdrawn Mon 15 Jun, 12:00." in page


@pytest.mark.parametrize("absences", [1, 3])
def test_the_page_costs_the_same_however_many_episodes_there_are(
    client, coordinator, tmp_path, django_assert_num_queries, absences
):
    publish("somerset")
    rows = [
        episode(f"E{day}", last_seen_at=f"2026-05-0{day}T20:00", returned_at=f"2026-05-0{day}T23:00")
        for day in range(1, absences + 1)
    ]
    bring(tmp_path, children=[child()], episodes=rows)
    absence = Episode.objects.earliest("last_seen_at")
    client.get(at("withdraw", absence))
    with django_assert_num_queries(7):
        client.get(at("withdraw", absence))


# What follows


def test_a_referral_left_without_an_episode_closes_without_an_outcome_and_has_no_clock(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])

    take_out(Episode.objects.get(), make_person())

    assert Referral.objects.get().closed_at == NOW
    assert not Outcome.objects.exists()
    assert {episode_id for episode_id, _ in clocks()} <= {None}


def test_a_referral_that_covers_another_episode_stays_open_for_it(twice):
    take_out(twice["E1"], make_person())

    assert Referral.objects.get().closed_at is None
    assert {episode_id for episode_id, _ in clocks()} == {None, "E2"}


def test_the_next_return_does_not_join_a_referral_that_was_left_empty(tmp_path):
    publish("somerset")
    bring(tmp_path / "one", children=[child()], episodes=[episode()])
    take_out(Episode.objects.get(), make_person())

    bring(tmp_path / "two", episodes=[AGAIN])

    assert Referral.objects.filter(closed_at__isnull=True).get().covered.get().episode.episode_id == "E2"


def test_the_interview_completes_the_episode_that_stands(tmp_path):
    publish("somerset")
    held = interview(episode_ids="E1 E2", held_at="2026-05-15T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode(), AGAIN], interviews=[held])

    take_out(Episode.objects.get(episode_id="E2"), make_person())

    assert Outcome.objects.get(episode__episode_id="E1").code == "completed"
    assert Interview.objects.get().held_at == london("2026-05-15 10:00")


def test_findings_about_a_withdrawn_episode_are_settled(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(), episode("E2", last_seen_at="2026-05-11T23:00")])
    assert Finding.objects.get().settled_at is None
    page = at("withdraw", Episode.objects.get(episode_id="E2"))

    save(client, page, look(client, page, {"why": "duplicate", "because": "The same night."}))

    assert Finding.objects.get().settled_at is not None


def test_the_task_of_a_withdrawn_episode_is_set_aside_and_waits_again_when_it_is_put_back(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])
    someone = make_person()
    absence = take_out(Episode.objects.get(), someone)
    task = Task.objects.get()
    assert (task.set_aside_at, task.not_done_because) == (NOW, "The episode was withdrawn.")

    bring_back(absence, someone, now=NOW + timedelta(hours=1))

    task.refresh_from_db()
    assert (task.set_aside_at, task.not_done_because, task.settled_by) == (None, "", None)


# What is refused


def test_an_episode_about_which_alone_an_interview_was_held_is_not_withdrawn(tmp_path):
    publish("somerset")
    held = interview(held_at="2026-05-15T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held])

    with pytest.raises(WithdrawalRefused, match="An interview was held about this episode alone"):
        take_out(Episode.objects.get(), make_person())


def test_the_last_episode_of_an_interview_that_was_held_is_not_withdrawn_either(tmp_path):
    publish("somerset")
    held = interview(episode_ids="E1 E2", held_at="2026-05-15T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode(), AGAIN], interviews=[held])
    someone = make_person()
    take_out(Episode.objects.get(episode_id="E1"), someone)

    with pytest.raises(WithdrawalRefused):
        take_out(Episode.objects.get(episode_id="E2"), someone)


def test_an_episode_is_not_withdrawn_twice(twice):
    someone = make_person()
    take_out(twice["E2"], someone)

    with pytest.raises(WithdrawalRefused, match=r"This episode was withdrawn Mon 15 Jun, 12:00 already\."):
        take_out(twice["E2"], someone)


def test_an_episode_that_changed_meanwhile_is_not_withdrawn(twice):
    shown = shown_as(twice["E2"])
    Episode.objects.update(police_ref="AS-1")

    with pytest.raises(ChangedMeanwhile):
        withdraw(twice["E2"], why=Why.ERROR, because="So.", shown=shown, by=make_person(), now=NOW)


def test_an_episode_is_a_duplicate_only_of_another_one_of_the_same_child(twice, tmp_path):
    bring(tmp_path / "more", children=[child("C2")], episodes=[episode("E3", "C2")])
    someone = make_person()

    for other in (twice["E2"], Episode.objects.get(episode_id="E3")):
        with pytest.raises(WithdrawalRefused, match="only of another episode of the same child"):
            take_out(twice["E2"], someone, why=Why.DUPLICATE, duplicate_of=other)


def test_an_open_episode_is_not_put_back_where_the_child_is_missing_since(tmp_path):
    publish("somerset")
    open_one = episode(returned_at="", notified_at="")
    bring(tmp_path / "one", children=[child()], episodes=[open_one])
    someone = make_person()
    absence = take_out(Episode.objects.get(), someone)
    bring(tmp_path / "two", episodes=[open_one | {"episode_id": "E2"}])

    with pytest.raises(SecondOpenEpisode):
        bring_back(absence, someone)


def test_what_was_never_withdrawn_is_not_put_back(twice):
    with pytest.raises(WithdrawalRefused, match="This episode is not withdrawn"):
        bring_back(twice["E2"], make_person())


# Back again


def test_withdrawing_and_putting_back_leaves_everything_as_it_was(tmp_path):
    publish("somerset")
    answered = interview(episode_ids="E1 E2", offered_at="2026-05-13T10:00", outcome="declined", reason="no_reason")
    bring(tmp_path, children=[child()], episodes=[episode(), AGAIN], interviews=[answered])
    someone, before = make_person(), state.by_name()

    absence = take_out(Episode.objects.get(episode_id="E2"), someone)
    assert state.by_name() != before
    bring_back(absence, someone, now=NOW + timedelta(hours=1))

    assert state.by_name() == before


# Whatever happens


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_after_anything_recorded_by_hand_clocks_and_outcomes_are_what_the_facts_say(soak_seed):
    histories = soak_count(1_000)
    for number in range(histories):
        rng = random.Random(f"hand-{soak_seed}-{number}")
        with undone():
            live_through(rng, said=f"SOAK_SEED={soak_seed}, history {number}")
    evidence("recording", seed=soak_seed, n=histories, result="all equal to the clocks of the facts")


def live_through(rng, *, said):
    publish("any", text=source(rng.choice(RULES)))
    by, now = make_person(role=Role.COORDINATOR), NOW
    facts = {"first_name": "Sam", "last_name": "Example", "date_of_birth": london("2012-01-15 00:00").date()}
    one = record_child(values=facts | {"area": "Taunton"}, although=False, by=by, now=now)
    for _ in range(rng.randint(1, 14)):
        now += timedelta(hours=rng.randrange(1, 30))
        with suppress(Refused):
            something(rng, one, by=by, now=now)
        assert stored() == worked_out(), said
    before = state.everything()
    outcomes.settle(Episode.objects.values_list("pk", flat=True), now=NOW)
    deadlines.refresh(Referral.objects.values_list("pk", flat=True))
    assert state.everything() == before, said


def something(rng, one: Child, *, by, now):
    absences = list(Episode.objects.order_by("pk"))
    seen = now - timedelta(minutes=rng.randrange(1, 60 * 24 * 6))
    match rng.choice(["absence", "absence", "return", "return", "correct", "withdraw", "put back", "interview"]):
        case "absence":
            values = {"kind": rng.choice(["missing", "missing", "away"]), "last_seen_at": seen}
            values |= back(rng, seen, now) if rng.random() < 0.5 else {}
            record_episode(one, values=values, although=rng.random() < 0.7, by=by, now=now)
        case "return" if absences:
            absence = rng.choice(absences)
            record_return(absence, values=back(rng, absence.last_seen_at, now), by=by, now=now)
        case "correct" if absences:
            absence = rng.choice(absences)
            values = rng.choice(
                [
                    back(rng, absence.last_seen_at, now),
                    {"last_seen_at": seen},
                    {"kind": "missing"},
                    {"returned_at": None},
                ]
            )
            correct_episode(absence, values=values, by=by, now=now, shown=shown_as(absence))
        case "withdraw" if absences:
            absence, other = rng.choice(absences), rng.choice([None, *absences])
            take_out(absence, by, now=now, why=Why.DUPLICATE, duplicate_of=other)
        case "put back" if absences:
            bring_back(rng.choice(absences), by, now=now)
        case "interview" if referrals := list(Referral.objects.filter(closed_at__isnull=True)):
            interview_about(rng, rng.choice(referrals), now)


def back(rng, seen, now):
    returned = min(seen + timedelta(minutes=rng.randrange(-60, 60 * 24 * 3)), now)
    told = rng.choice([None, min(returned + timedelta(hours=rng.randrange(-2, 90)), now)])
    return {"returned_at": returned, "return_precision": rng.choice(ReturnPrecision.values), "notified_at": told}


def interview_about(rng, referral, now):
    """Something comes of the interview, as a record would bring it."""
    made = of_referral(referral)
    Offer.objects.get_or_create(interview=made, to="child", defaults={"child_id": made.child_id, "offered_at": now})
    made.outcome, made.held_at = rng.choice([("", None), ("", now), ("completed", now), ("completed", None)])
    made.save(update_fields=["outcome", "held_at"])
    outcomes.episodes_changed([made.child_id], now=NOW)
