"""Two people at the same moment, each in a process with a connection of its own: one wins, the other is told of it."""

from itertools import count

import pytest
from django.db import connection
from django.urls import reverse

from rhi.actions.assigning import Answer, Seen, settle_discussion
from routing.models import Allocation, Referral
from staff import audit
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, TAUNTON, holding, member
from tests.rhi.rivals import Rivals, told
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db


def in_trays(tmp_path, number, **files):
    """So many referrals, each of a child of its own."""
    keys = range(1, number + 1)
    bring(
        tmp_path,
        children=[child(f"C{key}") for key in keys],
        episodes=[episode(f"E{key}", f"C{key}") for key in keys],
        **files,
    )
    return list(Referral.objects.order_by("pk"))


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_of_two_leaders_who_assign_one_referral_at_the_same_moment_one_wins_and_the_other_is_told(
    elsewhere, tmp_path, soak_seed
):
    number = soak_count(200)
    publish("somerset")
    referrals = in_trays(tmp_path / "records", number)
    taunton = Team.objects.get(name=TAUNTON)
    sam, pat = (member(taunton, name, Role.TEAM_LEADER) for name in ("Sam Okoro", "Pat Moss"))
    gives_to = {sam: member(taunton, "Robin Hale"), pat: member(taunton, "Ann Lee")}
    races = [
        (
            reverse("rhi:assign", args=[each.pk]),
            [
                {"holding": holding(each).pk, "holder": worker.pk, "reason": f"{leader} says so."}
                for leader, worker in gives_to.items()
            ],
        )
        for each in referrals
    ]

    answers = Rivals(elsewhere, [sam, pat]).save(*races)

    held = elsewhere.call(
        lambda: {
            row.referral_id: (row.by, row.worker)
            for row in Allocation.objects.filter(until__isnull=True).select_related("by", "worker")
        }
    )
    for referral, answer in zip(referrals, answers, strict=True):
        winner, worker = held[referral.pk]
        (loser,) = {sam, pat} - {winner}
        assert worker == gives_to[winner]
        assert answer[winner] is None
        (words,) = answer[loser].errors
        assert words.startswith(f"{winner} gave this to {worker} at ")
    lines = elsewhere.call(lambda: AuditEvent.objects.filter(type=audit.Type.REFERRAL_ASSIGNED).count())
    rows = elsewhere.call(lambda: Allocation.objects.count())
    assert (lines, rows) == (number, 2 * number)
    evidence(
        f"assigning_races_{connection.vendor}",
        seed=soak_seed,
        n=number,
        result="one winner each, the other told by whom",
    )


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_of_two_who_settle_one_discussion_at_the_same_moment_one_wins_and_the_other_is_told(
    elsewhere, tmp_path, soak_seed
):
    number = soak_count(200)
    publish("surrey")
    referrals = in_trays(
        tmp_path / "records",
        number,
        involvements=[involvement(child_id=f"C{key}") for key in range(1, number + 1)],
    )
    asking = Team.objects.get(name="Rapid Engagement Team")
    sam = member(asking, "Sam Okoro", Role.TEAM_LEADER)
    ann = Team.objects.get(name="North").members.get()
    races = [
        (
            reverse("rhi:settle", args=[each.pk]),
            [
                {"holding": holding(each).pk, "answer": "asking", "reason": "We have room."},
                {"holding": holding(each).pk, "answer": "asked", "reason": "I know her well."},
            ],
        )
        for each in referrals
    ]

    answers = Rivals(elsewhere, [sam, ann]).save(*races)

    settled = elsewhere.call(
        lambda: {
            row.referral_id: (row.by, row.worker)
            for row in Allocation.objects.filter(until__isnull=True).select_related("by", "worker")
        }
    )
    for referral, answer in zip(referrals, answers, strict=True):
        winner, worker = settled[referral.pk]
        (loser,) = {sam, ann} - {winner}
        assert worker == (None if winner == sam else ann)
        assert answer[winner] is None
        # In the form again, on the page of what is settled, or on that of what has moved out of their reach.
        assert any(f"{winner} {what}" in answer[loser].words for what in ("gave this", "put this", "settled it"))
    lines = elsewhere.call(lambda: AuditEvent.objects.filter(type=audit.Type.DISCUSSION_SETTLED).count())
    assert lines == number
    evidence(
        f"settling_races_{connection.vendor}",
        seed=soak_seed,
        n=number,
        result="one winner each, the other told by whom",
    )


def test_a_discussion_settled_at_any_moment_while_another_answer_is_read_is_never_not_found(client, tmp_path):
    """Between any two queries of the slower one's request, until it holds the referral: no need to be lucky."""
    publish("surrey")
    number = 16
    referrals = in_trays(
        tmp_path / "records",
        number,
        involvements=[involvement(child_id=f"C{key}") for key in range(1, number + 1)],
    )
    sam = member(Team.objects.get(name="Rapid Engagement Team"), "Sam Okoro", Role.TEAM_LEADER)
    client.force_login(Team.objects.get(name="North").members.get())
    outside = len(connection.savepoint_ids)
    faster = []
    for position, referral in enumerate(referrals):
        shown, queries, settled = holding(referral).pk, count(), []

        def settle_first(
            execute, *query, referral=referral, shown=shown, at=position, queries=queries, settled=settled
        ):
            if next(queries) == at and len(connection.savepoint_ids) == outside:
                settled.append(at)
                seen = Seen(referral.pk, shown)
                settle_discussion(seen=seen, answer=Answer.ASKING, reason="Room.", by=sam, now=AFTER)
            return execute(*query)

        typed = {"holding": shown, "answer": "asked", "reason": "I know her well."}
        with connection.execute_wrapper(settle_first):
            answer = told(client.post(reverse("rhi:settle", args=[referral.pk]), typed), typed)
        assert (answer is not None) == bool(settled)
        faster += settled
    assert 0 in faster
    assert len(faster) < number  # so that every moment before it holds the referral has been tried


def test_two_leaders_who_move_overlapping_groups_do_not_wait_for_each_other_for_ever(elsewhere, tmp_path):
    publish("somerset")
    referrals = in_trays(tmp_path / "records", 6)
    taunton = Team.objects.get(name=TAUNTON)
    sam, pat = (member(taunton, name, Role.TEAM_LEADER) for name in ("Sam Okoro", "Pat Moss"))
    robin = member(taunton, "Robin Hale")

    def chosen(some):
        keys = [each.pk for each in some]
        shown = {f"holding-{each.pk}": holding(each).pk for each in some}
        return {"listed": keys, "referrals": keys, "holder": robin.pk, "reason": "Room.", **shown}

    address = reverse("rhi:assign_many", args=[taunton.pk])
    (answer,) = Rivals(elsewhere, [sam, pat]).save(
        (address, [chosen(referrals[:4]), chosen(list(reversed(referrals[2:])))])
    )

    (winner,) = [who for who, said in answer.items() if said is None]
    (loser,) = {sam, pat} - {winner}
    assert answer[loser].errors[0] == "Nothing has been moved, because somebody else was faster."
    assert len(answer[loser].errors) == 3
    moved = elsewhere.call(lambda: list(Allocation.objects.filter(worker=robin).values_list("referral", flat=True)))
    assert set(moved) == {each.pk for each in (referrals[:4] if winner == sam else referrals[2:])}
