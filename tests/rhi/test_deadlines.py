"""The stored deadlines of every referral are what its facts say, whatever happened in whatever order."""

import csv
import random
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction

from episodes import readers
from episodes.actions import CorrectionRefused
from episodes.files import check
from episodes.intake import Terms
from episodes.models import Episode
from procedures.actions import source
from procedures.calendar import local_date
from rhi import deadlines, outcomes
from rhi import readers as interviews
from rhi.actions.corrections import correct_episode
from rhi.codes import REASONS
from rhi.models import Outcome
from routing.models import Deadline, Referral
from staff import audit
from staff.actions import Refused
from staff.models import AuditEvent
from tests import state
from tests.jobs.conftest import Elsewhere, processes
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish, take, write
from tests.soak import evidence, soak_count
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def stored():
    """Every deadline as it is stored, by referral."""
    rows = {key: {} for key in Referral.objects.values_list("pk", flat=True)}
    for each in Deadline.objects.select_related("episode"):
        name = each.name, each.episode and each.episode.episode_id
        rows[each.referral_id][name] = tuple(getattr(each, name) for name in deadlines.STORED)
    return rows


def worked_out():
    """Every deadline as the clocks give it for facts that are gathered afresh."""
    return {
        row.referral.pk: {
            (str(clock.name), clock.episode or None): (
                *(clock.starts_at, clock.due_at, clock.met_at),
                str(clock.settled or ""),
                clock.late_on_arrival,
            )
            for clock in row.clocks()
        }
        for row in deadlines.gather(Referral.objects.values_list("pk", flat=True))
    }


def due(name):
    return {
        each.episode and each.episode.episode_id: each.due_at
        for each in Deadline.objects.filter(name=name).select_related("episode")
    }


# What is stored


def test_a_referral_has_every_clock_of_its_procedure_for_each_episode_or_for_itself(tmp_path):
    publish("somerset")
    second = episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), second])

    [of_referral] = stored().values()
    assert sorted(of_referral, key=str) == sorted(
        [
            *(
                (name, each)
                for name in ("contact", "offer", "seventy_two_hours", "three_working_days")
                for each in ("E1", "E2")
            ),
            *((name, None) for name in ("assign", "interview", "write_up")),
        ],
        key=str,
    )


