"""The worker allocated to a child is told of every episode, whoever interviews (Surrey)."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from rhi.actions import recording, telling
from rhi.models import Notice, Preferences
from staff.models import User
from tests.records import bring, child, episode, interview, involvement, london, publish
from tests.rhi.reminders.week import coordinator, leader, person, returned, run

pytestmark = pytest.mark.django_db

WITH_ANN = [involvement(team="North", worker_email="ann@example.org")]


def told():
    return [(notice.kind, notice.to.email, notice.key) for notice in Notice.objects.order_by("pk")]


@pytest.mark.clause("SUR-21")
def test_the_worker_of_a_child_in_need_is_told_as_the_return_is_taken_in(tmp_path):
    referral = returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    notice = Notice.objects.get()
    assert (notice.kind, notice.to.email, notice.referral, notice.at) == (
        "episode",
        "ann@example.org",
        referral,
        london("2026-06-08 10:30"),
    )
    assert notice.about == (
        "This child was missing and came back on Mon 8 June 2026 at 10:00. "
        "The interview lies with Rapid Engagement Team."
    )


@pytest.mark.clause("SUR-21")
def test_she_finds_it_in_her_work_and_it_keeps_the_time_at_which_she_opened_it(tmp_path, client):
    referral = returned(tmp_path, procedure="surrey", involvements=WITH_ANN)
    ann = User.objects.get(email="ann@example.org")
    client.force_login(ann)
    assert "This child was missing and came back" in client.get("/").content.decode()

    answer = client.post(reverse("rhi:notice_seen", args=[Notice.objects.get().pk]), {"then": "referral"})

    assert answer.headers["Location"] == reverse("rhi:referral", args=[referral.pk])
    seen = Notice.objects.get().seen_at
    assert seen is not None
    client.post(reverse("rhi:notice_seen", args=[Notice.objects.get().pk]))
    assert Notice.objects.get().seen_at == seen
    assert "This child was missing" not in client.get("/").content.decode()
    assert "Seen" in client.get(reverse("rhi:notices")).content.decode()


@pytest.mark.clause("SUR-21")
def test_of_a_return_recorded_by_hand_she_is_told_in_the_same_transaction(tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=WITH_ANN, now=london("2026-06-01 12:00"))
    sam = leader(team="Rapid Engagement Team")
    missing = recording.record_episode(
        telling.Child.objects.get(),
        values={"kind": "missing", "last_seen_at": london("2026-06-01 20:00")},
        although=False,
        by=sam,
        now=london("2026-06-02 08:00"),
    )
    while_missing = ("episode", "ann@example.org", f"episode:{missing.pk}:missing")
    assert told() == [while_missing]
    assert Notice.objects.get().about == "This child is missing and was last seen on Mon 1 June 2026 at 20:00."

    # Ten days late: what somebody records by hand is news all the same.
    recording.record_return(
        missing, values={"returned_at": london("2026-06-02 07:00")}, by=sam, now=london("2026-06-12 08:00")
    )

    assert told() == [while_missing, ("episode", "ann@example.org", f"episode:{missing.pk}")]


def test_nothing_is_told_of_history_that_is_brought_in(tmp_path):
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN, now="2026-06-20 12:00")
    bring(
        tmp_path / "before",
        now=london("2026-06-20 12:00"),
        history_before=date(2026, 6, 19),
        episodes=[episode("E7", last_seen_at="2026-06-18T10:00", returned_at="2026-06-18T12:00", notified_at="")],
    )

    assert told() == []


def test_taking_the_same_in_again_tells_nothing_again(tmp_path):
    for _ in range(2):
        returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    assert len(told()) == 1


def test_each_episode_is_told_of_also_one_that_joins_the_open_referral(tmp_path):
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)
    bring(
        tmp_path / "again",
        now=london("2026-06-09 12:00"),
        episodes=[episode("E2", last_seen_at="2026-06-08T20:00", returned_at="2026-06-09T08:00", notified_at="")],
    )

    assert len(told()) == 2


def test_a_worker_whose_involvement_is_over_is_not_told(tmp_path):
    returned(tmp_path, procedure="surrey", involvements=[WITH_ANN[0] | {"end": "2026-06-07"}])

    assert told() == []


def test_where_the_worker_has_left_the_leader_of_her_team_is(tmp_path):
    publish("surrey")
    person("Ann", team="North", left_on=date(2026, 6, 1))
    leader("Lee", team="North")
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    assert [notice.to.name for notice in Notice.objects.all()] == ["Lee"]
    assert Notice.objects.get().about.endswith("You are told because Ann has left.")


@pytest.mark.parametrize(
    ("back", "about"),
    [
        ({}, "This child is away without authorisation and was last seen on Mon 1 June 2026 at 20:00."),
        (
            {"returned_at": london("2026-06-02 07:00")},
            "This child was away without authorisation and came back on Tue 2 June 2026 at 07:00.",
        ),
    ],
    ids=["not back", "back"],
)
@pytest.mark.clause("SUR-21")
def test_she_is_told_of_a_child_who_is_away_though_nobody_interviews(tmp_path, back, about):
    publish("surrey")
    bring(tmp_path, children=[child()], involvements=WITH_ANN, now=london("2026-06-01 12:00"))

    recording.record_episode(
        telling.Child.objects.get(),
        values={"kind": "away", "last_seen_at": london("2026-06-01 20:00"), **back},
        although=False,
        by=leader(team="Rapid Engagement Team"),
        now=london("2026-06-02 08:00"),
    )

    assert [(notice.to.email, notice.about, notice.referral) for notice in Notice.objects.all()] == [
        ("ann@example.org", about, None)
    ]


# What routing does not meet: the reminders tell of it


def brought(folder, *, now="2026-06-09 12:00", history_before=None, **cells):
    """A child of Ann's and an episode, by file, without a return unless the cells have one."""
    publish("surrey")
    facts = {"last_seen_at": "2026-06-08T20:00", "returned_at": "", "notified_at": ""} | cells
    bring(
        folder,
        now=london(now),
        children=[child()],
        involvements=WITH_ANN,
        episodes=[episode(**facts)],
        history_before=history_before,
    )


