"""Who sees a child once the referral is closed: a team of ours for good, whoever held it until a while after."""

from datetime import timedelta

import pytest
from django.urls import reverse

from episodes.models import Access, Child, Episode
from rhi.actions.outcomes_by_hand import Settled, record_held, record_outcomes
from rhi.actions.signing import sign_off, write_up
from rhi.actions.slips import take_back
from rhi.actions.withdrawing import Why, shown_as, withdraw
from rhi.models import Interview, Outcome
from rhi.questions.shapes import Situation
from routing.actions import Holder, allocate
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, interview, london, publish
from tests.rhi.holders import TAUNTON, YEOVIL, give, member
from tests.rhi.writing import answer_all
from tests.staff.people import make_person
from tests.staff.people import now as today

pytestmark = pytest.mark.django_db

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-14 09:00")
LATER = london("2026-05-20 09:00")
SOON, LATE = timedelta(days=13), timedelta(days=15)

#: An outcome after which nothing is owed here.
THEIRS = ("not_required", "other_authority")


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child(), child("C2", area="Yeovil")],
        episodes=[episode(), episode("E2", "C2")],
        now=london("2026-05-12 10:00"),
    )
    return Referral.objects.get(child__child_id="C1")


@pytest.fixture
def ours(referral):
    return Team.objects.get(name=TAUNTON)


@pytest.fixture
def sam(ours):
    return member(ours, "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def ida():
    """A provider's interviewer."""
    provider = Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER, opened_on=NOW.date())
    person = make_person("ida@example.org", "Ida Fern", Role.INTERVIEWER)
    Membership.objects.create(user=person, team=provider)
    return person


@pytest.fixture
def nia(referral):
    """A worker of another team of ours."""
    return member(Team.objects.get(name=YEOVIL), "Nia Frost")


def held_by(referral, worker, team, at=NOW):
    allocate([(referral, Holder(team, worker, rule="", because="Given"), at)])
    return worker


def provider_of(person):
    return Membership.objects.get(user=person).team


def settle(referral, by, code, reason="", now=NOW):
    [cover] = referral.covered.all()
    record_outcomes(referral, settled={cover.episode_id: Settled(code, reason)}, although=True, by=by, now=now)


def interviewed(referral, by):
    """Held and closed, with every answer that the form needs."""
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=by, now=NOW)
    settle(referral, by, "completed")
    answer_all(referral, by, Situation(held=True), at=NOW)


def sees(person, referral, at):
    seen = Referral.objects.visible_to(person, at).filter(pk=referral.pk).exists()
    assert Referral.objects.workable_by(person, at).filter(pk=referral.pk).exists() == seen
    return seen


def test_a_providers_interviewer_sees_her_referral_for_a_fortnight_after_it_closed(referral, ida):
    held_by(referral, ida, provider_of(ida))
    settle(referral, ida, *THEIRS)

    assert (sees(ida, referral, NOW), sees(ida, referral, NOW + SOON), sees(ida, referral, NOW + LATE)) == (
        True,
        True,
        False,
    )


def test_what_is_still_to_be_written_up_and_signed_off_keeps_it_open_to_her(referral, ida, sam):
    held_by(referral, ida, provider_of(ida))
    interviewed(referral, ida)
    assert sees(ida, referral, NOW + timedelta(days=400))

    write_up(referral, by=ida, now=LATER)
    assert sees(ida, referral, LATER + timedelta(days=400))

    sign_off(referral, comment="Well done.", by=sam, now=LATER)
    assert (sees(ida, referral, LATER + SOON), sees(ida, referral, LATER + LATE)) == (True, False)


def test_a_referral_without_an_interview_is_open_to_her_until_it_is_written_up_and_signed_off(referral, ida, sam):
    held_by(referral, ida, provider_of(ida))
    settle(referral, ida, "no_contact", "no_answer")
    assert sees(ida, referral, NOW + timedelta(days=400))

    answer_all(referral, ida, Situation(), at=NOW)
    write_up(referral, by=ida, now=LATER)
    assert sees(ida, referral, LATER + LATE)

    sign_off(referral, by=sam, now=LATER)
    assert not sees(ida, referral, LATER + LATE)


def test_a_closed_referral_answers_her_like_one_that_does_not_exist(client, referral, ida):
    held_by(referral, ida, provider_of(ida))
    settle(referral, ida, *THEIRS)
    client.force_login(ida)
    assert today() > NOW + LATE

    closed = client.get(reverse("rhi:referral", args=[referral.pk]))
    absent = client.get(reverse("rhi:referral", args=[987_654_321]))

    assert (closed.status_code, closed.content) == (404, absent.content)


def test_a_team_of_ours_keeps_the_history_and_who_held_it_for_another_team_does_not(referral, ours, sam, nia):
    held_by(referral, nia, ours)
    settle(referral, nia, *THEIRS)

    assert (sees(nia, referral, NOW + SOON), sees(nia, referral, NOW + LATE)) == (True, False)
    assert sees(sam, referral, NOW + timedelta(days=400))
    assert not Child.objects.visible_to(nia, NOW + LATE).filter(child_id="C1").exists()