def test_a_deadline_is_stored_with_start_due_and_stop(tmp_path):
    publish("somerset")
    held = interview(offered_at="2026-05-12T11:00", offered_to="child", held_at="2026-05-15T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held])

    [of_referral] = stored().values()
    assert of_referral["seventy_two_hours", "E1"] == (
        *(london("2026-05-12 07:00"), london("2026-05-15 07:00"), london("2026-05-15 10:00")),
        *("missed", False),
    )
    assert of_referral["offer", "E1"] == (
        *(london("2026-05-12 09:00"), london("2026-05-15 09:00"), london("2026-05-12 11:00")),
        *("met", False),
    )


@pytest.mark.parametrize(
    ("missing_again", "due_at"),
    [("first", london("2026-05-15 07:00")), ("latest", london("2026-05-16 07:00")), ("exclude", None)],
)
def test_an_absence_that_comes_later_moves_the_clocks_of_the_one_before_as_the_procedure_says(
    tmp_path, missing_again, due_at
):
    text = source("somerset").replace('missing_again = "first"', f'missing_again = "{missing_again}"')
    publish("somerset", text=text.replace("[[routing.rules]]", "joining = false\n\n[[routing.rules]]", 1))
    bring(tmp_path, children=[child()], episodes=[episode("E1")])
    assert due("seventy_two_hours") == {"E1": london("2026-05-15 07:00")}

    bring(tmp_path, episodes=[episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")])
    assert due("seventy_two_hours") == {"E1": due_at, "E2": london("2026-05-16 07:00")}


# Corrections


def test_a_corrected_return_moves_the_deadlines_of_all_the_childs_referrals(tmp_path):
    publish("somerset", text=source("somerset").replace('missing_again = "first"', 'missing_again = "latest"'))
    bring(
        tmp_path,
        children=[child()],
        episodes=[episode("E1"), episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")],
        interviews=[interview("I1", episode_ids="E1"), interview("I2", episode_ids="E2")],
    )
    assert due("seventy_two_hours") == {"E1": london("2026-05-16 07:00"), "E2": london("2026-05-16 07:00")}

    returned = london("2026-05-13 08:00")
    correct_episode(Episode.objects.get(episode_id="E2"), values={"returned_at": returned}, by=make_person(), now=NOW)
    assert due("seventy_two_hours") == {"E1": london("2026-05-16 08:00"), "E2": london("2026-05-16 08:00")}


def test_a_corrected_return_stays_when_the_file_comes_again(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="2026-05-12")])
    someone, returned = make_person(), london("2026-05-12 08:00")
    corrected = correct_episode(Episode.objects.get(), values={"returned_at": returned}, by=someone, now=NOW)
    assert (corrected.returned_at, corrected.return_precision) == (returned, "exact")

    bring(tmp_path)
    assert Episode.objects.values_list("returned_at", "return_precision").get() == (returned, "exact")
    assert due("seventy_two_hours") == {"E1": london("2026-05-15 08:00")}
    line = AuditEvent.objects.get(type=audit.Type.RECORD_CORRECTED)
    assert (line.by_id, line.children, line.detail) == (
        *(someone.pk, ["C1"]),
        {"fields": ["return_precision", "returned_at"]},
    )


def test_a_return_can_be_corrected_to_a_day_or_to_none(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    someone = make_person()
    by_day = {"returned_at": london("2026-05-12 15:30"), "return_precision": "date"}
    correct_episode(Episode.objects.get(), values=by_day, by=someone, now=NOW)
    assert due("seventy_two_hours") == {"E1": london("2026-05-15 00:00")}

    correct_episode(Episode.objects.get(), values={"returned_at": None}, by=someone, now=NOW)
    assert Episode.objects.get().return_precision == ""
    assert due("seventy_two_hours") == {"E1": None}


def test_a_return_that_was_never_recorded_is_received_and_not_corrected(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode(returned_at="")])
    with pytest.raises(CorrectionRefused, match=r"The child's return has not been recorded yet\."):
        correct_episode(Episode.objects.get(), values={"returned_at": NOW}, by=make_person(), now=NOW)

    assert Episode.objects.get().returned_at is None


def test_a_refused_correction_moves_nothing(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    values, someone = {"returned_at": london("2026-05-11 19:00")}, make_person()
    before = state.everything()
    with pytest.raises(CorrectionRefused, match="before the child was last seen"):
        correct_episode(Episode.objects.get(), values=values, by=someone, now=NOW)

    assert state.everything() == before


# After any history

WORKERS = ["", "ann@example.org", "ben@example.org"]
RULES = ["somerset", "wokingham", "croydon", "nottinghamshire"]


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
        needed |= {"episode_id", "interview_id", "episode_ids", "attempted_at", "method", "contacted", "result"}
        columns = sorted({name for row in rows for name in row} - needed)
        absent = self.rng.sample(columns, min(len(columns), self.rng.choice([0, 0, 0, 1, 3])))
        return [{name: cell for name, cell in row.items() if name not in absent} for row in rows]

    def children(self, key):
        theirs = self.rng.choice(["", "", "E09000008", "E10000016"])
        return child(key, responsible_authority=theirs, date_of_birth=self.rng.choice(["2012-01-15", "2019-05-10"]))

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


@contextmanager
def undone():
    """What is written within is undone at the end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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
    outcomes.settle(Episode.objects.values_list("pk", flat=True))
    deadlines.refresh(Referral.objects.values_list("pk", flat=True))
    assert state.everything() == before, said
    if any(latest.iterdir()):
        take(latest, now=now)
        before = state.everything()
        take(latest, now=now)
        assert state.everything() == before, said


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    """Processes of their own, on the test's database or a copy of it."""
    connection.ensure_connection()
    return Elsewhere(tmp_path / "copy.sqlite3")


HELD = interview(episode_ids="E1 E2", held_at="2026-05-15T10:00", outcome="completed")
SPOKEN_TO = {
    "interview_id": "I1",
    "attempted_at": "2026-05-14T12:00",
    "method": "phone",
    "contacted": "child",
    "result": "spoke_to_child",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "row", "codes"),
    [("interviews", HELD, {"E1": "completed", "E2": "covered"}), ("attempts", SPOKEN_TO, {})],
    ids=["interviews", "attempts"],
)
def test_a_correction_and_an_import_that_meet_leave_what_the_facts_of_both_say(elsewhere, tmp_path, file, row, codes):
    publish("somerset")
    second = episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")
    rows = {"children": [child()], "episodes": [episode("E1"), second], "interviews": [interview(episode_ids="E1 E2")]}
    bring(tmp_path / "before", **rows)
    write(tmp_path / "after", file, row)
    corrected, imported = processes.Event(), processes.Event()

    @transaction.atomic
    def correct_one():
        values = {"returned_at": london("2026-05-14 07:00"), "notified_at": london("2026-05-14 08:00")}
        correct_episode(Episode.objects.get(episode_id="E1"), values=values, by=make_person(), now=NOW)
        corrected.set()
        imported.wait(1)  # in vain, when the import has to wait for the correction

    def import_what_comes_after():
        corrected.wait(30)
        take(tmp_path / "after")
        imported.set()

    started = [elsewhere.start(correct_one), elsewhere.start(import_what_comes_after)]
    for process in started:
        process.join(60)

    assert elsewhere.call(lambda: stored() == worked_out())
    assert elsewhere.call(lambda: dict(Outcome.objects.values_list("episode__episode_id", "code"))) == codes


# What it costs

THIRTY = [f"{number:02}" for number in range(30)]


@pytest.fixture
def thirty_referrals(tmp_path):
    """Each of a child of its own, with an interview, an offer, an attempt and a later absence."""
    publish("somerset")
    bring(
        tmp_path,
        children=[child(each) for each in THIRTY],
        involvements=[involvement(child_id=each) for each in THIRTY],
        episodes=[episode(each, each) for each in THIRTY],
        interviews=[
            interview(each, each, each, team="North", worker_email="ann@example.org", offered_at="2026-05-12T10:00")
            for each in THIRTY
        ],
        attempts=[
            {
                "interview_id": each,
                "attempted_at": "2026-05-12T10:00",
                "method": "phone",
                "contacted": "child",
                "result": "no_answer",
            }
            for each in THIRTY
        ],
    )
    return tmp_path


def test_working_deadlines_out_costs_the_same_for_one_referral_as_for_thirty(
    thirty_referrals, django_assert_num_queries
):
    for number in (1, 30):
        keys = list(Referral.objects.order_by("pk").values_list("pk", flat=True)[:number])
        with transaction.atomic(), django_assert_num_queries(12):
            deadlines.refresh(keys)
        Deadline.objects.filter(referral__in=keys, name="offer").update(due_at=NOW)
        with transaction.atomic(), django_assert_num_queries(13):
            deadlines.refresh(keys)
    assert stored() == worked_out()


@pytest.mark.parametrize(
    ("layout", "take_rows", "column", "queries"),
    [
        (readers.CHILDREN, readers.take_children, "last_name", 2),
        (readers.INVOLVEMENTS, readers.take_involvements, "placement_provider", 7),
        (readers.EPISODES, readers.take_episodes, "police_ref", 3),
        (interviews.INTERVIEWS, interviews.take_interviews, "offered_at", 36),
        (interviews.ATTEMPTS, interviews.take_attempts, "note", 17),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_portion_of_rows_costs_the_same_for_one_row_as_for_thirty(
    thirty_referrals, django_assert_num_queries, layout, take_rows, column, queries
):
    path = thirty_referrals / layout.name
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row | {column: "2026-05-12T10:30"} for row in csv.DictReader(lines)]
    terms = Terms(NOW, "E06000066")
    for number in (1, 30):
        write(thirty_referrals, layout.name.removesuffix(".csv"), *rows[:number])
        portion = list(check(path, layout, NOW).rows(NOW))
        with undone(), django_assert_num_queries(queries):
            taken = take_rows(portion, terms)
        assert (taken.changed, taken.rejects) == (number, [])
