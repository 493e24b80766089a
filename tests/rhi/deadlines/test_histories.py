"""The stored deadlines of every referral are what its facts say, whatever happened in whatever order."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from episodes.models import Episode
from procedures.actions import source
from procedures.calendar import local_date
from rhi import deadlines, outcomes
from rhi.actions.corrections import correct_episode
from rhi.codes import REASONS
from routing.models import Referral
from staff.actions import Refused
from tests import state
from tests.records import NOW, child, involvement, london, publish, take, write
from tests.rhi.deadlines.books import LEE, RULES, stored, undone, worked_out
from tests.soak import evidence, soak_count
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


WORKERS = ["", "ann@example.org", "ben@example.org"]


def a_time(rng, start, hours):
    """A cell: mostly a time some hours after another, else nothing."""
    moment = start + timedelta(minutes=rng.randrange(hours * 60))
    return cell(moment) if moment < NOW and rng.random() < 0.8 else ""


def cell(moment):
    return moment.strftime("%Y-%m-%dT%H:%M")


class World:
    """Two children and what the files may say of them, at random and differently each time."""

    def __init__(self, rng):
        self.rng = rng
        self.child_of = {f"E{n}": rng.choice(["C1", "C1", "C2"]) for n in range(rng.randint(1, 8))}
        self.records = {f"I{n}": rng.choice(sorted(self.child_of)) for n in range(rng.randint(0, 6))}

    def rows(self):
        """For each file some of the rows that there could be, some columns left out."""
        rng = self.rng
        makers = {
            "children": ["C1", "C2"],
            "carers": ["C1", "C2"],
            "involvements": ["C1", "C2"],
            "episodes": sorted(self.child_of),
            "interviews": sorted(self.records),
            "attempts": sorted(self.records) * 3,
        }
        for file, keys in makers.items():
            if file == "children" or rng.random() < 0.8:
                chosen = rng.sample(keys, rng.choice([len(keys), len(keys), rng.randint(0, len(keys))]))
                yield file, self.without_some_columns([getattr(self, file)(key) for key in chosen])

    def without_some_columns(self, rows):
        needed = {"child_id", "first_name", "last_name", "date_of_birth", "service", "start", "kind", "last_seen_at"}
        needed |= {"name", "relationship"}
        needed |= {"episode_id", "interview_id", "episode_ids", "attempted_at", "method", "contacted", "result"}
        columns = sorted({name for row in rows for name in row} - needed)
        absent = self.rng.sample(columns, min(len(columns), self.rng.choice([0, 0, 0, 1, 3])))
        return [{name: cell for name, cell in row.items() if name not in absent} for row in rows]

    def children(self, key):
        theirs = self.rng.choice(["", "", "E09000008", "E10000016"])
        return child(key, responsible_authority=theirs, date_of_birth=self.rng.choice(["2012-01-15", "2019-05-10"]))

    def carers(self, key):
        return LEE | {"child_id": key, "safe_to_contact": self.rng.choice(["Y", "N", "N", ""])}

    def involvements(self, key):
        service = self.rng.choice(["looked_after", "child_in_need", "family_service"])
        return involvement(service, key, worker_email=self.rng.choice(WORKERS), end=self.rng.choice(["", "2026-05-10"]))

    def episodes(self, key):
        seen = london("2026-05-01 18:00") + timedelta(hours=self.rng.randrange(24 * 40))
        back = a_time(self.rng, seen, 60)
        told = a_time(self.rng, london(back) if back else seen, 100)
        return {
            "episode_id": key,
            "child_id": self.child_of[key],
            "kind": self.rng.choice(["missing"] * 5 + ["away"]),
            "last_seen_at": cell(seen),
            "returned_at": back[: self.rng.choice([16, 16, 16, 10])],
            "notified_at": told,
            "ended_how": self.rng.choice(["", "", "returned"]),
        }

    def interviews(self, key):
        child_id = self.child_of[self.records[key]]
        theirs = [each for each in sorted(self.child_of) if self.child_of[each] == child_id]
        outcome = self.rng.choice(["", "", *REASONS])
        at = london("2026-05-02 09:00") + timedelta(hours=self.rng.randrange(24 * 40))
        return {
            "interview_id": key,
            "child_id": child_id,
            "episode_ids": " ".join(self.rng.sample(theirs, self.rng.randint(1, len(theirs)))),
            "team": self.rng.choice(["", "North", "South"]),
            "worker_email": self.rng.choice(WORKERS),
            "offered_at": a_time(self.rng, at, 24),
            "offered_to": self.rng.choice(["", "child", "parent", "both"]),
            "response": self.rng.choice(["", "accepted", "declined_by_child", "declined_by_parent", "no_response"]),
            "responded_at": a_time(self.rng, at, 48),
            "held_at": a_time(self.rng, at, 96),
            "written_up_at": a_time(self.rng, at, 200),
            "outcome": outcome,
            "reason": self.rng.choice(sorted(REASONS[outcome])) if outcome and REASONS[outcome] else "",
        }

    def attempts(self, key):
        at = london("2026-05-02 07:00") + timedelta(hours=self.rng.randrange(24 * 40))
        return {
            "interview_id": key,
            "attempted_at": a_time(self.rng, at, 12) or "2026-05-02T10:00",
            "method": self.rng.choice(["phone", "text", "letter"]),
            "contacted": self.rng.choice(["child", "parent"]),
            "result": self.rng.choice(["no_answer", "no_answer", "left_message", "spoke_to_child"]),
        }

    def correct_something(self, by, now):
        """Mostly it is refused: there is nothing yet, or the times do not go together."""
        absence = self.rng.choice([*Episode.objects.order_by("pk"), None])
        if absence:
            moved = timedelta(minutes=self.rng.randrange(-600, 600))
            name = self.rng.choice(["last_seen_at", "returned_at", "returned_at", "notified_at"])
            value = getattr(absence, name)
            with suppress(Refused):
                correct_episode(absence, values={name: value and value + moved}, by=by, now=now)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_after_any_history_deadlines_and_outcomes_are_what_the_facts_say(tmp_path, soak_seed):
    """Several runs of random portions with changed rows, with corrections in between; then the last run once more."""
    histories = soak_count(1_250)
    for number in range(histories):
        rng = random.Random(f"{soak_seed}-{number}")
        with undone():
            live_through(rng, tmp_path / str(number), said=f"SOAK_SEED={soak_seed}, history {number}")
    evidence("deadlines", seed=soak_seed, n=histories, result="all equal to the clocks of the facts")


def live_through(rng, folder, *, said):
    text = source(rng.choice(RULES))
    publish("any", text=text.replace('"first"', f'"{rng.choice(["first", "latest", "exclude"])}"'))
    someone, world, now = make_person(), World(rng), NOW
    for run in range(rng.randint(1, 4)):
        latest = folder / str(run)
        latest.mkdir(parents=True)
        for file, rows in world.rows():
            if rows:
                write(latest, file, *rows)
        now += timedelta(hours=rng.randrange(48))
        if any(latest.iterdir()):
            before_history = local_date(NOW - timedelta(days=30)) if rng.random() < 0.2 else None
            take(latest, now=now, history_before=before_history)
            assert stored() == worked_out(), said
        world.correct_something(someone, now)
        assert stored() == worked_out(), said
    before = state.everything()
    outcomes.settle(Episode.objects.values_list("pk", flat=True), now=now)
    deadlines.refresh(Referral.objects.values_list("pk", flat=True))
    assert state.everything() == before, said
    if any(latest.iterdir()):
        take(latest, now=now)
        before = state.everything()
        take(latest, now=now)
        assert state.everything() == before, said
