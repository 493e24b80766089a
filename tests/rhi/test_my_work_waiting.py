"""My work: what else waits for one person, the numbers of their trays, and what they must be told."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse

from episodes.models import Child, Episode
from rhi.actions import contact, signing
from rhi.actions.slips import take_back
from rhi.actions.withdrawing import Why, shown_as, withdraw
from rhi.models import Interview
from rhi.questions import missing
from rhi.questions.shapes import Situation
from routing.models import Referral, Task
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, involvement, london, publish
from tests.rhi.case_work import (
    TRAY,
    attempt,
    case,
    complete,
    give,
    hold,
    member,
    notice,
    offer,
    referrals,
    settle,
    task,
    the_words,
    work,
    write_up,
)
from tests.rhi.writing import answer_all
from tests.staff.people import now

pytestmark = pytest.mark.django_db


def test_an_appointment_is_shown_with_its_place_until_it_was_held(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    at = (now() + timedelta(days=2)).replace(second=0, microsecond=0)
    booked = contact.book(mine, at=at, place="Library", method="face_to_face", by=ann, now=now())

    answer = work(client, ann)
    assert answer.context["booked"] == [(booked, mine)]
    assert "Face to face, Library" in the_words(answer)
    assert "Was it held?" not in the_words(answer)

    hold(mine, ann)
    assert work(client, ann).context["booked"] == []


def test_an_appointment_that_has_passed_asks_whether_it_was_held(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    contact.book(mine, at=london("2026-06-16 10:00"), place="Library", method="face_to_face", by=ann, now=NOW)

    words = the_words(work(client, ann))

    assert "Was it held?" in words
    assert reverse("rhi:record_held", args=[mine.pk]) in words


def test_an_interview_held_is_to_be_written_up_even_when_its_outcome_has_closed_the_referral(client, tmp_path):
    mine = case(tmp_path)
    ann, ben = member(), member("ben@example.org")
    give(mine, ann)
    interview = hold(mine, ann)
    assert list(work(client, ann).context["writing"]) == [interview]

    complete(mine, ann)
    answer = work(client, ann)
    assert (referrals(answer), list(answer.context["writing"])) == ([], [interview])
    assert reverse("rhi:form", args=[mine.pk]) in the_words(answer)
    assert list(work(client, ben).context["writing"]) == []

    write_up(interview, ann)
    assert list(work(client, ann).context["writing"]) == []


@pytest.mark.parametrize(
    ("response", "code", "reason"),
    [
        ("", "no_contact", "no_answer"),
        ("declined_by_child", "declined", "distrust"),
        ("accepted", "accepted_not_held", "not_present"),
        ("", "not_offered", "hospital"),
        ("", "not_required", "died"),
    ],
)
def test_without_an_interview_the_form_is_owed_once_the_referral_is_closed(client, tmp_path, response, code, reason):
    mine = case(tmp_path)
    ann, ben = member(), member("ben@example.org")
    give(mine, ann)
    attempt(mine, ann)
    if response:
        made, at = offer(mine, ann), london("2026-05-13 11:00")
        because = reason if code == "declined" else ""
        contact.record_response(
            mine, made, response=response, declined_because=because, responded_at=at, by=ann, now=NOW
        )
    assert list(work(client, ann).context["writing"]) == []

    settle(mine, ann, code, reason)

    interview = Interview.objects.get()
    answer = work(client, ann)
    assert (referrals(answer), list(answer.context["writing"])) == ([], [interview])
    assert "No interview was held. Closed Mon 15 Jun" in the_words(answer)
    assert reverse("rhi:form", args=[mine.pk]) in the_words(answer)
    assert list(work(client, ben).context["writing"]) == []


@pytest.mark.clause("SOM-4.7")
def test_what_was_written_up_without_an_interview_waits_for_a_leader(client, tmp_path):
    mine = case(tmp_path)
    ann, sam = member(), member("sam@example.org", Role.TEAM_LEADER)
    give(mine, ann)
    attempt(mine, ann)
    settle(mine, ann, "no_contact", "no_answer")
    answer_all(mine, ann, Situation(), at=NOW)
    assert list(work(client, sam).context["signing"]) == []

    signing.write_up(mine, by=ann, now=NOW)

    assert list(work(client, ann).context["writing"]) == []
    assert list(work(client, sam).context["signing"]) == [Interview.objects.get()]
    signing.sign_off(mine, by=sam, now=NOW)
    assert list(work(client, sam).context["signing"]) == []


def test_an_outcome_taken_back_or_withdrawn_owes_no_form(client, tmp_path):
    first, second = case(tmp_path), case(tmp_path, 2)
    ann = member()
    for mine in (first, second):
        give(mine, ann)
        attempt(mine, ann)
        settle(mine, ann, "no_contact", "no_answer")
    assert len(work(client, ann).context["writing"]) == 2

    taken = first.covered.get().episode.outcome
    take_back(first, kind="outcome", record=taken.pk, because="A slip.", by=ann, now=NOW)
    gone = Episode.objects.get(cover__referral=second)
    withdraw(gone, why=Why.ERROR, because="Never was.", shown=shown_as(gone), by=ann, now=NOW)

    assert list(work(client, ann).context["writing"]) == []


def test_the_form_of_what_nobody_held_is_theirs_who_recorded_the_outcome(client, tmp_path):
    mine = case(tmp_path)
    sam, ann = member("sam@example.org", Role.TEAM_LEADER), member()
    settle(mine, sam, "not_offered", "hospital")

    assert list(work(client, sam).context["writing"]) == [Interview.objects.get()]
    assert list(work(client, ann).context["writing"]) == []

    give(mine, ann)
    assert list(work(client, sam).context["writing"]) == []
    assert list(work(client, ann).context["writing"]) == [Interview.objects.get()]


def test_another_authority_s_interview_owes_no_form_here(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)

    settle(mine, ann, "not_required", "other_authority")

    assert Interview.objects.get().worker == ann
    assert list(work(client, ann).context["writing"]) == []


def test_the_form_asks_something_whatever_became_of_the_interview():
    """Therefore every outcome owes it: sections and questions that apply are declared by situation."""
    for known in product((False, True), repeat=4):
        assert missing(Situation(*known), {}), known


@pytest.mark.parametrize("said", [{"outcome": "no_contact", "reason": "no_answer"}, {"outcome": "completed"}])
def test_an_outcome_that_a_record_brought_owes_no_form_here_unless_its_interview_was_held(client, tmp_path, said):
    mine = case(tmp_path)
    ann = member()
    give(mine, ann)
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "worker_email": ann.email}
    held = {"held_at": "2026-05-13T10:00", "method": "telephone"} if said["outcome"] == "completed" else {}

    bring(tmp_path / "outcome", interviews=[row | said | held])

    mine.refresh_from_db()
    assert mine.closed_at
    assert len(work(client, ann).context["writing"]) == len(held) // 2


def test_history_that_a_record_brought_is_not_to_be_written_up(client, tmp_path):
    publish("somerset")
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "team": TRAY, "worker_email": "ann@example.org"}
    held = {"held_at": "2026-05-13T10:00", "outcome": "completed", "method": "telephone"}
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[row | held])
    (interview,) = Interview.objects.all()

    assert list(work(client, interview.worker).context["writing"]) == []


def test_what_others_have_written_up_waits_for_a_leader(client, tmp_path):
    mine = case(tmp_path)
    ann, sam = member(), member("sam@example.org", Role.TEAM_LEADER)
    give(mine, ann)
    interview = hold(mine, ann)
    complete(mine, ann)
    assert list(work(client, sam).context["signing"]) == []

    write_up(interview, ann)
    answer = work(client, sam)
    assert list(answer.context["signing"]) == [interview]
    assert reverse("rhi:sign_off", args=[mine.pk]) in the_words(answer)
    assert "To read and sign off" not in the_words(work(client, ann))

    Interview.objects.update(signed_off_at=NOW, signed_off_by=sam)
    assert list(work(client, sam).context["signing"]) == []


def test_nobody_signs_off_what_they_wrote_themselves(client, tmp_path):
    mine = case(tmp_path)
    sam = member("sam@example.org", Role.TEAM_LEADER)
    give(mine, sam)
    write_up(hold(mine, sam), sam)

    answer = work(client, sam)

    assert list(answer.context["signing"]) == []
    assert "Nothing waits for you." in the_words(answer)


def test_another_team_s_interviews_do_not_wait_for_this_leader(client, tmp_path):
    mine = case(tmp_path)
    Team.objects.create(name="Elsewhere")
    ann, sam = member(), member("sam@example.org", Role.TEAM_LEADER, "Elsewhere")
    give(mine, ann)
    write_up(hold(mine, ann), ann)

    assert list(work(client, sam).context["signing"]) == []


def test_a_question_waits_for_the_allocated_worker_too(client, tmp_path):
    publish("surrey")
    bring(tmp_path, children=[child()], episodes=[episode()], involvements=[involvement()])
    asked = Referral.objects.get()
    ann = Child.objects.get().involvements.get().worker

    answer = work(client, ann)

    assert list(answer.context["asked"]) == [asked]
    assert reverse("rhi:settle", args=[asked.pk]) in the_words(answer)
    asked.question_settled_at = NOW
    asked.save(update_fields=["question_settled_at"])
    assert list(work(client, ann).context["asked"]) == []


def test_tasks_of_one_s_own_and_of_one_s_team_wait_until_they_are_settled(client, tmp_path):
    first, second, third = (case(tmp_path, number) for number in (1, 2, 3))
    ann, ben = member(), member("ben@example.org")
    team = Team.objects.get(name=TRAY)
    own, team_s, _ = task(first, owner=ann), task(second, owner_team=team), task(third, owner=ben, owner_team=team)

    answer = work(client, ann)
    assert list(answer.context["tasks"]) == [own, team_s]
    assert reverse("rhi:settle_task", args=[first.pk, own.pk]) in the_words(answer)

    Task.objects.filter(pk=own.pk).update(done_at=NOW)
    assert list(work(client, ann).context["tasks"]) == [team_s]


def test_a_task_set_aside_waits_no_longer(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    task(mine, owner=ann, set_aside_at=NOW, not_done_because="They knew already.", settled_by=ann)

    assert list(work(client, ann).context["tasks"]) == []


def test_a_task_about_a_child_restricted_since_waits_only_for_whom_the_restriction_names(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    task(mine, owner=ann)
    Child.objects.update(restricted=True)

    assert list(work(client, ann).context["tasks"]) == []


# Trays


def test_a_leader_sees_the_numbers_of_her_tray_with_links(client, tmp_path):
    mine, _ = case(tmp_path), case(tmp_path, 2)
    sam = member("sam@example.org", Role.TEAM_LEADER)
    give(mine, sam)

    answer = work(client, sam)

    ((team, counts),) = answer.context["trays"]
    assert (team.name, counts.all, counts.nobody, counts.late) == (TRAY, 2, 1, 2)
    tray = reverse("rhi:tray", args=[team.pk])
    assert f'href="{tray}?show=late"' in the_words(answer)


@pytest.mark.parametrize("may_reassign", [True, False])
def test_a_practitioner_sees_the_numbers_of_the_tray_that_she_may_reassign(client, tmp_path, may_reassign):
    case(tmp_path)

    answer = work(client, member(may_reassign=may_reassign))

    assert [team.name for team, _ in answer.context["trays"]] == ([TRAY] if may_reassign else [])


def test_a_coordinator_s_trays_have_their_own_page(client, tmp_path):
    case(tmp_path)

    assert work(client, member("priya@example.org", Role.COORDINATOR, None)).context["trays"] == []


# Notices


def test_a_notice_is_shown_until_it_has_been_seen(client, tmp_path):
    mine = case(tmp_path)
    ann = member()
    told = notice(mine, ann)
    answer = work(client, ann)
    assert "A child of your team was opened." in the_words(answer)
    assert reverse("rhi:child", args=[mine.child.pk]) in the_words(answer)

    answer = client.post(reverse("rhi:notice_seen", args=[told.pk]))

    assert answer.headers["Location"] == "/"
    told.refresh_from_db()
    assert told.seen_at is not None
    assert "A child of your team was opened." not in the_words(work(client, ann))
    assert list(AuditEvent.objects.filter(type="notice_seen").values_list("by_id", "children")) == [(ann.pk, ["C1"])]


def test_a_notice_names_nobody_whom_the_person_may_not_see(client, tmp_path):
    mine = case(tmp_path)
    ann = member(team=None)
    notice(mine, ann)

    words = the_words(work(client, ann))

    assert "A child of your team was opened." in words
    assert "Robin1" not in words


def test_somebody_else_s_notice_is_not_found_and_stays_unseen(client, tmp_path):
    told = notice(case(tmp_path), member())
    client.force_login(member("ben@example.org"))

    assert client.post(reverse("rhi:notice_seen", args=[told.pk])).status_code == 404
    assert client.get(reverse("rhi:notice_seen", args=[told.pk])).status_code == 405

    told.refresh_from_db()
    assert told.seen_at is None


def test_seen_twice_is_seen_once(client, tmp_path):
    told = notice(case(tmp_path), member())
    client.force_login(told.to)
    for _ in range(2):
        client.post(reverse("rhi:notice_seen", args=[told.pk]))

    assert AuditEvent.objects.filter(type="notice_seen").count() == 1
