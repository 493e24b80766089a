"""What nobody can be told is not lost: it waits for whoever comes back, and goes on from whoever has gone."""

from datetime import date

import pytest
from django.db import transaction

from rhi.actions import passing_on, telling
from rhi.models import Email, Notice, Preferences
from routing.models import Referral
from staff.permissions import Role
from tests.records import involvement, london
from tests.rhi.reminders.week import TRAY, coordinator, give, leader, person, returned, run

pytestmark = pytest.mark.django_db

WITH_WEN = [involvement(service="child_in_need", start="2026-01-01", team=TRAY, worker_email="wen@example.org")]


def away(somebody, first, last, cover=None, **how):
    Preferences.objects.create(user=somebody, away_from=first, away_until=last, cover=cover, **how)
    return somebody


def hourly(first, last):
    """Runs from one day's eight to another's six in the evening."""
    for day in range(first, last + 1):
        for hour in range(8, 19):
            run(f"2026-06-{day:02} {hour:02}:15")


def breaches(name):
    return sorted(notice.about for notice in Notice.objects.filter(kind__in=["breach", "not_assigned"], to__name=name))


# While nobody is there


def test_a_leader_who_is_away_alone_finds_on_her_return_all_that_ran_out(tmp_path):
    returned(tmp_path)
    away(leader(), date(2026, 6, 9), date(2026, 6, 12))
    hourly(8, 12)
    assert not Email.objects.filter(made_at__gt=london("2026-06-09 00:00")).exists()

    run("2026-06-13 09:15")

    assert [about.partition(" ran out")[0].partition(".")[0] for about in breaches("Sam")] == [
        "Interview within 3 working days:",
        "Interview within 72 hours:",
        "Nobody has been given this referral",
        "Offer:",
    ]
    email = Email.objects.get(made_at__gt=london("2026-06-09 00:00"))
    assert (email.to.name, email.numbers["breach"], email.numbers["not_assigned"]) == ("Sam", 3, 1)


def test_until_then_a_referral_counts_as_one_of_which_nobody_can_be_told(tmp_path):
    referral = returned(tmp_path)
    away(leader(), date(2026, 6, 9), date(2026, 6, 12))

    assert telling.nobody_to_tell(london("2026-06-10 12:00")) == [referral]
    assert telling.nobody_to_tell(london("2026-06-13 12:00")) == []


def test_what_ran_out_while_there_was_no_leader_is_told_to_the_first(tmp_path):
    returned(tmp_path)
    hourly(8, 12)
    assert not Notice.objects.exists()
    leader()

    run("2026-06-13 09:15")
    run("2026-06-13 09:30")

    assert breaches("Sam") == [
        (
            "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00. "
            "Offer: ran out on Thu 11 June 2026 at 10:30. "
            "Interview within 3 working days: ran out on Thu 11 June 2026 at 23:59. This could not be told before."
        ),
        (
            "Nobody has been given this referral. It was to have a worker by Tue 9 June 2026 at 10:30. "
            "This could not be told before."
        ),
    ]


def test_after_more_than_a_week_without_anybody_it_is_the_past(tmp_path):
    returned(tmp_path)
    run("2026-06-08 10:45")
    run("2026-06-12 00:15")
    run("2026-06-24 09:15")
    leader()

    run("2026-06-24 09:30")

    assert breaches("Sam") == []


def test_a_worker_and_a_leader_who_are_both_away_find_it_when_they_are_back(tmp_path):
    give(returned(tmp_path), away(person("Wen"), date(2026, 6, 9), date(2026, 6, 12)))
    away(leader(), date(2026, 6, 9), date(2026, 6, 19))
    hourly(8, 12)

    run("2026-06-13 09:15")

    assert len(breaches("Wen")) == len(breaches("Sam")) == 3
    assert [email.to.name for email in Email.objects.filter(made_at__gt=london("2026-06-09 00:00"))] == ["Wen"]


# Since gone


@pytest.fixture
def told_at_night(tmp_path):
    """Wen is told of an episode at half past eight in the evening: her email waits for the morning."""
    wen, cora = person("Wen"), person("Cora")
    leader()
    returned(tmp_path, at="2026-06-08T20:10", told="2026-06-08T20:30", now="2026-06-08 20:30", involvements=WITH_WEN)
    run("2026-06-08 20:45")
    assert Notice.objects.get(kind="episode").to == wen
    return wen, cora


