"""Two people at the same moment, each in a process with a connection of its own: one wins, the other is told of it."""

import traceback
from dataclasses import dataclass
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from rhi.actions.assigning import Answer, Seen, settle_discussion
from routing.models import Allocation, Referral
from staff import audit
from staff.models import AuditEvent, Team
from staff.permissions import Role
from tests.jobs.conftest import Elsewhere, processes
from tests.records import bring, child, episode, involvement, publish
from tests.rhi.holders import AFTER, TAUNTON, holding, member
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    """Processes of their own, on the test's database or a copy of it."""
    connection.ensure_connection()
    return Elsewhere(tmp_path / "copy.sqlite3")


class Rivals:
    """People at pages that they have open already, who save at the same moment, race after race."""

    def __init__(self, elsewhere, people):
        self.elsewhere, self.people = elsewhere, people

    def save(self, *races):
        """Of every race the answers by person: None for who won, else what the others were told.

        A race is an address with what each of the people sends to it.
        """
        gate, answers = processes.Barrier(len(self.people)), processes.Queue()

        def save_all(number):
            race = None
            try:
                client = Client()
                client.force_login(self.people[number])
                for race, (address, typed) in enumerate(races):
                    gate.wait(60)
                    answers.put((race, number, told(client.post(address, typed[number]), typed[number]["reason"])))
            except BaseException:
                answers.put((race, number, Failure(traceback.format_exc())))  # before the others meet a broken gate
                raise

        started = [self.elsewhere.start(save_all, number) for number in range(len(self.people))]
        try:
            said = [self.heard(answers) for _ in range(len(races) * len(self.people))]
        finally:
            gate.abort()  # nobody waits any longer for who has failed; all have passed it when nobody has
            for process in started:
                process.join(60)
        return [{self.people[by]: words for race, by, words in said if race == each} for each in range(len(races))]

    def heard(self, answers):
        """The next answer; when it is that somebody failed, so does the test, at once and with their traceback."""
        race, number, words = answers.get(timeout=60)
        if isinstance(words, Failure):
            pytest.fail(f"{self.people[number]} failed in race {race}:\n{words.traceback}")
        return race, number, words


@dataclass(frozen=True)
class Failure:
    """What went wrong in a rival's process, handed back in place of an answer."""

    traceback: str


def told(response, reason):
    """What somebody is told who was not the first, once it is sure that what they typed is on the page."""
    if response.status_code == 302:
        return None
    assert response.status_code == 200
    assert reason in response.content.decode()
    form = response.context["form"]
    if not form:  # the page that says that it is settled or gone
        return "too late"
    return [error for errors in form.errors.values() for error in errors]


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
        (words,) = answer[loser]
        assert words.startswith(f"{winner} gave this to {worker} at ")
    lines = elsewhere.call(lambda: AuditEvent.objects.filter(type=audit.Type.REFERRAL_ASSIGNED).count())
    rows = elsewhere.call(lambda: Allocation.objects.count())
    assert (lines, rows) == (number, 2 * number)
    evidence(f"assigning_races_{connection.vendor}", seed=soak_seed, n=number, result="one winner each, the other told")


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_of_two_who_settle_one_discussion_at_the_same_moment_one_wins_and_the_other_is_told(
    elsewhere, tmp_path, soak_seed
):
    number = soak_count(100)
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
        assert worker == (None if winner == sam else ann)
        assert [who for who, words in answer.items() if words is None] == [winner]
    lines = elsewhere.call(lambda: AuditEvent.objects.filter(type=audit.Type.DISCUSSION_SETTLED).count())
    assert lines == number
    evidence(f"settling_races_{connection.vendor}", seed=soak_seed, n=number, result="one winner each, the other told")


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
            answer = told(client.post(reverse("rhi:settle", args=[referral.pk]), typed), typed["reason"])
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

    (winner,) = [who for who, words in answer.items() if words is None]
    (loser,) = {sam, pat} - {winner}
    assert answer[loser][0] == "Nothing has been moved, because somebody else was faster."
    assert len(answer[loser]) == 3
    moved = elsewhere.call(lambda: list(Allocation.objects.filter(worker=robin).values_list("referral", flat=True)))
    assert set(moved) == {each.pk for each in (referrals[:4] if winner == sam else referrals[2:])}
