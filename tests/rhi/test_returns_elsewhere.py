"""The return of a child for whom another authority is responsible."""

import pytest

from episodes.models import Involvement
from routing.models import Task
from staff.models import User
from tests.records import bring, child, episode, interview, involvement, london, publish
from tests.rhi.routed import holder_of, referral_of

pytestmark = pytest.mark.django_db


@pytest.mark.clause("CRO-12")
def test_another_authoritys_child_is_theirs_and_somebody_is_to_tell_them(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    assert referral_of("E1").destination == "authority"
    assert holder_of("E1") == (None, None)
    task = Task.objects.get()
    assert (task.referral, task.kind, task.done_at) == (referral_of("E1"), "tell_authority", None)
    assert task.about == "Tell Kent that the child is back and the interview theirs to hold."
    assert task.clause == "Croydon, important note"
    assert task.owner_team.name == "Missing Team"
    assert task.opened_at == london("2026-05-12 09:00")


@pytest.mark.clause("CRO-12")
def test_another_authority_is_to_be_told_of_every_return_also_of_one_that_joins(tmp_path):
    publish("croydon")
    bring(
        tmp_path,
        children=[child(responsible_authority="E10000016")],
        episodes=[
            episode(),
            episode(
                "E2", last_seen_at="2026-05-13T20:00", returned_at="2026-05-14T07:00", notified_at="2026-05-14T10:00"
            ),
        ],
    )

    assert referral_of("E2") == referral_of("E1")
    assert list(Task.objects.order_by("pk").values_list("episode__episode_id", "opened_at", "owner_team__name")) == [
        ("E1", london("2026-05-12 09:00"), "Missing Team"),
        ("E2", london("2026-05-14 10:00"), "Missing Team"),
    ]


def test_a_child_of_our_own_brings_no_such_task(tmp_path):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E09000008")], episodes=[episode()])

    assert referral_of("E1").destination == "tray"
    assert not Task.objects.exists()


@pytest.mark.clause("CRO-12")
@pytest.mark.parametrize(
    "result",
    [
        {"outcome": "not_required", "reason": "other_authority"},
        {"outcome": "completed", "held_at": "2026-05-13T10:00"},
    ],
)
def test_what_the_other_authority_did_closes_the_referral(tmp_path, result):
    publish("croydon")
    bring(tmp_path, children=[child(responsible_authority="E10000016")], episodes=[episode()])

    bring(tmp_path, interviews=[interview(**result)])

    assert referral_of("E1").destination == "authority"
    assert referral_of("E1").closed_at is not None


def test_another_authoritys_worker_is_kept_as_text_and_given_nothing(tmp_path):
    publish("wokingham")
    bring(
        tmp_path,
        children=[child(responsible_authority="E10000016")],
        involvements=[involvement("looked_after", worker_email="kim@medway.example.org")],
        episodes=[episode()],
    )

    assert Involvement.objects.get().worker_elsewhere == "kim@medway.example.org"
    assert not User.objects.exists()
    assert holder_of("E1") == ("Prevention and Youth Justice Service", None)
