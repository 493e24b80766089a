from types import SimpleNamespace

import pytest
from django.urls import reverse

from rhi.actions import tasks
from routing.models import Referral, Task
from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr("rhi.views.tasks.timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def task(tmp_path):
    """Under Croydon another authority is to be told of its child's return."""
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E06000066")], episodes=[episode()])
    return Task.objects.get()


@pytest.fixture
def priya():
    return make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)


def address(task):
    return reverse("rhi:settle_task", args=[task.referral_id, task.pk])


def test_a_task_is_ticked_off_with_the_time_at_which_it_was_done(task, priya):
    tasks.tick_off(task, done_at=london("2026-06-14 10:00"), by=priya, now=NOW)

    task.refresh_from_db()
    assert (task.done_at, task.set_aside_at, task.settled_by) == (london("2026-06-14 10:00"), None, priya)


def test_a_task_is_set_aside_with_its_reason(task, priya):
    tasks.set_aside(task, because=" They knew already. ", by=priya, now=NOW)

    task.refresh_from_db()
    assert (task.done_at, task.set_aside_at, task.not_done_because, task.settled_by) == (
        None,
        NOW,
        "They knew already.",
        priya,
    )


@pytest.mark.parametrize("because", ["", "   "])
def test_a_task_is_not_set_aside_without_a_reason(task, priya, because):
    with pytest.raises(tasks.TaskRefused, match=r"^Say why it is not done\.$"):
        tasks.set_aside(task, because=because, by=priya, now=NOW)


def test_nothing_is_done_in_the_future(task, priya):
    with pytest.raises(tasks.TaskRefused, match=r"^This lies in the future\. Say when it was done\.$"):
        tasks.tick_off(task, done_at=london("2026-06-15 12:01"), by=priya, now=NOW)


def test_a_settled_task_says_who_settled_it_and_when(task, priya):
    sam = make_person("sam.okoro@example.org", "Sam Okoro")
    tasks.tick_off(task, done_at=NOW, by=sam, now=NOW)

    with pytest.raises(tasks.TaskRefused) as refused:
        tasks.set_aside(task, because="Not needed.", by=priya, now=NOW)
    assert str(refused.value) == "Sam Okoro has already ticked this off as done: Mon 15 Jun, 12:00."


def test_a_task_that_was_set_aside_says_so(task, priya):
    tasks.set_aside(task, because="They knew already.", by=priya, now=NOW)

    with pytest.raises(tasks.TaskRefused) as refused:
        tasks.tick_off(task, done_at=NOW, by=priya, now=NOW)
    assert str(refused.value) == "Priya Dean has already set this aside: Mon 15 Jun, 12:00."


def test_a_task_is_settled_after_the_referral_has_closed(task, priya):
    Referral.objects.update(closed_at=NOW)

    tasks.tick_off(task, done_at=NOW, by=priya, now=NOW)

    task.refresh_from_db()
    assert task.done_at == NOW


def test_the_trail_learns_what_was_settled_and_none_of_the_words(task, priya):
    tasks.set_aside(task, because="Robin told them.", by=priya, now=NOW)

    event = AuditEvent.objects.get(type=audit.Type.TASK_SETTLED)
    assert (event.subject, event.children, event.by_email) == (
        f"routing.Task:{task.pk}",
        ["C1"],
        "priya.dean@example.org",
    )
    assert event.detail == {"kind": "tell_authority", "how": "set_aside"}


@pytest.mark.clause("CRO-12")
def test_telling_the_other_authority_is_ticked_off_on_the_page(client, task, priya):
    client.force_login(priya)
    client.get(address(task))

    answer = client.post(address(task), {"answer": "done", "done_at": "2026-06-15T11:30"})

    task.refresh_from_db()
    assert answer.headers["Location"] == reverse("rhi:referral", args=[task.referral_id])
    assert task.done_at == london("2026-06-15 11:30")


def test_the_page_sets_a_task_aside(client, task, priya):
    client.force_login(priya)

    client.post(address(task), {"answer": "set_aside", "because": "They knew already.", "done_at": "nonsense"})

    task.refresh_from_db()
    assert (task.done_at, task.not_done_because) == (None, "They knew already.")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {"answer": ["Choose whether it is done"]}),
        ({"answer": "done"}, {"done_at": ["Say when it was done"]}),
        ({"answer": "set_aside", "because": " "}, {"because": ["Say why it is not done"]}),
        (
            {"answer": "done", "done_at": "2026-06-15T12:01"},
            {"done_at": ["This lies in the future. Enter a time that has passed"]},
        ),
    ],
)
def test_what_is_missing_is_asked_for(client, task, priya, typed, errors):
    client.force_login(priya)

    page = client.post(address(task), typed)

    assert page.context["form"].errors == errors
    task.refresh_from_db()
    assert (task.done_at, task.set_aside_at) == (None, None)


def test_whoever_comes_second_is_told_and_keeps_what_was_typed(client, task, priya):
    client.force_login(priya)
    sam = make_person("sam.okoro@example.org", "Sam Okoro")
    tasks.tick_off(task, done_at=NOW, by=sam, now=NOW)

    page = client.post(address(task), {"answer": "set_aside", "because": "They knew already."})

    assert page.context["form"].non_field_errors() == [
        "Sam Okoro has already ticked this off as done: Mon 15 Jun, 12:00."
    ]
    assert "They knew already." in page.content.decode()


def test_a_task_of_another_referral_is_not_found(client, task, priya):
    client.force_login(priya)
    other = Referral.objects.create(child=task.child, version=task.referral.version, destination="tray", in_tray_at=NOW)

    assert client.get(reverse("rhi:settle_task", args=[other.pk, task.pk])).status_code == 404


def test_somebody_who_does_not_work_with_the_child_does_not_find_the_task(client, task):
    client.force_login(make_person())

    assert client.get(address(task)).status_code == 404
    assert client.post(address(task), {"answer": "done", "done_at": "2026-06-15T11:30"}).status_code == 404
    task.refresh_from_db()
    assert task.done_at is None


def test_the_page_of_a_task_costs_a_fixed_number_of_queries(client, task, priya, django_assert_num_queries):
    client.force_login(priya)
    client.get(address(task))

    with django_assert_num_queries(7):  # session, person, referral, task, audit row in its transaction (3)
        client.get(address(task))
