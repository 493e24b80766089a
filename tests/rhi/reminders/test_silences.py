"""What should have been done and was not: nobody assigned, nobody tried, nothing written up, answered or recorded."""

from datetime import date

import pytest

from rhi.actions import contact, outcomes_by_hand
from rhi.models import Attempt, Notice
from routing.models import Referral
from tests.records import bring, child, episode, interview, involvement, london, publish
from tests.rhi.reminders.week import coordinator, give, leader, person, returned, run, told_of

pytestmark = pytest.mark.django_db

NOT_ASSIGNED = "Nobody has been given this referral. It was to have a worker by Tue 9 June 2026 at 10:30."


def log(referral, by, at="2026-06-09 09:00"):
    contact.log_attempt(
        referral, attempted_at=london(at), method="phone", contacted="child", result="no_answer", by=by, now=london(at)
    )


def hold(referral, by, at="2026-06-09 15:00"):
    return outcomes_by_hand.record_held(referral, held_at=london(at), method="face_to_face", by=by, now=london(at))


def book(referral, by, at="2026-06-10 15:00"):
    now = london("2026-06-09 09:00")
    contact.book(referral, at=london(at), place="Library", method="face_to_face", by=by, now=now)


# Not assigned


@pytest.mark.clause("SOM-4.2b")
def test_the_leader_is_told_when_a_referral_has_had_no_worker_for_a_core_day(tmp_path):
    returned(tmp_path)
    leader()
    before = run("2026-06-08 15:30").filter(kind="due")
    assert [notice.about for notice in before] == ["A worker assigned: runs out on Tue 9 June 2026 at 10:30."]
    assert told_of("2026-06-09 10:30", "not_assigned") == []

    notices = run("2026-06-09 10:45").filter(kind="not_assigned")

    assert [(notice.to.name, notice.about) for notice in notices] == [("Sam", NOT_ASSIGNED)]
    assert told_of("2026-06-09 11:00", "not_assigned") == []


@pytest.mark.clause("SOM-4.2b")
def test_of_one_that_reached_the_tray_on_friday_afternoon_on_monday(tmp_path):
    returned(tmp_path, at="2026-06-12T12:00", told="2026-06-12T16:00")
    leader()
    run("2026-06-15 16:00")

    assert told_of("2026-06-15 16:15", "not_assigned") == ["Sam"]


def test_one_that_has_a_worker_in_time_is_not_told_of(tmp_path):
    referral = returned(tmp_path)
    leader()
    give(referral, person("Ann"), at="2026-06-09 10:30")
    run("2026-06-09 10:30")

    assert told_of("2026-06-09 10:45", "not_assigned") == []


def test_one_that_went_back_to_the_tray_waits_a_core_day_again(tmp_path):
    referral = returned(tmp_path)
    leader()
    give(referral, person("Ann"))
    give(referral, None, at="2026-06-09 14:00")
    run("2026-06-10 13:45")

    about = [notice.about for notice in run("2026-06-10 14:00").filter(kind="not_assigned")]

    assert about == ["Nobody holds this referral. It has waited since Tue 9 June 2026 at 14:00."]


def test_one_whose_worker_has_left_waits_from_that_day(tmp_path):
    referral = returned(tmp_path)
    leader()
    give(referral, person("Ann", left_on=date(2026, 6, 10)))
    run("2026-06-11 08:45")

    about = [notice.about for notice in run("2026-06-11 09:00").filter(kind="not_assigned")]

    assert about == [
        (
            "Ann held this referral and has left. It has waited since Wed 10 June 2026 at 00:00. "
            "You are told because Ann has left."
        )
    ]


def test_where_the_procedure_has_no_such_clock_a_core_day_holds(tmp_path):
    returned(tmp_path, procedure="croydon")
    leader(team="Missing Team")
    run("2026-06-09 10:15")

    assert told_of("2026-06-09 10:30", "not_assigned") == ["Sam"]


def test_one_that_a_file_brings_late_is_told_of_as_soon_as_it_lies_there(tmp_path):
    run("2026-06-09 21:45")
    returned(tmp_path, procedure="croydon", now="2026-06-09 22:00")
    leader(team="Missing Team")

    about = [notice.about for notice in run("2026-06-09 22:15").filter(kind="not_assigned")]

    assert about == [
        "Nobody holds this referral. It has waited since Mon 8 June 2026 at 10:30. This could not be told before."
    ]
    assert told_of("2026-06-09 22:30", "not_assigned") == []


# No attempt yet


def test_a_worker_who_has_tried_nobody_for_a_day_is_reminded(tmp_path):
    referral = returned(tmp_path)
    leader()
    give(referral, person("Ann"), at="2026-06-08 11:00")
    assert told_of("2026-06-09 10:45", "no_attempt") == []

    notices = run("2026-06-09 11:00").filter(kind="no_attempt")

    assert [(notice.to.name, notice.about) for notice in notices] == [
        (name, "Nobody has been tried yet. The referral was given out on Mon 8 June 2026 at 11:00.")
        for name in ("Ann", "Sam")
    ]


