"""What is opened when an interview is written up: whose it is, by when, once, and who is told."""

import pytest
from django.db import transaction

from episodes.models import Involvement
from rhi.actions import following, signing, tasks
from rhi.actions.following import Whose
from rhi.actions.form_facts import case_of
from rhi.models import Notice, NoticeKind
from routing.models import Task
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.records import NOW, episode, involvement, london
from tests.rhi.following.cases import action, again, answered, holder_of, referral_of, tasks_of, written
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db
MINUTE_LATER = london("2026-06-15 12:30")
OUTSTANDING = {"answer": "outstanding"}


def needs(*kinds):
    return {"rows": [action(kind) for kind in kinds]}


def leader(referral, email="sam.okoro@example.org"):
    person = make_person(email, "Sam Okoro", Role.TEAM_LEADER)
    Membership.objects.create(user=person, team=referral.allocations.get(until__isnull=True).team)
    return person


def ann():
    return User.objects.get(email="ann@example.org")


# The screen


@pytest.mark.clause("SOM-4.12a")
@pytest.mark.parametrize(("born", "asked"), [("2013-05-12", True), ("2013-05-13", False)])
def test_a_child_of_thirteen_on_the_day_of_return_is_screened_and_one_a_day_younger_not(tmp_path, born, asked):
    referral = referral_of(tmp_path, child={"date_of_birth": born})
    robin = holder_of(referral)

    found = written(referral, robin, ce_screen=OUTSTANDING)

    assert ("screen" in found) is asked
    assert [(task.owner, task.due_on.isoformat()) for task in found.values()] == [(robin, "2026-06-29")] * asked


@pytest.mark.clause("SOM-4.12a")
def test_a_child_who_was_not_interviewed_is_screened_too(tmp_path):
    referral = referral_of(tmp_path)

    assert "screen" in written(referral, holder_of(referral), held=False)


@pytest.mark.clause("SOM-4.12b")
@pytest.mark.parametrize(("done_on", "asked"), [("2026-05-10", True), ("2026-05-12", False)])
def test_of_a_social_workers_screens_only_one_since_the_episode_began_lifts_it(tmp_path, done_on, asked):
    referral = referral_of(tmp_path)
    already = {"answer": "already_done_by_social_worker_since_the_episode", "date": done_on}

    assert ("screen" in written(referral, holder_of(referral), ce_screen=already)) is asked


@pytest.mark.clause("SOM-4.12b")
def test_of_several_episodes_the_earliest_counts(tmp_path):
    episodes = [
        episode(),
        episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00", notified_at="2026-05-13T09:00"),
    ]
    referral = referral_of(tmp_path, episodes=episodes)
    already = {"answer": "already_done_by_social_worker_since_the_episode", "date": "2026-05-11"}

    robin = holder_of(referral)
    answered(referral, robin, held=False, ce_screen=already)
    signing.write_up(referral, by=robin, now=NOW)

    assert "screen" not in tasks_of(referral)


# The plan


@pytest.mark.clause("SOM-4.13a")
def test_without_an_involvement_the_plan_is_the_holders(tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)

    found = written(referral, robin, prevention_plan={"answer": "sw_to_do"})

    assert found["prevention_plan"].owner == robin