def told_by_the_next_run(at="2026-06-09 12:15"):
    return [(notice.to.email, notice.about) for notice in run(at).filter(kind="episode")]


@pytest.mark.parametrize(
    ("cells", "about"),
    [
        ({}, "This child is missing and was last seen on Mon 8 June 2026 at 20:00."),
        ({"kind": "away"}, "This child is away without authorisation and was last seen on Mon 8 June 2026 at 20:00."),
        (
            {"kind": "away", "returned_at": "2026-06-09T07:00"},
            "This child was away without authorisation and came back on Tue 9 June 2026 at 07:00.",
        ),
        (
            {"ended_how": "whereabouts_known"},
            (
                "This child was missing, last seen on Mon 8 June 2026 at 20:00. "
                "It is over; when the child came back is not known."
            ),
        ),
        # Last seen long ago, and reported yesterday.
        (
            {"last_seen_at": "2026-05-20T20:00", "reported_at": "2026-06-08T09:00"},
            "This child is missing and was last seen on Wed 20 May 2026 at 20:00.",
        ),
    ],
    ids=["missing", "away", "away and back", "over", "reported late"],
)
@pytest.mark.clause("SUR-21")
def test_of_an_episode_from_a_file_that_nobody_interviews_she_is_told_by_the_next_run_and_once(tmp_path, cells, about):
    brought(tmp_path, **cells)

    assert told_by_the_next_run() == [("ann@example.org", about)]
    assert told_by_the_next_run("2026-06-09 12:30") == []


@pytest.mark.clause("SUR-21")
def test_of_a_child_who_is_still_missing_she_is_told_again_when_they_are_back(tmp_path):
    brought(tmp_path)
    assert len(told_by_the_next_run()) == 1

    back = episode(last_seen_at="2026-06-08T20:00", returned_at="2026-06-10T08:00", notified_at="2026-06-10T09:00")
    bring(tmp_path / "back", now=london("2026-06-10 12:00"), episodes=[back])

    assert [key for _, _, key in told()] == [f"episode:{pk}{end}" for pk in [first().pk] for end in (":missing", "")]
    assert told_by_the_next_run("2026-06-10 12:15") == []


def first():
    return telling.Episode.objects.get()


@pytest.mark.clause("SUR-21")
def test_she_is_told_of_an_episode_whose_interview_a_record_brought(tmp_path):
    brought(tmp_path)
    held = interview(team="Rapid Engagement Team", held_at="2026-06-09T11:00", outcome="completed")
    back = episode(last_seen_at="2026-06-08T20:00", returned_at="2026-06-09T07:00", notified_at="2026-06-09T08:00")
    bring(tmp_path / "held", now=london("2026-06-09 12:00"), episodes=[back], interviews=[held])

    assert told_by_the_next_run() == [
        (
            "ann@example.org",
            (
                "This child was missing and came back on Tue 9 June 2026 at 07:00. "
                "The interview lies with Rapid Engagement Team."
            ),
        )
    ]


@pytest.mark.parametrize(
    "past",
    [
        {"last_seen_at": "2026-06-02T11:00"},
        {"kind": "away", "last_seen_at": "2026-06-01T20:00", "returned_at": "2026-06-02T11:00"},
        {"kind": "away", "last_seen_at": "2026-06-05T20:00", "returned_at": "2026-06-06T11:00", "history": True},
        {
            "kind": "away",
            "last_seen_at": "2026-05-20T20:00",
            "returned_at": "2026-05-21T11:00",
            "reported_at": "2026-06-08T09:00",
        },
        {"withdrawn": True},
    ],
    ids=["missing since long ago", "away long ago", "history", "over long ago and reported now", "withdrawn"],
)
def test_of_what_is_past_or_nothing_the_run_tells_nobody(tmp_path, past):
    history, withdrawn = past.pop("history", False), past.pop("withdrawn", False)
    brought(tmp_path, history_before=date(2026, 6, 8) if history else None, **past)
    if withdrawn:
        telling.Episode.objects.update(withdrawn_at=london("2026-06-09 12:05"), withdrawn_because="An error.")

    assert told_by_the_next_run() == []


