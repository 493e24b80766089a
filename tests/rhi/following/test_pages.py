"""The pages on which tasks are found and dealt with."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.urls import reverse

from rhi.actions import signing, tasks
from rhi.models import Support
from routing.models import Task
from staff.models import AuditEvent, Membership, User
from staff.permissions import Role
from tests.records import NOW, involvement, london
from tests.rhi.following.cases import action, answered, holder_of, referral_of, written
from tests.rhi.writing import words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 15)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    for view in ("tasks", "tasks_overdue", "work", "referral", "children", "interview", "plan_note", "form_writing"):
        monkeypatch.setattr(f"rhi.views.{view}.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def referral(tmp_path):
    return referral_of(tmp_path, "wokingham")


@pytest.fixture
def robin(referral):
    return holder_of(referral)


def task_of(referral, kind="need", **fields):
    facts = {"about": "Ask the school.", "clause": "Example", "opened_at": NOW, "item": str(Task.objects.count())}
    return Task.objects.create(child=referral.child, referral=referral, kind=kind, **(facts | fields))


def address(name, task):
    return reverse(f"rhi:{name}", args=[task.referral_id, task.pk])


def leader(referral, email="sam.okoro@example.org"):
    person = make_person(email, "Sam Okoro", Role.TEAM_LEADER)
    Membership.objects.create(user=person, team=referral.allocations.get(until__isnull=True).team)
    return person


# My work


@pytest.mark.clause("WOK-11")
def test_a_review_that_has_come_lies_in_its_owners_work_and_once_passed_in_the_leaders_list(client, referral, robin):
    sam = leader(referral)
    task = task_of(referral, owner=robin, done_at=london("2026-05-20 10:00"), review_on=TODAY)
    client.force_login(robin)
    assert list(client.get("/").context["tasks"]) == [task]
    client.force_login(sam)
    assert list(client.get(reverse("rhi:overdue_tasks")).context["rows"]) == []

    Task.objects.update(review_on=date(2026, 6, 14))

    assert list(client.get(reverse("rhi:overdue_tasks")).context["rows"]) == [task]


def test_what_is_done_and_not_yet_to_be_looked_at_waits_for_nobody(client, referral, robin):
    task_of(referral, owner=robin, done_at=NOW, review_on=date(2026, 6, 16))
    client.force_login(robin)

    assert list(client.get("/").context["tasks"]) == []


def test_my_work_has_the_tasks_by_their_day_the_overdue_first(client, referral, robin):
    later = task_of(referral, owner=robin, due_on=date(2026, 6, 20))
    never = task_of(referral, owner=robin)
    overdue = task_of(referral, owner=robin, due_on=date(2026, 6, 12))
    client.force_login(robin)

    page = client.get("/")

    assert list(page.context["tasks"]) == [overdue, later, never]
    assert "Overdue since Fri 12 Jun" in words(page)


def test_the_task_of_somebody_who_has_left_is_her_teams(client, referral, robin):
    team = referral.allocations.get(until__isnull=True).team
    gone = make_person("gone@example.org", "Gone Away")
    task = task_of(referral, owner=gone, owner_team=team)
    client.force_login(robin)
    assert list(client.get("/").context["tasks"]) == []

    User.objects.filter(pk=gone.pk).update(left_on=TODAY)

    assert list(client.get("/").context["tasks"]) == [task]


@pytest.mark.clause("WOK-10")
def test_a_social_worker_opens_and_settles_her_own_task(client, tmp_path):
    referral = referral_of(tmp_path, "wokingham", involvements=[involvement("child_in_need")])
    task = written(referral, holder_of(referral), actions={"rows": [action("school")]})["need school"]
    client.force_login(User.objects.get(email="ann@example.org"))
    assert client.get(address("settle_task", task)).status_code == 200

    client.post(address("settle_task", task), {"answer": "done", "done_at": "2026-06-15T11:30"})

    task.refresh_from_db()
    assert task.done_at == london("2026-06-15 11:30")


# The leader's list


@pytest.mark.clause("SOM-4.17")
def test_overdue_follow_ups_of_her_teams_are_listed_for_the_leader_also_a_social_workers(client, tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    robin, sam = holder_of(referral), leader(referral)
    task = written(referral, robin, actions={"rows": [action("school", action_due="2026-06-12")]})["need school"]
    client.force_login(sam)

    page = client.get(reverse("rhi:overdue_tasks"))

    assert [row.pk for row in page.context["rows"]] == [task.pk]
    assert task.owner.email == "ann@example.org"
    assert AuditEvent.objects.filter(type="list_read").first().children == ["C1"]


def test_another_teams_follow_ups_are_not_listed(client, referral, robin):
    task_of(referral, owner=robin, due_on=date(2026, 6, 12))
    client.force_login(make_person("lou@example.org", "Lou Reed", Role.TEAM_LEADER))

    assert list(client.get(reverse("rhi:overdue_tasks")).context["rows"]) == []


@pytest.mark.clause("WOK-08")
def test_a_referral_to_the_mash_without_an_answer_is_listed_until_the_answer_comes(client, referral, robin):
    mash = task_of(referral, "mash", owner=robin)
    tasks.tick_off(mash, done_at=london("2026-06-12 09:00"), by=robin, now=NOW)
    client.force_login(leader(referral))
    listed = reverse("rhi:overdue_tasks") + "?show=unanswered"
    assert list(client.get(listed).context["rows"]) == [mash]

    client.post(address("answer_task", mash), {"answer": "assessment", "answered_on": "2026-06-15"})

    assert list(client.get(listed).context["rows"]) == []
    mash.refresh_from_db()
    assert (mash.answer, mash.answered_on) == ("assessment", TODAY)


@pytest.mark.clause("SOM-4.12a")
def test_outstanding_screens_are_a_list(client, tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)
    screen = written(referral, robin, ce_screen={"answer": "outstanding"}, actions={"rows": [action("school")]})[
        "screen"
    ]
    client.force_login(leader(referral))

    page = client.get(reverse("rhi:overdue_tasks") + "?show=open&kind=screen")

    assert list(page.context["rows"]) == [screen]


@pytest.mark.parametrize("asked", ["", "?show=nonsense&kind=x&page=y"])
def test_a_list_that_makes_no_sense_shows_what_is_overdue(client, referral, robin, asked):
    task = task_of(referral, owner=robin, due_on=date(2026, 6, 12))
    client.force_login(leader(referral))

    assert list(client.get(reverse("rhi:overdue_tasks") + asked).context["rows"]) == [task]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, referral, robin, number, django_assert_num_queries):
    for _ in range(number):
        task_of(referral, owner=robin, due_on=date(2026, 6, 12))
    client.force_login(leader(referral))
    client.get(reverse("rhi:overdue_tasks"))

    with django_assert_num_queries(6):  # session, person, tasks, audit row in its transaction (3)
        page = client.get(reverse("rhi:overdue_tasks"))
    assert len(page.context["rows"]) == number


# The child, the referral, sign-off


@pytest.mark.clause("WOK-09")
def test_the_answer_of_the_mash_and_the_agency_stand_on_the_childs_page(client, referral, robin):
    mash = task_of(referral, "mash", owner=robin)
    tasks.tick_off(mash, done_at=london("2026-06-12 09:00"), by=robin, now=NOW)
    client.force_login(robin)
    page = reverse("rhi:child", args=[referral.child_id])
    assert "No answer yet" in words(client.get(page))

    client.post(
        address("answer_task", mash),
        {"answer": "early_help_hub", "answered_on": "2026-06-15", "names": "Harbour Youth"},
    )

    assert "Answer Mon 15 Jun: Early Help Hub, Harbour Youth" in words(client.get(page))


@pytest.mark.clause("WOK-06")
def test_support_is_begun_counted_and_ended_on_the_page_and_runs_on_the_childs(client, referral, robin):
    task = task_of(referral, "support", owner=robin)
    client.force_login(robin)
    of_child = reverse("rhi:child", args=[referral.child_id])
    begin = {"kind": "mentoring", "given_by": "PYJS", "sessions_planned": "6", "started_on": "2026-06-15"}

    client.post(address("support_task", task), begin | {"review_on": "2026-07-13"})
    client.post(address("support_task", task), {"what": "session"})

    assert "Mentoring, by PYJS. 1 of 6 session held. Since Mon 15 Jun" in words(client.get(of_child))
    client.post(address("support_task", task), {"what": "ended", "ended_on": "2026-06-15", "because": "Moved away."})
    support = Support.objects.get()
    assert (support.ended_on, support.ended_because) == (TODAY, "Moved away.")
    assert "Mentoring, by PYJS" not in words(client.get(of_child))


@pytest.mark.clause("NOT-21")
def test_sign_off_says_what_comes_first_and_refuses_until_it_is_done(client, tmp_path):
    referral = referral_of(tmp_path, "nottinghamshire")
    robin = holder_of(referral)
    written(referral, robin, harm_types={"disclosed": ["physical"], "suspected": ["none_suspected"]})
    client.force_login(leader(referral))
    page = reverse("rhi:sign_off", args=[referral.pk])
    assert "This comes before sign-off: Refer to the MASH" in words(client.get(page))

    refused = client.post(page, {"comment": "Good."})

    assert "This is not recorded as done yet, and it comes before sign-off" in words(refused)
    assert referral.interviews.get().signed_off_at is None


def test_what_comes_before_sign_off_offers_no_setting_aside(client, referral, robin):
    task = task_of(referral, "mash", owner=robin, demanded=True)
    client.force_login(robin)
    assert "It will not be done" not in words(client.get(address("settle_task", task)))

    page = client.post(address("settle_task", task), {"answer": "set_aside", "because": "No."})

    assert "answer" in page.context["form"].errors
    task.refresh_from_db()
    assert task.set_aside_at is None


def test_the_referral_shows_its_tasks_with_their_days_and_what_became_of_them(client, referral, robin):
    task_of(referral, owner=robin, due_on=TODAY, review_on=date(2026, 7, 13))
    mash = task_of(referral, "mash", owner=robin, demanded=True)
    client.force_login(robin)
    page = reverse("rhi:referral", args=[referral.pk])
    shown = words(client.get(page))
    assert "Before sign-off" in shown
    assert "Due today Review due Mon 13 Jul" in shown

    tasks.tick_off(mash, done_at=london("2026-06-15 09:00"), by=robin, now=NOW)
    tasks.answer_task(mash, answer="no_further_action", answered_on=TODAY, by=robin, now=NOW)

    titles = [event.title for event in client.get(page).context["events"]]
    assert {"Task opened", "Referred", "Answer: No further action"} <= set(titles)


# Adding, changing, looking again


def test_a_task_is_added_on_the_page(client, referral, robin):
    client.force_login(robin)
    facts = {"kind": "screen", "about": "Older friends.", "owner": f"person-{robin.pk}", "due_on": "2026-06-20"}

    answer = client.post(reverse("rhi:new_task", args=[referral.pk]), facts)

    assert answer.status_code == 302
    task = Task.objects.get()
    assert (task.kind, task.owner, task.due_on, task.review_on) == ("screen", robin, date(2026, 6, 20), None)


def test_a_task_is_changed_on_the_page_and_nothing_typed_is_lost(client, referral, robin):
    task = task_of(referral, owner=robin, due_on=TODAY)
    client.force_login(robin)
    facts = {"owner": f"person-{robin.pk}", "due_on": "2026-06-15", "because": "I was away."}

    page = client.post(address("change_task", task), facts)
    assert page.context["form"].non_field_errors() == ["Nothing was changed."]
    assert "I was away." in page.content.decode()

    client.post(address("change_task", task), facts | {"due_on": "2026-06-30"})
    task.refresh_from_db()
    assert task.due_on == date(2026, 6, 30)


def test_a_task_is_looked_at_again_on_the_page(client, referral, robin):
    task = task_of(referral, owner=robin, review_on=TODAY)
    client.force_login(robin)

    client.post(address("review_task", task), {"because": "Going well.", "review_on": "2026-07-13"})

    task.refresh_from_db()
    assert task.review_on == date(2026, 7, 13)


def test_done_keeps_or_moves_the_day_on_which_it_is_looked_at_again(client, referral, robin):
    task = task_of(referral, owner=robin, review_on=TODAY)
    client.force_login(robin)

    client.post(
        address("settle_task", task), {"answer": "done", "done_at": "2026-06-15T11:30", "review_on": "2026-06-29"}
    )

    task.refresh_from_db()
    assert (task.done_at is not None, task.review_on) == (True, date(2026, 6, 29))


@pytest.mark.parametrize("name", ["settle_task", "change_task", "review_task", "support_task"])
def test_a_page_of_a_task_costs_the_same_however_many_there_are(
    client, referral, robin, name, django_assert_num_queries
):
    costs = {"settle_task": 7, "review_task": 7, "support_task": 7, "change_task": 10}
    client.force_login(robin)
    tasks_ = [task_of(referral, "support", owner=robin) for _ in range(3)]
    client.get(address(name, tasks_[0]))

    with django_assert_num_queries(costs[name]):
        client.get(address(name, tasks_[0]))


# Why there is no plan


NO_PLAN = {"answer": "not_done_reason", "reason": "the_child_or_family_declined", "detail": "Both said so on Monday."}


@pytest.mark.clause("SOM-4.13b")
def test_no_plan_offers_the_procedures_reasons_and_demands_one_with_its_evidence(client, tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)
    answered(referral, robin, prevention_plan={"answer": "not_done_reason", "detail": "They said so."})
    client.force_login(robin)

    page = client.get(reverse("rhi:form_section", args=[referral.pk, "your-analysis"]))
    assert [str(words) for _, words in page.context["form"].fields["prevention_plan__reason"].choices] == [
        "",
        "The absence was a misunderstanding",
        "A plan is in place and still fits",
        "The child or family declined",
    ]
    with pytest.raises(signing.WriteUpRefused, match="Is there a prevention or safety plan"):
        signing.write_up(referral, by=robin, now=NOW)


@pytest.mark.clause("SOM-4.13b")
def test_no_plan_gives_a_case_note_to_copy_and_to_download(client, tmp_path):
    referral = referral_of(tmp_path, child={"last_name": "Zebedee"})
    robin = holder_of(referral)
    assert "prevention_plan" not in written(referral, robin, prevention_plan=NO_PLAN)
    client.force_login(robin)

    page = client.get(reverse("rhi:no_plan_note", args=[referral.pk]))
    file = client.get(reverse("rhi:no_plan_file", args=[referral.pk]))

    text = file.content.decode()
    assert text in page.content.decode().replace("&#x27;", "'")
    assert "Reason: The child or family declined\nEvidence: Both said so on Monday.\n" in text
    assert "Written up by Robin Hale, Mon 15 June 2026 at 12:00" in text
    assert file.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert file.headers["Content-Disposition"] == f'attachment; filename="no-prevention-plan-R{referral.pk}.txt"'
    assert "Zebedee" not in text


def test_the_note_keeps_the_words_of_the_reason_as_they_were(client, tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)
    written(referral, robin, prevention_plan=NO_PLAN)
    version = referral.version
    version.text = version.text.replace("The child or family declined", "Declined")
    type(version).objects.filter(pk=version.pk).update(text=version.text)
    client.force_login(robin)

    text = client.get(reverse("rhi:no_plan_file", args=[referral.pk])).content.decode()

    assert "Reason: The child or family declined" in text


def test_with_a_plan_there_is_nothing_to_note(client, tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)
    written(referral, robin)
    client.force_login(robin)

    assert "There is nothing to note" in words(client.get(reverse("rhi:no_plan_note", args=[referral.pk])))
    assert client.get(reverse("rhi:no_plan_file", args=[referral.pk])).status_code == 302


def test_a_procedure_without_a_list_asks_for_the_reason_in_words_alone(client, tmp_path):
    referral = referral_of(tmp_path, "croydon")
    robin = holder_of(referral)

    written(referral, robin, prevention_plan={"answer": "not_done_reason", "detail": "They said so."})

    client.force_login(robin)
    text = client.get(reverse("rhi:no_plan_file", args=[referral.pk])).content.decode()
    assert "Reason:" not in text
    assert "Evidence: They said so." in text
