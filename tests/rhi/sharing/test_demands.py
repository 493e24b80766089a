"""What an interview asks to be shared, as tasks that are open until it is recorded."""

import pytest
from django.urls import reverse

from rhi.actions import signing, tasks
from routing.models import Task
from staff.permissions import Role
from tests.records import involvement
from tests.rhi.sharing.written import (
    HARROW,
    LOOKED_AFTER,
    NOW,
    a_referral,
    answer,
    declined_and_written,
    held_and_written,
    member,
    share,
    wishes,
)

pytestmark = pytest.mark.django_db

HURT = {"hurt": {"answer": "yes"}}
#: In Nottinghamshire the allocated worker holds it.
BY_ALLOCATED = {"independence": {"answer": "allocated_worker_local_policy"}}
ELSEWHERE = involvement("looked_after", team="", worker_email="kim.lowe@harrow.example.org")


def owed(referral, *kinds):
    rows = Task.objects.filter(referral=referral, kind__in=kinds or ["share", "send_form", "intelligence"])
    return {(task.kind, task.item) for task in rows if not (task.done_at or task.set_aside_at)}


def test_what_the_placement_is_told_follows_the_wish_when_the_form_is_written_up_anew(tmp_path):
    referral = a_referral(tmp_path, involvements=[LOOKED_AFTER])
    robin, sam = member(), member("sam@example.org", "Sam", Role.TEAM_LEADER)
    held_and_written(referral, robin, **wishes(placement="agrees"))
    Task.objects.filter(item="placement").update(due_on="2026-06-01")
    assert "the child agrees" in Task.objects.get(item="placement").about

    signing.send_back(referral, because="The child has changed their mind.", by=sam, now=NOW)
    answer(referral, robin, placement_told_only_fact={"answer": "no"}, **wishes(placement="does_not_agree"))
    signing.write_up(referral, by=robin, now=NOW)

    assert "only that the interview took place" in Task.objects.get(item="placement").about


@pytest.mark.clause("NOT-24")
def test_a_concern_without_a_share_is_listed_as_open_until_it_is_recorded(tmp_path):
    referral = a_referral(tmp_path, procedure="nottinghamshire", involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **HURT, **BY_ALLOCATED)
    assert owed(referral, "share") == {("share", "police"), ("share", "health")}

    share(referral, robin, "police")

    assert owed(referral, "share") == {("share", "health")}
    assert Task.objects.get(kind="share", item="police").settled_by == robin


@pytest.mark.clause("NOT-25")
def test_health_is_named_beside_the_police_and_a_share_with_it_keeps_the_same_facts(tmp_path):
    referral = a_referral(tmp_path, procedure="nottinghamshire", involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **HURT, **BY_ALLOCATED)
    assert "Share what is relevant with: Health." in Task.objects.get(kind="share", item="health").about

    row = share(referral, robin, "health", name="School nurses, nurses@nhs.example.org")

    assert (row.name, row.how, row.shared_at, row.by) == (
        "School nurses, nurses@nhs.example.org",
        "secure_email",
        NOW,
        robin,
    )
    assert owed(referral, "share") == {("share", "police")}


def test_where_the_procedure_names_nobody_the_police_are_told_of_a_concern(referral, robin):
    held_and_written(referral, robin, **HURT)

    assert owed(referral) == {("share", "police")}


def test_without_a_concern_nothing_is_asked_for(referral, robin):
    held_and_written(referral, robin)

    assert owed(referral) == set()


@pytest.mark.parametrize(
    "answers",
    [
        {"afraid": {"answer": "yes"}},
        {"harm_types": {"disclosed": ["none_disclosed"], "suspected": ["physical"]}},
        {"indicators": {"answer": ["debt_or_threats"]}},
        {"crime_involved": {"answer": ["victim"]}},
        {"immediate_action": {"answer": "999_101_called"}},
        {"risk_level": {"again": "low", "harm": "high", "reason": "He is alone."}},
        {"who_with": {"rows": [{"name": "Jay", "concern": "yes"}]}},
        {"radicalisation_fm_fgm": {"answer": ["radicalisation"]}},
    ],
)
def test_each_of_these_answers_is_a_concern(referral, robin, answers):
    held_and_written(referral, robin, **answers)

    assert ("share", "police") in owed(referral)


