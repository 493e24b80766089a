"""`manage.py foi_return`: Nottinghamshire's questions 4 to 6 on records made for each, and on random records."""

import json
import random
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from reporting.answers import COUNTED, IN_TIME, answer
from tests.records import NOW, bring, child, episode, interview, publish, take
from tests.reference import monthly_table as model
from tests.reference import record_sets
from tests.reporting.test_monthly_table import COUNTINGS, PROCEDURE, reference
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db

YEAR = date(2025, 4, 1), date(2026, 3, 31)


def absence(episode_id, child_id="C1", seen="2025-06-10T20:00", returned="2025-06-11T08:00", **cells):
    return episode(episode_id, child_id, **{"last_seen_at": seen, "returned_at": returned, "notified_at": ""} | cells)


def held(interview_id, episode_ids, at, child_id="C1", **cells):
    return interview(interview_id, child_id, episode_ids, **{"held_at": at, "outcome": "completed"} | cells)


def figures(first=YEAR[0], last=YEAR[1], **options):
    return answer(first, last, now=NOW, **options).figures


@pytest.mark.clause("NOT-07")
@pytest.mark.clause("NOT-08")
def test_an_absence_over_the_year_s_end_is_counted_where_the_stated_basis_says(tmp_path):
    publish("nottinghamshire")
    over = absence("E1", seen="2026-03-31T22:00", returned="2026-04-02T08:00", reported_at="2026-04-01T01:00")
    bring(
        tmp_path,
        children=[child()],
        episodes=[over, absence("E2"), absence("E3", seen="2025-06-13T20:00", returned="")],
    )

    counted = {basis: answer(*YEAR, now=NOW, basis=basis) for basis in ("last_seen", "reported", "returned")}

    assert [told.figures["incidents"] for told in counted.values()] == [3, 0, 1]
    assert counted["last_seen"].figures["children"] == 1
    assert figures(date(2026, 4, 1), date(2027, 3, 31), basis="reported")["incidents"] == 1
    assert "was last seen on one of these days" in counted["last_seen"].statement
    assert "was reported missing on one of these days" in counted["reported"].statement


@pytest.mark.clause("NOT-09")
@pytest.mark.clause("NOT-10")
@pytest.mark.clause("NOT-11")
@pytest.mark.clause("NOT-12")
def test_offers_answers_and_interviews_are_counted_in_incidents_by_the_stated_rule(tmp_path):
    publish("nottinghamshire")
    days = range(10, 16)
    rows = [absence(f"E{day}", seen=f"2025-06-{day}T20:00", returned=f"2025-06-{day}T23:00") for day in days]
    offer = {"offered_at": "2025-06-20T10:00"}
    said = [
        interview("I10", episode_ids="E10", offered_to="parent", response="accepted", **offer),
        interview("I11", episode_ids="E11", offered_to="child", response="accepted", **offer),
        interview("I12", episode_ids="E12", offered_to="parent", response="declined_by_parent", **offer),
        interview("I13", episode_ids="E13", offered_to="child", response="declined_by_child", **offer),
        held("I14", "E14 E15", "2025-06-20T10:00"),
    ]
    bring(tmp_path, children=[child()], episodes=rows, interviews=said)

    told = answer(*YEAR, now=NOW)

    assert {key: told.figures[key] for key in ("incidents", "offered", "accepted", "declined", "held")} == {
        "incidents": 6,
        "offered": 4,
        "accepted": 1,
        "declined": 2,
        "held": 2,
    }
    assert "it is accepted by the child, and declined by either" in told.statement


@pytest.mark.clause("NOT-13")
def test_exactly_72_hours_count_and_a_minute_more_does_not_also_when_the_clocks_change(tmp_path):
    publish("nottinghamshire")
    # The clocks went forward on 30 March 2025: 72 hours after 08:00 of the day before are 09:00.
    spring = {"seen": "2025-03-28T20:00", "returned": "2025-03-29T08:00"}
    bring(
        tmp_path,
        children=[child(each) for each in ("C1", "C2", "C3", "C4")],
        episodes=[absence("E1"), absence("E2", "C2"), absence("E3", "C3", **spring), absence("E4", "C4", **spring)],
        interviews=[
            held("I1", "E1", "2025-06-14T08:00"),
            held("I2", "E2", "2025-06-14T08:01", "C2"),
            held("I3", "E3", "2025-04-01T09:00", "C3"),
            held("I4", "E4", "2025-04-01T09:01", "C4"),
        ],
    )

    assert figures()[IN_TIME] == 1
    assert figures(date(2025, 3, 1), date(2025, 3, 31))[IN_TIME] == 1


@pytest.mark.clause("NOT-14")
@pytest.mark.clause("NOT-15")
def test_the_ways_to_count_72_hours_stand_side_by_side_and_the_procedure_chooses_one(tmp_path, capsys):
    shipped = publish("nottinghamshire").text
    # Back on a Friday morning, the service told on Saturday; held on Monday at noon, on Tuesday, and on Wednesday.
    friday = {"seen": "2025-06-12T20:00", "returned": "2025-06-13T08:00", "notified_at": "2025-06-14T12:00"}
    bring(
        tmp_path,
        children=[child("C1"), child("C2"), child("C3")],
        episodes=[absence(f"E{number}", f"C{number}", **friday) for number in (1, 2, 3)],
        interviews=[
            held("I1", "E1", "2025-06-16T12:00"),
            held("I2", "E2", "2025-06-17T12:00", "C2"),
            held("I3", "E3", "2025-06-18T12:00", "C3"),
        ],
    )

    assert list(answer(*YEAR, now=NOW).ways.values()) == [0, 2, 1, 3]
    written = 'basis = { start = "returned", limit = { hours = 72 } }'
    found = []
    for start, limit in (
        ("notified", "hours = 72"),
        ("returned", "calendar_days = 3"),
        ("returned", "working_days = 3"),
    ):
        publish("x", text=shipped.replace(written, f'basis = {{ start = "{start}", limit = {{ {limit} }} }}'))
        told = answer(*YEAR, now=NOW)
        found.append((told.figures[IN_TIME], told.statement.partition("within 72 hours” from ")[2].split(". ")[0]))
    assert [number for number, _ in found] == [2, 1, 3]
    assert [words for _, words in found] == [
        (
            "the time at which our service was told of the return, and the limit is 72 hours, counted hour by hour"
            " through nights and weekends"
        ),
        "the child's return, and the limit is the end of calendar day 3 after it",
        (
            "the child's return, and the limit is the end of working day 3 after it, weekends and bank holidays not"
            " counted"
        ),
    ]