def test_an_attempt_an_offer_or_an_interview_is_enough(tmp_path):
    ann = None
    for number, act in enumerate((log, hold), start=1):
        referral = returned(tmp_path, number)
        ann = ann or person("Ann")
        give(referral, ann, at="2026-06-09 08:00")
        act(referral, ann)
    run("2026-06-10 07:45")

    assert told_of("2026-06-10 08:00", "no_attempt") == []


def test_a_new_holder_has_a_day_of_her_own(tmp_path):
    referral = returned(tmp_path)
    give(referral, person("Ann"), at="2026-06-08 11:00")
    give(referral, person("Ben"), at="2026-06-09 10:00")
    run("2026-06-09 10:45")
    assert told_of("2026-06-09 11:00", "no_attempt") == []
    run("2026-06-10 09:45")

    assert told_of("2026-06-10 10:00", "no_attempt") == ["Ben"]


def test_a_child_who_is_missing_again_cannot_be_tried(tmp_path):
    referral = returned(tmp_path)
    give(referral, person("Ann"), at="2026-06-08 11:00")
    referral.child.episodes.create(episode_id="E9", kind="missing", last_seen_at=london("2026-06-08 22:00"))
    run("2026-06-09 10:45")

    assert told_of("2026-06-09 11:00", "no_attempt") == []


@pytest.mark.parametrize(("back", "due"), [("2026-06-10", "2026-06-11"), ("2026-07-02", "2026-07-03")])
def test_once_back_the_worker_has_a_day_again_and_is_reminded_after_it(tmp_path, back, due):
    referral = returned(tmp_path)
    give(referral, person("Ann"), at="2026-06-08 11:00")
    again = referral.child.episodes.create(
        episode_id="E9", kind="missing", last_seen_at=london("2026-06-08 22:00"), reported_at=london("2026-06-08 23:00")
    )
    run("2026-06-09 11:00")
    run(f"{back} 11:45")
    again.returned_at, again.notified_at = london(f"{back} 11:50"), london(f"{back} 12:00")
    again.save()
    assert told_of(f"{due} 11:45", "no_attempt") == []

    notices = run(f"{due} 12:00").filter(kind="no_attempt")

    assert [notice.to.name for notice in notices] == ["Ann"]
    assert notices[0].about.startswith("Nobody has been tried yet. The referral was given out on Mon 8 June 2026")
    assert "the child came back after that" in notices[0].about
    assert told_of(f"{due} 12:15", "no_attempt") == []


def test_an_attempt_that_is_taken_back_leaves_the_worker_reminded(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann, at="2026-06-08 11:00")
    log(referral, ann)
    run("2026-06-09 11:00")
    run("2026-06-09 11:15")
    Attempt.objects.all().delete()

    about = [notice.about for notice in run("2026-06-09 12:00").filter(kind="no_attempt")]

    assert about == [
        (
            "Nobody has been tried yet. The referral was given out on Mon 8 June 2026 at 11:00. "
            "This could not be told before."
        )
    ]


# Of an interview record


def recorded(folder, **more):
    """An open interview record names the episode, so nothing is routed."""
    publish("somerset")
    leader()
    bring(
        folder,
        now=london("2026-06-08 10:30"),
        children=[child(area="Taunton")],
        episodes=[
            episode(last_seen_at="2026-06-08T00:30", returned_at="2026-06-08T10:00", notified_at="2026-06-08T10:30")
        ],
        interviews=[interview(team="", worker_email="")],
        **more,
    )
    return Referral.objects.get(destination="")


def test_one_that_an_open_record_made_and_that_nobody_holds_is_told_of(tmp_path):
    referral = recorded(tmp_path)
    run("2026-06-09 09:45")

    assert told_of("2026-06-09 10:00", "not_assigned") == ["Sam"]

    give(referral, person("Ann"), at="2026-06-09 11:00")
    run("2026-06-10 10:45")
    assert told_of("2026-06-10 11:00", "no_attempt") == ["Ann", "Sam"]


def test_one_of_history_is_not(tmp_path):
    recorded(tmp_path, history_before=date(2026, 6, 9))
    run("2026-06-09 09:45")

    assert told_of("2026-06-09 10:00", "not_assigned") == []


# To be written up