def test_a_new_worker_is_not_told_of_what_the_one_before_was_told_of(tmp_path):
    brought(tmp_path)
    told_by_the_next_run()
    with_ben = [WITH_ANN[0] | {"worker_email": "ben@example.org"}]
    bring(tmp_path / "ben", now=london("2026-06-09 12:20"), involvements=with_ben)

    assert told_by_the_next_run("2026-06-09 12:30") == []


def test_a_worker_who_comes_where_nobody_was_is_told_of_the_last_week(tmp_path):
    publish("surrey")
    bring(tmp_path, now=london("2026-06-09 12:00"), children=[child()], episodes=[episode(**SINCE_MONDAY)])
    assert told_by_the_next_run() == []

    bring(tmp_path / "ann", now=london("2026-06-09 12:20"), involvements=WITH_ANN)

    assert [email for email, _ in told_by_the_next_run("2026-06-09 12:30")] == ["ann@example.org"]


SINCE_MONDAY = {"last_seen_at": "2026-06-08T20:00", "returned_at": "", "notified_at": ""}


# Where the worker will not read it


def told_whom():
    return {
        notice.to.name: notice.about.partition(". The interview lies with Rapid Engagement Team.")[2].strip()
        for notice in Notice.objects.filter(kind="episode")
    }


@pytest.mark.clause("SUR-21")
def test_where_only_records_know_the_worker_her_leader_is_told_and_it_waits_for_her(tmp_path):
    leader("Lee", team="North")
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    why = "You are told because ann@example.org cannot sign in yet."
    assert told_whom() == {"Lee": why, "ann@example.org": ""}


@pytest.mark.clause("SUR-21")
def test_without_a_leader_of_her_team_the_coordinators_are_told(tmp_path):
    coordinator()
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    assert set(told_whom()) == {"Priya", "ann@example.org"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_active": False}, "You are told because Ann has left."),
        ({}, "You are told because Ann is away until Fri 12 Jun and nobody stands in."),
    ],
    ids=["disabled", "away"],
)
@pytest.mark.clause("SUR-21")
def test_where_the_worker_is_disabled_or_away_her_leader_is(tmp_path, fields, why):
    publish("surrey")
    ann = person("Ann", team="North", **fields)
    if not fields:
        Preferences.objects.create(user=ann, away_from=date(2026, 6, 8), away_until=date(2026, 6, 12))
    leader("Lee", team="North")
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    assert told_whom() == {"Lee": why}


@pytest.mark.clause("SUR-21")
def test_who_stands_in_for_the_worker_is_told_and_nobody_else(tmp_path):
    publish("surrey")
    ann = person("Ann", team="North")
    ben = person("Ben", team="North")
    Preferences.objects.create(user=ann, away_from=date(2026, 6, 8), away_until=date(2026, 6, 12), cover=ben)
    leader("Lee", team="North")
    returned(tmp_path, procedure="surrey", involvements=WITH_ANN)

    assert told_whom() == {"Ben": "You are told because Ann is away until Fri 12 Jun and you stand in."}


# What it costs


@pytest.mark.parametrize("children", [1, 5])
def test_looking_for_the_rest_costs_the_same_for_many(tmp_path, children, django_assert_num_queries):
    publish("surrey")
    numbers = range(1, children + 1)
    bring(
        tmp_path,
        now=london("2026-06-09 12:00"),
        children=[child(f"C{number}") for number in numbers],
        involvements=[WITH_ANN[0] | {"child_id": f"C{number}"} for number in numbers],
        episodes=[episode(f"E{number}", f"C{number}", **SINCE_MONDAY) for number in numbers],
    )

    # episodes, what is known; involvements, covers; teams, members, restricted children, people, absences,
    # invitations; known notices, new ones
    with transaction.atomic(), django_assert_num_queries(12):
        telling.tell_of_the_rest(london("2026-06-09 12:15"))

    assert Notice.objects.count() == children


@pytest.mark.parametrize("children", [1, 5])
def test_it_costs_the_same_for_many(tmp_path, children, django_assert_num_queries):
    publish("surrey")
    for number in range(1, children + 1):
        returned(tmp_path, number + 1, involvements=[WITH_ANN[0] | {"child_id": f"C{number + 1}"}])
    Notice.objects.all().delete()
    episodes = list(telling.Episode.objects.all())

    with transaction.atomic(), django_assert_num_queries(11):
        telling.tell_workers(episodes, of_late=True, now=london("2026-06-08 10:30"))

    assert Notice.objects.count() == children