def test_what_was_shared_before_the_write_up_is_not_asked_for(referral, robin):
    share(referral, robin, "police")

    held_and_written(referral, robin, **HURT)

    assert owed(referral) == set()


def test_what_is_to_be_shared_is_not_ticked_off_without_saying_what_was(referral, robin):
    held_and_written(referral, robin, **HURT)

    with pytest.raises(tasks.TaskRefused, match="Record under “Sharing” what was shared"):
        tasks.tick_off(Task.objects.get(kind="share"), done_at=NOW, by=robin, now=NOW)
    tasks.set_aside(Task.objects.get(kind="share"), because="The police were there.", by=robin, now=NOW)

    assert owed(referral) == set()


def test_people_of_concern_ask_for_an_intelligence_report_and_its_result_is_kept(referral, robin):
    held_and_written(referral, robin, who_with={"rows": [{"name": "Jay", "concern": "yes"}]})
    report = Task.objects.get(kind="intelligence")

    tasks.tick_off(report, done_at=NOW, by=robin, now=NOW)
    tasks.answer_task(report, answer="accepted", answered_on=NOW.date(), names="Police, 4711", by=robin, now=NOW)

    report.refresh_from_db()
    assert (report.get_answer_display(), report.answer_names) == ("Accepted", "Police, 4711")


def test_a_report_that_the_form_calls_done_is_not_asked_for(referral, robin):
    done = {"action_type": "police_intelligence_report", "action_status": "done", "action_due": "2026-05-13"}
    held_and_written(
        referral,
        robin,
        who_with={"rows": [{"name": "Jay", "concern": "yes"}]},
        actions={"rows": [done | {"action_owner": "Robin Hale"}]},
    )

    assert owed(referral, "intelligence") == set()


@pytest.mark.parametrize(
    ("wish", "about"),
    [
        ("agrees", "Share the outcome with the placement: the child agrees."),
        ("does_not_agree", "Tell the placement only that the interview took place"),
        ("not_asked", "Tell the placement only that the interview took place"),
    ],
)
def test_the_placement_is_told_by_the_childs_wish(tmp_path, wish, about):
    referral = a_referral(tmp_path, involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **wishes(placement=wish), placement_told_only_fact={"answer": "no"})

    assert Task.objects.get(kind="share", item="placement").about.startswith(about)


@pytest.mark.clause("SOM-8.1.3a")
@pytest.mark.parametrize("write", [held_and_written, declined_and_written])
def test_held_or_refused_the_form_is_to_go_to_the_named_social_worker(tmp_path, write):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[ELSEWHERE])
    robin = member()
    write(referral, robin)

    task = Task.objects.get(kind="send_form")
    assert "kim.lowe@harrow.example.org" in task.about
    assert "Harrow" in task.about

    row = share(referral, robin, "other_authority", "form", name="Kim Lowe, kim.lowe@harrow.example.org")

    task.refresh_from_db()
    assert (task.done_at, row.shared_at, row.how) == (NOW, NOW, "secure_email")


def test_only_the_form_itself_is_the_form(tmp_path):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[ELSEWHERE])
    robin = member()
    held_and_written(referral, robin)

    share(referral, robin, "other_authority", "details")

    assert ("send_form", "") in owed(referral)


def test_our_own_childs_form_goes_to_no_other_authority(tmp_path):
    referral = a_referral(tmp_path, involvements=[LOOKED_AFTER])
    held_and_written(referral, member())

    assert not Task.objects.filter(kind="send_form").exists()


def test_the_page_of_the_referral_leads_from_what_is_owed_to_recording_it(client, referral, robin):
    held_and_written(referral, robin, **HURT)
    client.force_login(robin)

    page = client.get(reverse("rhi:referral", args=[referral.pk])).content.decode()

    assert "Still to be shared" in page
    assert f"{reverse('rhi:record_share', args=[referral.pk])}?to=police" in page