def test_whoever_moves_to_another_team_sees_no_more_of_what_she_closed(referral, ours, nia):
    robin = held_by(referral, member(ours, "Robin Hale"), ours)
    settle(referral, robin, *THEIRS)
    assert sees(robin, referral, NOW + LATE)

    Membership.objects.filter(user=robin).update(team=Membership.objects.get(user=nia).team)

    assert not sees(robin, referral, NOW + LATE)


def test_what_she_still_holds_of_the_same_child_stays_hers(referral, ida, tmp_path):
    held_by(referral, ida, provider_of(ida))
    settle(referral, ida, *THEIRS)
    later = {"last_seen_at": "2026-05-19T20:00", "returned_at": "2026-05-20T07:00", "notified_at": "2026-05-20T08:00"}
    bring(tmp_path, episodes=[episode("E3", **later)], now=LATER)
    again = Referral.objects.exclude(pk=referral.pk).get(child=referral.child)
    held_by(again, ida, provider_of(ida), LATER)

    assert (sees(ida, referral, LATER + LATE), sees(ida, again, LATER + LATE)) == (True, True)

    settle(again, ida, *THEIRS, now=LATER)
    assert not sees(ida, again, LATER + LATE)


def test_an_outcome_taken_back_gives_her_the_referral_again(referral, ida):
    held_by(referral, ida, provider_of(ida))
    settle(referral, ida, "no_contact", "no_answer")

    record = Outcome.objects.get().pk
    take_back(referral, kind="outcome", record=record, because="A slip.", by=ida, now=NOW + timedelta(days=1))

    assert sees(ida, referral, NOW + LATE)


def test_after_it_opened_again_it_moves_as_any_other(referral, ours, sam, nia):
    robin = held_by(referral, member(ours, "Robin Hale"), ours)
    settle(referral, robin, "no_contact", "no_answer")
    take_back(referral, kind="outcome", record=Outcome.objects.get().pk, because="A slip.", by=robin, now=LATER)
    elsewhere = provider_of(nia)
    allocate([(referral, Holder(elsewhere, None, rule="", because="Theirs"), LATER)])
    give(referral, nia, by=sam, at=LATER)

    assert (sees(nia, referral, LATER + LATE), sees(robin, referral, LATER), sees(sam, referral, LATER)) == (
        True,
        False,
        False,
    )


def test_reassigning_ends_what_rested_on_a_closed_referral_of_the_same_child_too(referral, ours, sam, nia, tmp_path):
    held_by(referral, nia, ours)
    settle(referral, nia, *THEIRS)
    later = {"last_seen_at": "2026-05-19T20:00", "returned_at": "2026-05-20T07:00", "notified_at": "2026-05-20T08:00"}
    bring(tmp_path, episodes=[episode("E3", **later)], now=LATER)
    again = Referral.objects.exclude(pk=referral.pk).get(child=referral.child)
    held_by(again, nia, ours, LATER)

    give(again, sam, by=sam, at=LATER)

    assert (sees(nia, referral, LATER), sees(nia, referral, NOW + LATE)) == (True, False)


def test_a_referral_of_nothing_but_a_withdrawn_episode_is_over_as_well(referral, ida, sam):
    held_by(referral, ida, provider_of(ida))
    e1 = Episode.objects.get(episode_id="E1")
    withdraw(e1, why=Why.ERROR, because="Never was.", shown=shown_as(e1), by=sam, now=NOW)

    assert (sees(ida, referral, NOW + SOON), sees(ida, referral, NOW + LATE)) == (True, False)


def test_what_a_record_closes_ends_likewise(referral, ida, tmp_path):
    held_by(referral, ida, provider_of(ida))
    said = {"outcome": "declined", "reason": "distrust", "offered_at": "2026-05-13T10:00"}

    bring(tmp_path, interviews=[interview(**said)], now=NOW)

    assert (sees(ida, referral, HELD_AT + SOON), sees(ida, referral, HELD_AT + LATE)) == (True, False)


def test_an_interview_written_up_elsewhere_owes_nothing_here(referral, ida, tmp_path):
    held_by(referral, ida, provider_of(ida))
    held = {"held_at": "2026-05-13T10:00", "method": "face_to_face", "outcome": "completed"}

    bring(tmp_path, interviews=[interview(**held, written_up_at="2026-05-13T15:00")], now=NOW)

    assert Interview.objects.get().written_up_by is None
    assert (sees(ida, referral, HELD_AT + SOON), sees(ida, referral, HELD_AT + LATE)) == (True, False)


def test_nothing_that_has_been_is_rewritten(referral, ours, nia):
    held_by(referral, nia, ours)
    settle(referral, nia, *THEIRS)
    rows = Access.objects.filter(child=referral.child).order_by("since", "pk")
    end = NOW + timedelta(days=14)

    assert [(each.team, each.user, each.since, each.until) for each in rows][-2:] == [
        (ours, nia, NOW, end),
        (ours, None, NOW, None),
    ]

    record = Outcome.objects.get().pk
    take_back(referral, kind="outcome", record=record, because="A slip.", by=nia, now=LATER)
    settle(referral, nia, *THEIRS, now=LATER)

    assert [(each.team, each.user, each.since, each.until) for each in rows.all()][-3:] == [
        (ours, nia, NOW, LATER + timedelta(days=14)),
        (ours, None, NOW, LATER),
        (ours, None, LATER, None),
    ]