def of_the_episode():
    """Who was told of it, in words by whom it was meant, and whether an email has said so."""
    said = "The interview lies with Family Intervention Service: Taunton."
    return {
        notice.to.name: (notice.about.partition(said)[2].strip(), notice.email is not None)
        for notice in Notice.objects.filter(kind="episode")
    }


@pytest.mark.clause("SUR-21")
def test_what_was_told_at_night_goes_to_whoever_stands_in_from_the_next_day(told_at_night):
    wen, cora = told_at_night
    away(wen, date(2026, 6, 9), date(2026, 6, 23), cover=cora)

    for at in ("2026-06-09 07:15", "2026-06-09 07:30", "2026-06-10 09:00"):
        run(at)

    assert of_the_episode() == {
        "Wen": ("", False),
        "Cora": ("You are told because Wen is away until Tue 23 Jun and you stand in.", True),
    }


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        ("away", "You are told because Wen is away until Tue 23 Jun and nobody stands in."),
        ("left", "You are told because Wen has left."),
    ],
)
@pytest.mark.clause("SUR-21")
def test_without_one_it_goes_to_the_leader(told_at_night, gone, why):
    wen, _ = told_at_night
    if gone == "left":
        wen.left_on = date(2026, 6, 9)
        wen.save()
    else:
        away(wen, date(2026, 6, 9), date(2026, 6, 23))

    run("2026-06-09 07:15")

    assert of_the_episode() == {"Wen": ("", False), "Sam": (why, True)}


def test_what_she_has_seen_or_been_mailed_stays_hers(told_at_night):
    wen, cora = told_at_night
    run("2026-06-09 07:15")
    away(wen, date(2026, 6, 10), date(2026, 6, 23), cover=cora)

    run("2026-06-10 07:15")

    assert set(of_the_episode()) == {"Wen"}


def test_why_somebody_stood_in_is_not_said_twice(told_at_night):
    wen, cora = told_at_night
    away(wen, date(2026, 6, 9), date(2026, 6, 23), cover=cora)
    run("2026-06-09 00:15")
    cora.left_on = date(2026, 6, 9)
    cora.save()

    run("2026-06-09 07:15")

    assert of_the_episode()["Sam"] == (
        "You are told because Wen is away until Tue 23 Jun and nobody stands in.",
        True,
    )


@pytest.mark.parametrize(("closed", "told"), [(False, {"Wen", "Cora"}), (True, {"Wen"})])
def test_of_a_breach_nobody_else_hears_once_the_outcome_is_there(tmp_path, closed, told):
    wen, cora = person("Wen"), person("Cora")
    give(returned(tmp_path), away(wen, date(2026, 6, 12), date(2026, 6, 23), cover=cora, by_email="daily"))
    run("2026-06-11 09:45")
    run("2026-06-11 10:15")
    if closed:
        Referral.objects.update(closed_at=london("2026-06-11 12:00"))

    run("2026-06-12 00:15")

    assert {notice.to.name for notice in Notice.objects.filter(about__contains="72 hours: ran out")} == told


@pytest.mark.parametrize("rows", [1, 4])
def test_passing_on_costs_the_same_for_many(tmp_path, rows, django_assert_num_queries):
    wen, cora = person("Wen"), person("Cora")
    for number in range(1, rows + 1):
        referral = returned(tmp_path, number)
        Notice.objects.create(
            child=referral.child,
            referral=referral,
            to=wen,
            kind="breach",
            key=f"breach:{number}",
            about="Ran out.",
            at=london("2026-06-11 20:15"),
        )
    away(wen, date(2026, 6, 12), date(2026, 6, 23), cover=cora)

    # what waits, whose children they are; teams, members, restricted children, people, absences; known, new ones
    with transaction.atomic(), django_assert_num_queries(9):
        made = passing_on.pass_on(london("2026-06-12 00:15"))

    assert [notice.to for notice in made] == [cora] * rows


def test_one_who_only_stood_in_as_a_coordinator_passes_it_on_like_any_other(tmp_path):
    priya = coordinator()
    quinn = person("Quinn", Role.COORDINATOR, team=None, left_on=date(2026, 6, 1))
    returned(tmp_path)
    away(priya, date(2026, 6, 12), date(2026, 6, 23), by_email="never")
    run("2026-06-11 10:15")
    said = "Interview within 72 hours: ran out on Thu 11 June 2026 at 10:00."
    assert [about.startswith(said) for about in breaches("Priya")] == [True]
    quinn.left_on = None
    quinn.save()

    run("2026-06-12 00:15")

    assert [about.startswith(said) for about in breaches("Quinn")].count(True) == 1
