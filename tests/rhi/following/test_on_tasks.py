"""What is done with a task: done, answered, changed, looked at again, added by hand, and support given by it."""

from datetime import date

import pytest

from rhi.actions import support, tasks
from rhi.actions.following import Whose
from rhi.models import CaseNote, Notice, NoticeKind
from routing.models import Task
from staff.models import AuditEvent
from tests.records import NOW, london
from tests.rhi.following.cases import holder_of, referral_of
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 15)


@pytest.fixture
def referral(tmp_path):
    return referral_of(tmp_path, "wokingham")


@pytest.fixture
def robin(referral):
    return holder_of(referral)


def task_of(referral, kind="mash", **fields):
    facts = {"about": "To be done.", "clause": "Example", "opened_at": NOW, "review_on": date(2026, 6, 30)}
    return Task.objects.create(child=referral.child, referral=referral, kind=kind, **(facts | fields))


def referred(referral, by, kind="mash"):
    return tasks.tick_off(task_of(referral, kind), done_at=london("2026-06-12 09:00"), by=by, now=NOW)


def answer(task, by, code="assessment", on=TODAY, names=""):
    return tasks.answer_task(task, answer=code, answered_on=on, names=names, by=by, now=NOW)


# Answers


@pytest.mark.clause("WOK-08")
def test_the_answer_of_the_mash_is_kept_with_its_day(referral, robin):
    mash = referred(referral, robin)
    assert list(Task.objects.unanswered()) == [mash]

    answer(mash, robin)

    mash.refresh_from_db()
    assert (mash.answer, mash.get_answer_display(), mash.answered_on) == (
        "assessment",
        "Child and family assessment",
        TODAY,
    )
    assert list(Task.objects.unanswered()) == []
    assert AuditEvent.objects.get(type="task_answered").detail == {"kind": "mash", "before": "", "answer": "assessment"}


@pytest.mark.clause("WOK-09")
def test_the_early_help_hub_names_an_agency(referral, robin):
    mash = referred(referral, robin)

    with pytest.raises(tasks.TaskRefused, match=r"^Name the agency that the Early Help Hub has found\.$"):
        answer(mash, robin, "early_help_hub", names=" ")

    answer(mash, robin, "early_help_hub", names="Harbour Youth")
    mash.refresh_from_db()
    assert (mash.answer, mash.answer_names) == ("early_help_hub", "Harbour Youth")


def test_nothing_is_answered_before_it_was_referred(referral, robin):
    with pytest.raises(tasks.TaskRefused, match=r"^Say first when it was referred\.$"):
        answer(task_of(referral), robin)


@pytest.mark.parametrize("on", [date(2026, 6, 11), date(2026, 6, 16)])
def test_an_answer_comes_between_the_referral_and_today(referral, robin, on):
    with pytest.raises(tasks.TaskRefused, match="Check its date"):
        answer(referred(referral, robin), robin, on=on)


@pytest.mark.parametrize(("kind", "code"), [("specialist", "early_help_hub"), ("screen", "accepted")])
def test_an_answer_has_to_fit_what_was_referred(referral, robin, kind, code):
    with pytest.raises(tasks.TaskRefused, match=r"^This cannot be the answer to it\.$"):
        answer(referred(referral, robin, kind), robin, code)


def test_a_later_answer_takes_the_place_of_an_earlier_one(referral, robin):
    mash = answer(referred(referral, robin), robin)

    answer(mash, robin, "no_further_action")

    mash.refresh_from_db()
    assert mash.answer == "no_further_action"


# Done


def test_a_screen_counts_from_the_day_the_episode_began(referral, robin):
    screen = task_of(referral, "screen")

    with pytest.raises(tasks.TaskRefused, match="This counts from the day the episode began"):
        tasks.tick_off(screen, done_at=london("2026-05-10 23:59"), by=robin, now=NOW)

    tasks.tick_off(screen, done_at=london("2026-05-11 00:01"), by=robin, now=NOW)
    screen.refresh_from_db()
    assert screen.done_at == london("2026-05-11 00:01")


def test_what_is_demanded_before_sign_off_was_done_since_the_episode_began(referral, robin):
    mash = task_of(referral, demanded=True)

    with pytest.raises(tasks.TaskRefused, match="The child went missing after that day"):
        tasks.tick_off(mash, done_at=london("2019-01-01 10:00"), by=robin, now=NOW)


# Reviews


@pytest.mark.clause("WOK-11")
def test_a_review_moves_on_and_what_was_found_is_a_case_note(referral, robin):
    task = task_of(referral, review_on=TODAY)

    tasks.looked_at(task, review_on=date(2026, 7, 13), because="Goes to school again.", by=robin, now=NOW)

    task.refresh_from_db()
    assert task.review_on == date(2026, 7, 13)
    assert CaseNote.objects.get().text == ("Referral to the MASH: To be done.\nReviewed. Goes to school again.")


@pytest.mark.parametrize(
    ("review_on", "because", "refused"),
    [(TODAY, "Fine.", "The next review lies in the future."), (None, " ", "Say what you found.")],
)
def test_a_review_says_something_and_the_next_lies_ahead(referral, robin, review_on, because, refused):
    with pytest.raises(tasks.TaskRefused) as refusal:
        tasks.looked_at(task_of(referral), review_on=review_on, because=because, by=robin, now=NOW)
    assert str(refusal.value) == refused