def test_a_form_that_is_not_written_up_in_time_is_reminded_of(tmp_path):
    referral = returned(tmp_path)
    leader()
    ann = person("Ann")
    give(referral, ann)
    hold(referral, ann)
    due = run("2026-06-11 11:00").filter(kind="due", about__startswith="Written up")
    assert {notice.to.name for notice in due} == {"Ann", "Sam"}
    run("2026-06-11 14:45")

    notices = run("2026-06-11 15:00").filter(kind="write_up")

    assert [(notice.to.name, notice.about) for notice in notices] == [
        (name, "The form is still to be written up. It was due on Thu 11 June 2026 at 15:00.")
        for name in ("Ann", "Sam")
    ]
    assert told_of("2026-06-11 15:15", "write_up") == []
    assert not Notice.objects.filter(kind="breach", about__startswith="Written up").exists()


def test_an_interview_that_is_recorded_late_is_reminded_of_as_soon_as_it_is(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann)
    run("2026-06-12 15:45")
    outcomes_by_hand.record_held(
        referral, held_at=london("2026-06-09 15:00"), method="face_to_face", by=ann, now=london("2026-06-12 15:50")
    )

    notices = run("2026-06-12 16:00").filter(kind="write_up")

    assert [(notice.to.name, notice.about) for notice in notices] == [
        (
            "Ann",
            (
                "The form is still to be written up. It was due on Thu 11 June 2026 at 15:00. "
                "This could not be told before."
            ),
        )
    ]
    assert told_of("2026-06-12 16:15", "write_up") == []


def test_once_written_up_it_is_not(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann)
    hold(referral, ann)
    referral.interviews.update(written_up_at=london("2026-06-11 14:50"), written_up_by=ann)
    run("2026-06-11 14:45")

    assert told_of("2026-06-11 15:00", "write_up") == []


def test_without_an_interview_the_form_is_due_two_days_after_the_outcome(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann)
    (episode,) = outcomes_by_hand.covered_episodes(referral)
    outcomes_by_hand.record_outcomes(
        referral,
        settled={episode.pk: outcomes_by_hand.Settled("no_contact", "no_answer")},
        although=True,
        by=ann,
        now=london("2026-06-10 12:00"),
    )
    run("2026-06-12 11:45")

    assert told_of("2026-06-12 12:00", "write_up") == ["Ann"]


# A discussion unanswered


def test_a_question_that_nobody_has_answered_is_put_to_the_asking_team_and_to_the_childs_worker(tmp_path):
    returned(tmp_path, procedure="surrey", involvements=[involvement(team="North", worker_email="ann@example.org")])
    leader(team="Rapid Engagement Team")
    run("2026-06-09 23:45")
    assert Referral.objects.get().question

    notices = run("2026-06-10 00:00").filter(kind="discussion")

    assert [notice.to.email for notice in notices.order_by("to__email")] == ["ann@example.org", "sam@example.org"]
    assert {notice.about for notice in notices} == {
        "Who holds the interview is still to be settled. An answer was due by Tue 9 June 2026 at 23:59."
    }
    assert "not_assigned" not in Notice.objects.values_list("kind", flat=True)


def test_an_answered_one_is_not(tmp_path):
    returned(tmp_path, procedure="surrey", involvements=[involvement(team="North", worker_email="ann@example.org")])
    leader(team="Rapid Engagement Team")
    Referral.objects.update(question_settled_at=london("2026-06-09 12:00"))
    run("2026-06-09 23:45")

    assert told_of("2026-06-10 00:00", "discussion") == []


# A booked time that has passed


def test_a_booked_time_that_passes_without_a_word_is_asked_about(tmp_path):
    referral = returned(tmp_path)
    leader()
    ann = person("Ann")
    give(referral, ann)
    contact.book(
        referral,
        at=london("2026-06-10 15:00"),
        place="Library",
        method="face_to_face",
        by=ann,
        now=london("2026-06-09 09:00"),
    )
    run("2026-06-10 16:45")

    notices = run("2026-06-10 17:00").filter(kind="appointment")

    assert [(notice.to.name, notice.about) for notice in notices] == [
        (name, "The interview was booked for Wed 10 June 2026 at 15:00, and nothing is recorded since.")
        for name in ("Ann", "Sam")
    ]
    assert told_of("2026-06-10 17:15", "appointment") == []


def test_one_that_was_held_or_moved_is_not(tmp_path):
    referral = returned(tmp_path)
    ann = person("Ann")
    give(referral, ann)
    contact.book(
        referral,
        at=london("2026-06-10 15:00"),
        place="Library",
        method="face_to_face",
        by=ann,
        now=london("2026-06-09 09:00"),
    )
    hold(referral, ann, at="2026-06-10 15:05")
    run("2026-06-10 16:45")

    assert told_of("2026-06-10 17:00", "appointment") == []


def test_another_authoritys_child_is_theirs_to_assign_and_to_try(tmp_path):
    returned(tmp_path, procedure="croydon", of_child={"responsible_authority": "E09000032"})
    coordinator()
    assert Referral.objects.get().destination == "authority"
    run("2026-06-09 10:15")

    assert told_of("2026-06-09 10:30", "not_assigned") == []