@pytest.mark.clause("NOT-16")
def test_missing_again_before_an_interview_is_counted_and_told_as_the_procedure_has_it(tmp_path):
    shipped = publish("nottinghamshire").text
    bring(
        tmp_path,
        children=[child("C1"), child("C2"), child("C3")],
        episodes=[  # the first two back on 11 June at 08:00, and missing again
            *(absence("E1"), absence("E2", seen="2025-06-12T20:00", returned="2025-06-13T02:00")),
            *(absence("E3", "C2"), absence("E4", "C2", seen="2025-06-13T20:00", returned="2025-06-14T08:00")),
            absence("E5", "C3"),
        ],
        interviews=[
            held("I1", "E1 E2", "2025-06-14T07:00"),
            held("I2", "E3 E4", "2025-06-16T08:00", "C2"),
            held("I3", "E5", "2025-06-12T08:00", "C3"),
        ],
    )
    found = {}
    for rule in ("first", "latest", "exclude"):
        publish("x", text=shipped.replace('missing_again = "first"', f'missing_again = "{rule}"'))
        told = answer(*YEAR, now=NOW)
        found[rule] = told.figures[IN_TIME], told.statement.rpartition("before an interview, ")[2]

    assert found == {
        "first": (4, "each incident is still counted from its own start."),
        "latest": (5, "we count from the most recent return before it."),
        "exclude": (3, "the earlier incident is left out of this figure."),
    }


@pytest.mark.clause("NOT-17")
def test_the_command_answers_in_json_csv_and_words_without_a_code_in_them(tmp_path, capsys):
    publish("nottinghamshire")
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=[held("I1", "E1", "2025-06-12T08:00")])
    period = ["--from", "2025-04-01", "--to", "2026-03-31"]

    call_command("foi_return", *period, "--format", "json")
    told = json.loads(capsys.readouterr().out)
    call_command("foi_return", *period, "--format", "csv")
    lines = capsys.readouterr().out.splitlines()
    call_command("foi_return", *period)
    text = capsys.readouterr().out

    basis = told.pop("basis")
    assert told == {
        "from": "2025-04-01",
        "to": "2026-03-31",
        "incidents": 1,
        "children": 1,
        "offered": 0,
        "accepted": 0,
        "declined": 0,
        "held": 1,
        "held_within_72_hours": 1,
    }
    assert lines == ["figure,number", *(f"{key},{told[key]}" for key in (*COUNTED, IN_TIME))]
    assert "      1  Incidents of children going missing" in text
    assert basis in text
    assert "_" not in basis
    assert "\n" not in basis


def test_a_period_that_runs_backwards_is_refused_in_words():
    publish("nottinghamshire")
    with pytest.raises(CommandError, match="the last day, 2025-03-31, lies before the first, 2025-04-01"):
        call_command("foi_return", "--from", "2025-04-01", "--to", "2025-03-31")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queries_are_as_many_however_many_episodes_there_are(tmp_path, django_assert_num_queries, rows):
    publish("x", text=PROCEDURE + '[clocks]\nmissing_again = "latest"\n')
    names = [f"C{number}" for number in range(rows)]
    bring(
        tmp_path,
        children=[child(name) for name in names],
        episodes=[absence(f"E-{name}", name) for name in names],
        interviews=[held(f"I-{name}", f"E-{name}", "2025-06-12T08:00", name) for name in names],
    )

    with django_assert_num_queries(9):  # versions, six lists, the interviews held, the children's absences
        assert figures()["held"] == rows


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_answer_on_random_records_is_that_of_a_simple_implementation(tmp_path, soak_seed):
    start = (2025, 8)
    now = record_sets.read_at(months=4, start=start)
    sets = soak_count(200) // 4
    for number in range(sets):
        rng = random.Random(f"{soak_seed}-foi-{number}")
        folder = tmp_path / str(number)
        folder.mkdir()
        record_sets.write_random_records(folder, rng, months=4, start=start)
        with transaction.atomic():
            terms = publish("x", text=PROCEDURE + rng.choice(COUNTINGS)).procedure.counting
            take(folder, now=now)
            told = answer(date(2025, 7, 1), date(2025, 12, 31), now=now)
            transaction.set_rollback(True)
        months = model.monthly_cases(folder, first="2025-07", last="2025-12", counting=reference(terms), now=now)
        behind = {key: [row for month in months.values() for row in month[of]] for key, of in OF.items()}
        assert told.figures == {
            key: model.children(rows) if key == "children" else len(rows) for key, rows in behind.items()
        }, (soak_seed, number)
    evidence("foi_return", seed=soak_seed, n=sets * len(OF), result="all equal")


OF = COUNTED | {IN_TIME: "held_within_72_hours"}