@pytest.mark.clause("SOM-4.13a")
def test_a_social_worker_on_an_open_involvement_is_asked_instead(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    robin = holder_of(referral)

    plan = written(referral, robin, prevention_plan={"answer": "sw_to_do"})["prevention_plan"]

    assert (plan.owner, plan.owner_team.name) == (ann(), "North")


def test_where_only_the_social_workers_team_is_known_it_is_asked(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need", worker_email="")])

    plan = written(referral, holder_of(referral), prevention_plan={"answer": "sw_to_do"})["prevention_plan"]

    assert (plan.owner, plan.owner_team.name) == (None, "North")


def test_a_social_worker_who_has_left_leaves_it_to_her_team(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    User.objects.filter(email="ann@example.org").update(left_on="2026-06-01")

    plan = written(referral, holder_of(referral), prevention_plan={"answer": "sw_to_do"})["prevention_plan"]

    assert (plan.owner, plan.owner_team.name) == (None, "North")


def test_an_involvement_that_is_over_asks_nobody(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    Involvement.objects.update(end="2026-06-14")
    robin = holder_of(referral)

    assert written(referral, robin, prevention_plan={"answer": "sw_to_do"})["prevention_plan"].owner == robin


# Needs


@pytest.mark.clause("NOT-18")
def test_two_needs_become_two_follow_ups_of_the_allocated_worker(tmp_path):
    referral = referral_of(tmp_path, "nottinghamshire", involvements=[involvement("child_in_need")])
    robin, sam = holder_of(referral), leader(referral)

    written(referral, robin, actions=needs("school", "placement_change_or_review"))
    signing.sign_off(referral, by=sam, now=MINUTE_LATER)

    found = Task.objects.filter(referral=referral, owner=ann()).order_by("item")
    assert [(task.kind, task.item) for task in found] == [("need", "placement_change_or_review"), ("need", "school")]


@pytest.mark.clause("WOK-10")
@pytest.mark.parametrize("service", ["child_in_need", "family_service"])
def test_a_need_of_a_child_with_a_worker_is_that_workers_and_lies_in_her_work(client, tmp_path, service):
    referral = referral_of(tmp_path, "wokingham", involvements=[involvement(service)])

    found = written(referral, holder_of(referral), actions=needs("school"))

    assert found["need school"].owner == ann()
    client.force_login(ann())
    assert list(client.get("/").context["tasks"]) == [found["need school"]]


@pytest.mark.clause("WOK-07")
def test_a_need_of_a_child_open_to_nobody_proposes_the_mash_and_waits_until_it_is_settled_with_a_reason(tmp_path):
    referral = referral_of(tmp_path, "wokingham")
    robin, sam = holder_of(referral), leader(referral)

    mash = written(referral, robin, actions=needs("school"))["mash"]
    signing.sign_off(referral, by=sam, now=MINUTE_LATER)

    assert list(Task.objects.to_do().filter(kind="mash")) == [mash]
    with pytest.raises(tasks.TaskRefused, match=r"^Say why it is not done\.$"):
        tasks.set_aside(mash, because=" ", by=robin, now=MINUTE_LATER)
    tasks.set_aside(mash, because="The school has seen to it.", by=robin, now=MINUTE_LATER)
    assert list(Task.objects.to_do().filter(kind="mash")) == []


@pytest.mark.clause("WOK-07")
def test_for_a_child_open_to_somebody_the_mash_is_not_proposed(tmp_path):
    referral = referral_of(tmp_path, "wokingham", involvements=[involvement("family_service")])

    assert "mash" not in written(referral, holder_of(referral), actions=needs("school"))


@pytest.mark.clause("SOM-4.17")
def test_a_high_risk_makes_the_day_nearer_than_a_low_one(tmp_path):
    low = referral_of(tmp_path)
    robin = holder_of(low)
    answered(low, robin, actions=needs("school"))
    signing.write_up(low, by=robin, now=NOW)
    first = tasks_of(low)["need school"].due_on
    signing.send_back(low, because="The risk is high.", by=leader(low), now=MINUTE_LATER)

    again(low, robin, risk_level={"again": "high", "harm": "high", "reason": "…"})
    signing.write_up(low, by=robin, now=MINUTE_LATER)

    assert (first.isoformat(), tasks_of(low)["need school"].due_on.isoformat()) == ("2026-06-29", "2026-06-16")


def test_without_anybody_who_works_with_the_child_it_is_the_holders(tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)

    assert written(referral, robin, actions=needs("school"))["need school"].owner == robin


# Significant harm


@pytest.mark.clause("NOT-21")
def test_significant_harm_demands_the_mash_before_sign_off_and_keeps_its_day_and_answer(tmp_path):
    referral = referral_of(tmp_path, "nottinghamshire")
    robin, sam = holder_of(referral), leader(referral)
    mash = written(referral, robin, harm_types={"disclosed": ["physical"], "suspected": ["none_suspected"]})["mash"]

    with pytest.raises(signing.SignOffRefused) as refused:
        signing.sign_off(referral, by=sam, now=MINUTE_LATER)
    assert str(refused.value) == (
        "Refer to the MASH: there are signs of significant harm. This is not recorded as done yet, and it comes before "
        "sign-off: open the task and say when it was done."
    )
    with pytest.raises(tasks.TaskRefused, match="cannot be set aside"):
        tasks.set_aside(mash, because="Not needed.", by=robin, now=MINUTE_LATER)

    tasks.tick_off(mash, done_at=london("2026-06-15 12:10"), by=robin, now=MINUTE_LATER)
    signing.sign_off(referral, by=sam, now=MINUTE_LATER)
    tasks.answer_task(mash, answer="assessment", answered_on=NOW.date(), by=robin, now=MINUTE_LATER)

    mash.refresh_from_db()
    assert (mash.demanded, mash.done_at) == (True, london("2026-06-15 12:10"))
    assert (mash.answer, mash.answered_on) == ("assessment", NOW.date())


@pytest.mark.clause("NOT-22")
def test_a_link_to_sexual_exploitation_proposes_the_specialist_service_whose_worker_and_state_are_kept(tmp_path):
    referral = referral_of(tmp_path, "nottinghamshire")
    robin = holder_of(referral)
    specialist = written(referral, robin, indicators={"answer": ["online_grooming"]})["specialist"]

    tasks.tick_off(specialist, done_at=MINUTE_LATER, by=robin, now=MINUTE_LATER)
    tasks.answer_task(
        specialist, answer="accepted", answered_on=NOW.date(), names="Lee Ward", by=robin, now=MINUTE_LATER
    )

    specialist.refresh_from_db()
    assert (specialist.demanded, specialist.answer, specialist.answer_names) == (False, "accepted", "Lee Ward")


# Written up anew


@pytest.fixture
def sent_back(tmp_path):
    """Written up in Nottinghamshire with significant harm and one need, and sent back."""
    referral = referral_of(tmp_path, "nottinghamshire")
    robin, sam = holder_of(referral), leader(referral)
    harm = {"disclosed": ["physical"], "suspected": ["none_suspected"]}
    written(referral, robin, harm_types=harm, actions=needs("school"))
    signing.send_back(referral, because="Say more.", by=sam, now=MINUTE_LATER)
    return referral, robin, sam


def test_a_form_written_up_anew_opens_nothing_twice(sent_back):
    referral, robin, _ = sent_back
    before = {name: task.pk for name, task in tasks_of(referral).items()}

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    assert {name: task.pk for name, task in tasks_of(referral).items()} == before
    assert AuditEvent.objects.filter(type="task_opened").count() == 1


def test_what_is_not_demanded_any_more_can_be_set_aside_and_does_not_hold_up_sign_off(sent_back):
    referral, robin, sam = sent_back
    again(referral, robin, harm_types={"disclosed": ["none_disclosed"], "suspected": ["none_suspected"]})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    signing.sign_off(referral, by=sam, now=MINUTE_LATER)
    mash = tasks_of(referral)["mash"]
    assert (mash.demanded, mash.set_aside_at) == (False, None)
    tasks.set_aside(mash, because="It was marked by a slip.", by=robin, now=MINUTE_LATER)


def test_what_was_set_aside_and_is_demanded_now_is_open_again(tmp_path):
    referral = referral_of(tmp_path, "nottinghamshire")
    robin, sam = holder_of(referral), leader(referral)
    mash = written(referral, robin, actions=needs("mash_or_csc_referral"))["mash"]
    tasks.set_aside(mash, because="Not needed.", by=robin, now=MINUTE_LATER)
    signing.send_back(referral, because="Say more.", by=sam, now=MINUTE_LATER)
    again(referral, robin, harm_types={"disclosed": ["physical"], "suspected": ["none_suspected"]})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    mash.refresh_from_db()
    assert (mash.demanded, mash.set_aside_at, mash.not_done_because) == (True, None, "")


def test_what_was_done_stays_done(sent_back):
    referral, robin, _ = sent_back
    tasks.tick_off(tasks_of(referral)["mash"], done_at=MINUTE_LATER, by=robin, now=MINUTE_LATER)

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    assert tasks_of(referral)["mash"].done_at == MINUTE_LATER


def test_what_a_person_has_changed_stays_as_they_put_it(sent_back):
    referral, robin, _ = sent_back
    task = tasks_of(referral)["need school"]
    tasks.change_task(
        task,
        owner=Whose(task.owner, task.owner_team),
        due_on=london("2026-06-30 12:00").date(),
        review_on=task.review_on,
        because="The school is closed until then.",
        by=robin,
        now=MINUTE_LATER,
    )
    again(referral, robin, actions={"rows": [action("school", action_due="2026-06-20")]})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    assert tasks_of(referral)["need school"].due_on.isoformat() == "2026-06-30"


def test_what_nobody_has_changed_follows_the_form(sent_back):
    referral, robin, _ = sent_back
    again(referral, robin, actions={"rows": [action("school", action_due="2026-06-20")]})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    assert tasks_of(referral)["need school"].due_on.isoformat() == "2026-06-20"


def test_a_screen_that_the_form_now_says_was_done_is_asked_for_no_more(tmp_path):
    referral = referral_of(tmp_path)
    robin = holder_of(referral)
    written(referral, robin, ce_screen=OUTSTANDING)
    signing.send_back(referral, because="It was done.", by=leader(referral), now=MINUTE_LATER)
    again(referral, robin, ce_screen={"answer": "completed", "date": "2026-05-20"})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    screen = tasks_of(referral)["screen"]
    assert screen.not_done_because == "Not asked for any more since the form was written up anew."


def test_an_action_that_is_no_longer_in_the_form_stays_until_somebody_settles_it(sent_back):
    referral, robin, _ = sent_back
    again(referral, robin, actions={"rows": []})

    signing.write_up(referral, by=robin, now=MINUTE_LATER)

    assert tasks_of(referral)["need school"].is_open


# Who is told, and what it costs


def test_a_new_owner_who_did_not_write_it_is_told_once(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    make = ann()
    make.set_password("cloud-ladder-spoon")
    make.save()
    robin = holder_of(referral)

    written(referral, robin, actions=needs("school", "camhs"), prevention_plan={"answer": "sw_to_do"})

    [notice] = Notice.objects.filter(kind=NoticeKind.TASK_YOURS)
    assert (notice.to, notice.about) == (
        ann(),
        (
            f"3 tasks are yours after the interview of referral {referral}: risk assessment and prevention plan, "
            "what the interview raised, point to a service."
        ),
    )


def test_whoever_writes_it_up_is_not_told_of_her_own_tasks(tmp_path):
    referral = referral_of(tmp_path)

    written(referral, holder_of(referral), actions=needs("school"))

    assert not Notice.objects.filter(kind=NoticeKind.TASK_YOURS).exists()


def test_of_a_teams_task_its_leader_is_told(tmp_path):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need", worker_email="")])
    lead = make_person("lou.reed@example.org", "Lou Reed", Role.TEAM_LEADER)
    Membership.objects.create(user=lead, team=Team.objects.get(name="North"))

    written(referral, holder_of(referral), prevention_plan={"answer": "sw_to_do"})

    assert [notice.to for notice in Notice.objects.filter(kind=NoticeKind.TASK_YOURS)] == [lead]


def test_the_trail_has_one_line_for_what_was_opened_and_none_of_the_words(tmp_path):
    referral = referral_of(tmp_path, child={"first_name": "Zebedee"})
    found = written(referral, holder_of(referral), ce_screen=OUTSTANDING)

    line = AuditEvent.objects.get(type="task_opened")
    assert line.children == ["C1"]
    assert line.detail["tasks"][0] == {"task": found["screen"].pk, "kind": "screen", "demanded": False}
    assert "Zebedee" not in str(line.detail)


@pytest.mark.parametrize("number", [1, 3])
def test_opening_costs_the_same_however_much_follows(tmp_path, number, django_assert_num_queries):
    referral = referral_of(tmp_path, involvements=[involvement("child_in_need")])
    robin = holder_of(referral)
    answered(referral, robin, actions=needs(*["school", "other", "camhs"][:number]))

    case = case_of(referral)

    # The involvements, what stands, the new tasks, a line in the trail; the rest tells their owner.
    with transaction.atomic(), django_assert_num_queries(12):
        following.open_demanded(case, by=robin, now=NOW)

    assert len(tasks_of(referral)) == number
