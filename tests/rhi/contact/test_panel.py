"""The panel beside it: what has been tried, what remains to be done, and when to try next."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from rhi.actions import contact
from rhi.models import Interview
from rhi.views.contact_panel import contact_panel
from routing.models import Deadline, Referral
from staff.models import Membership, Team
from tests.records import NOW, bring, child, episode, london, publish
from tests.rhi.contact.sent import accepted, attempt, clock, page, the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def panel(referral, at="2026-05-13 10:00"):
    return contact_panel(referral, now=london(at))


def log(referral, worker, at, **values):
    facts = {"method": "phone", "contacted": "child", "result": "no_answer"} | values
    return contact.log_attempt(referral, attempted_at=london(at), **facts, by=worker, now=NOW)


@pytest.mark.clause("SOM-4.5c")
def test_the_panel_asks_for_another_part_of_the_day_and_for_one_outside_core_hours(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    log(referral, worker, "2026-05-14 10:00", contacted="parent")
    log(referral, worker, "2026-05-15 10:00")

    assert panel(referral, "2026-05-15 11:00").still == [
        "one outside core hours",
        "another part of the day: afternoon or evening",
    ]


@pytest.mark.clause("SOM-4.5a")
def test_the_panel_says_that_the_child_has_not_been_tried(signed_in, referral):
    signed_in.post(page("log_attempt", referral), attempt(contacted="parent"))

    words = the_words(signed_in.get(page("log_attempt", referral)))

    assert "<li>the child has not been tried</li>" in words
    assert "Try the child." in words


def test_the_panel_does_not_ask_for_a_carer_whom_nobody_may_try(referral):
    referral.child.carers.all().delete()
    referral.child.carers.create(name="Pat Example", relationship="uncle", safe_to_contact=False)
    assert "no parent or carer has been tried" not in panel(referral).still

    referral.child.carers.create(name="Kim Example", relationship="aunt", safe_to_contact=None)
    assert "no parent or carer has been tried" in panel(referral).still


def test_the_panel_says_until_when_to_go_on(referral):
    assert panel(referral).until == london("2026-05-19 23:59:59")
    assert panel(referral).is_over is False
    assert panel(referral, "2026-05-20 00:00").is_over is True


def after_the_rules(signed_in, referral):
    """What the panel says about the days for trying and the next time, in its order."""
    words = the_words(signed_in.get(page("log_attempt", referral)))
    return words.split("Still to do:")[1].split("</ul>")[1].split("</section>")[0]


def test_when_the_days_are_over_the_panel_says_so_before_it_suggests_to_go_on(signed_in, referral):
    said = after_the_rules(signed_in, referral)

    assert panel(referral).until < NOW
    ended = "The days for trying ended Tue 19 May, 23:59. Nobody has been reached, so go on trying, or record why"
    assert said.index(ended) < said.index("<strong>Try")
    assert "Go on until" not in said


def test_when_nothing_remains_to_be_tried_the_panel_only_says_that_the_days_are_over(signed_in, referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    log(referral, worker, "2026-05-14 14:00", contacted="parent")
    log(referral, worker, "2026-05-15 18:00")

    words = the_words(signed_in.get(page("log_attempt", referral)))

    assert "The days for trying ended Tue 19 May, 23:59. </p>" in words
    assert "so go on trying" not in words


def test_on_the_last_evening_the_panel_says_that_the_days_end_before_the_next_good_time(
    signed_in, referral, monkeypatch
):
    times = [("2026-05-19 19:00", "Go on until Tue 19 May"), ("2026-05-19 20:30", "The days for trying end Tue 19 May")]
    for at, words in times:
        monkeypatch.setattr("rhi.views.contact.timezone", SimpleNamespace(now=lambda at=at: london(at)))
        said = after_the_rules(signed_in, referral)
        assert words in said
        assert ("before the next good time to try" in said) is (at.endswith("20:30"))


def test_nothing_is_suggested_once_somebody_was_reached(referral, worker):
    log(referral, worker, "2026-05-13 10:00", result="spoke_to_child")

    assert panel(referral).spoken is True
    assert panel(referral).suggestion is None
    assert panel(referral).still == []


def test_whoever_answered_an_offer_was_reached(referral, worker):
    accepted(referral, worker)

    assert panel(referral).spoken is True


def test_everything_is_tried_when_the_attempts_are_made_and_the_days_are_over(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    log(referral, worker, "2026-05-14 14:00", contacted="parent")
    log(referral, worker, "2026-05-15 18:00")

    assert panel(referral, "2026-05-19 23:59").all_tried is False
    assert panel(referral, "2026-05-20 00:00").all_tried is True


def test_without_contact_rules_the_panel_says_so_and_lists_what_was_tried(client, tmp_path):
    publish("wokingham")
    bring(tmp_path, children=[child()], episodes=[episode()])
    referral = Referral.objects.select_related("child", "version").get()
    worker = make_person()
    Membership.objects.create(user=worker, team=Team.objects.get(name="Prevention and Youth Justice Service"))
    log(referral, worker, "2026-05-13 10:00")
    client.force_login(worker)

    words = the_words(client.get(page("log_attempt", referral)))

    assert "The procedure does not say how often to try." in words
    assert "Wed 13 May, 10:00" in words
    assert panel(referral).until is None


def test_a_carer_who_is_not_safe_to_contact_is_named_in_the_panel(signed_in, referral):
    referral.child.carers.create(name="Pat Example", relationship="uncle", safe_to_contact=False)
    referral.child.carers.create(name="Kim Example", relationship="aunt", safe_to_contact=True)

    words = the_words(signed_in.get(page("log_attempt", referral)))

    assert "Do not contact Pat Example (uncle): marked not safe" in words
    assert "Kim Example" not in words


@pytest.mark.clause("SOM-8.1.2")
def test_of_another_authority_s_child_the_placement_is_the_first_to_call(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child(responsible_authority="E10000028")], episodes=[episode()])
    referral = Referral.objects.select_related("child", "version").get()
    worker = make_person()

    assert panel(referral).placement_first is True
    log(referral, worker, "2026-05-13 10:00", contacted="placement_staff")
    assert panel(referral).placement_first is False


def test_our_own_child_s_placement_need_not_be_first(referral):
    assert panel(referral).placement_first is False


def test_there_is_no_panel_once_the_interview_was_held_or_the_referral_closed(referral, worker):
    log(referral, worker, "2026-05-13 10:00")
    Interview.objects.update(held_at=NOW)
    assert panel(referral) is None

    Interview.objects.update(held_at=None)
    referral.closed_at = NOW
    assert panel(referral) is None


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_panel_costs_the_same_however_much_was_tried(referral, worker, attempts, django_assert_num_queries):
    for day in range(attempts):
        log(referral, worker, f"2026-05-{13 + day} 10:00")

    with django_assert_num_queries(6):  # interviews, attempts, answers, the clock, carers, warnings
        assert len(panel(referral).tried) == attempts


def test_no_other_clock_says_until_when_to_go_on(referral):
    until = clock(referral, "contact").due_at
    Deadline.objects.filter(referral=referral, name="seventy_two_hours").update(due_at=until + timedelta(days=1))

    assert contact_panel(referral, now=NOW).until == until


def test_a_carer_who_may_be_called_is_not_named_as_unsafe(referral):
    referral.child.carers.create(name="Pat", relationship="uncle", safe_to_contact=True)
    referral.child.carers.create(name="Sam", relationship="aunt", safe_to_contact=None)

    assert contact_panel(referral, now=NOW).unsafe == ()