def test_a_last_review_ends_it(referral, robin):
    task = task_of(referral, done_at=NOW, review_on=TODAY)

    tasks.looked_at(task, review_on=None, because="All is well.", by=robin, now=NOW)

    assert list(Task.objects.waiting(date(2027, 1, 1))) == []


# Changes


def test_a_task_given_to_somebody_else_says_why_and_tells_them(referral, robin):
    kim = holder_of(referral, "kim.lane@example.org", "Kim Lane")
    task = task_of(referral, owner=robin, due_on=TODAY)

    tasks.change_task(
        task, owner=Whose(kim, None), due_on=TODAY, review_on=task.review_on, because="Robin is ill.", by=robin, now=NOW
    )

    task.refresh_from_db()
    assert task.owner == kim
    assert CaseNote.objects.get().text.endswith("Now for Kim Lane to do. Robin is ill.")
    assert Notice.objects.get(kind=NoticeKind.TASK_YOURS).to == kim
    line = AuditEvent.objects.get(type="task_changed")
    assert line.detail["after"]["owner"] == kim.pk
    assert "Robin is ill." not in str(line.detail)


def test_nothing_is_changed_without_a_reason_or_when_nothing_changes(referral, robin):
    task = task_of(referral, owner=robin, due_on=TODAY)
    same = {"owner": Whose(robin, None), "due_on": TODAY, "review_on": task.review_on}

    for because, refused in ((" ", "Say why."), ("No reason.", "Nothing was changed.")):
        with pytest.raises(tasks.TaskRefused) as refusal:
            tasks.change_task(task, **same, because=because, by=robin, now=NOW)
        assert str(refusal.value) == refused


def test_a_task_of_a_restricted_child_goes_to_nobody_who_may_not_see_the_child(referral, robin):
    referral.child.restricted = True
    referral.child.save()
    kim = make_person("kim.lane@example.org", "Kim Lane")
    task = task_of(referral, owner=robin)

    with pytest.raises(tasks.TaskRefused, match="not named for the child"):
        tasks.change_task(task, owner=Whose(kim, None), due_on=TODAY, review_on=None, because="…", by=robin, now=NOW)


def test_a_task_is_added_by_hand_beside_others_of_its_kind_and_sent_twice_only_once(referral, robin):
    for about in ("Older friends.", "Older friends.", "New phone."):
        tasks.add_task(
            referral,
            kind="screen",
            about=about,
            owner=Whose(robin, None),
            due_on=TODAY,
            review_on=None,
            by=robin,
            now=NOW,
        )

    assert [task.item for task in Task.objects.order_by("pk")] == ["by_hand_1", "by_hand_2"]
    assert {(task.clause, task.demanded) for task in Task.objects.all()} == {("Added by hand", False)}


# Support


def start(task, by, **more):
    facts = {"kind": "mentoring", "given_by": "PYJS", "sessions_planned": 6, "started_on": TODAY} | more
    return support.start_support(task, **facts, review_on=date(2026, 7, 13), by=by, now=NOW)


@pytest.mark.clause("WOK-06")
def test_support_has_its_kind_who_gives_it_sessions_a_review_and_an_end(referral, robin):
    task = task_of(referral, "support")
    running = start(task, robin)
    support.hold_session(running, by=robin, now=NOW)
    support.hold_session(running, by=robin, now=NOW)

    running.refresh_from_db()
    task.refresh_from_db()
    assert (running.kind, running.given_by, running.sessions_held, running.sessions_planned) == (
        "mentoring",
        "PYJS",
        2,
        6,
    )
    assert (task.done_at, task.review_on) == (NOW, date(2026, 7, 13))

    support.end_support(running, ended_on=TODAY, because="All six held.", by=robin, now=NOW)

    running.refresh_from_db()
    task.refresh_from_db()
    assert (running.ended_on, running.ended_because, task.review_on) == (TODAY, "All six held.", None)
    assert [line.detail["how"] for line in AuditEvent.objects.filter(type="support_recorded").order_by("pk")] == [
        "started",
        "session",
        "session",
        "ended",
    ]


def test_support_begins_once_and_not_by_any_task(referral, robin):
    task = task_of(referral, "support")
    start(task, robin)

    with pytest.raises(tasks.TaskRefused, match=r"^This support has begun already\.$"):
        start(task, robin)
    with pytest.raises(tasks.TaskRefused, match=r"^No support is given by this task\.$"):
        start(task_of(referral, "mash"), robin)


@pytest.mark.parametrize("ended_on", [date(2026, 6, 11), date(2026, 6, 16)])
def test_support_ends_between_its_beginning_and_today(referral, robin, ended_on):
    running = start(task_of(referral, "support"), robin, started_on=date(2026, 6, 12))

    with pytest.raises(tasks.TaskRefused, match="Check the date"):
        support.end_support(running, ended_on=ended_on, because="Over.", by=robin, now=NOW)


def test_what_has_ended_has_no_more_sessions(referral, robin):
    running = start(task_of(referral, "support"), robin)
    support.end_support(running, ended_on=TODAY, because="Over.", by=robin, now=NOW)

    with pytest.raises(tasks.TaskRefused, match=r"^This support has ended already\.$"):
        support.hold_session(running, by=robin, now=NOW)
