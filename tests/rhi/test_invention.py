"""What `generate_records` writes, read back with nothing but the standard library."""

import csv
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from rhi.invention.pace import Wish
from rhi.invention.records import invent

LONDON = ZoneInfo("Europe/London")
ENDS = datetime(2024, 11, 19, tzinfo=LONDON)
WHOLE_MONTHS = [f"2023-{month:02}" for month in (11, 12)] + [f"2024-{month:02}" for month in range(1, 11)]

COLUMNS = {
    "children": "child_id first_name last_name date_of_birth sex ethnicity responsible_authority address_1 address_2 "
    "address_3 address_4 postcode area phone email language interpreter_needed living_independently uasc restricted",
    "carers": "child_id name relationship address_1 address_2 address_3 address_4 postcode phone email "
    "safe_to_contact reason",
    "involvements": "child_id service start end team worker_email placement_kind placement_area host_authority "
    "placement_provider",
    "episodes": "episode_id child_id kind last_seen_at reported_at returned_at return_precision notified_at source "
    "police_ref police_risk missing_from ended_how circumstances",
    "interviews": "interview_id child_id episode_ids team worker_email offered_at offered_to response responded_at "
    "held_at method written_up_at outcome reason",
    "attempts": "interview_id attempted_at method contacted result note",
}
CODES = {
    ("children", "sex"): "F M U",
    ("children", "interpreter_needed"): "Y N",
    ("children", "living_independently"): "Y N",
    ("children", "uasc"): "Y N",
    ("children", "restricted"): "Y N",
    ("carers", "safe_to_contact"): "Y N",
    ("involvements", "service"): "looked_after child_protection child_in_need assessment family_service youth_justice "
    "care_leaver",
    ("involvements", "placement_kind"): "foster_care kinship childrens_home supported_accommodation "
    "residential_school secure other",
    ("involvements", "placement_area"): "in_area neighbouring out_of_area",
    ("episodes", "kind"): "missing away",
    ("episodes", "return_precision"): "exact estimated date",
    ("episodes", "source"): "police case_system social_worker placement parent other_authority other",
    ("episodes", "police_risk"): "no_apparent_risk low medium high not_known",
    ("episodes", "missing_from"): "family_home foster_care childrens_home supported_accommodation residential_school "
    "hospital secure independent other",
    ("episodes", "ended_how"): "returned found_by_police brought_by_carer brought_by_other hospital arrested "
    "whereabouts_known turned_18 other",
    ("interviews", "offered_to"): "child parent both",
    ("interviews", "response"): "accepted declined_by_child declined_by_parent no_response not_asked",
    ("interviews", "method"): "face_to_face telephone video other",
    ("interviews", "outcome"): "completed part_completed declined accepted_not_held no_contact not_offered "
    "not_required",
    ("attempts", "method"): "phone text video email home_visit placement_visit school_visit letter via_social_worker "
    "via_placement other",
    ("attempts", "contacted"): "child parent foster_carer placement_staff school social_worker other",
    ("attempts", "result"): "spoke_to_child spoke_to_carer left_message no_answer number_not_in_use not_at_address "
    "child_missing_again refused_to_talk appointment_made rearranged",
}
"""All that the files may hold but police_risk `absent`, of which there is a test, and `covered`, which follows from
`completed` with several episodes."""

REASONS = {
    "": "",
    "completed": "",
    "part_completed": "child_stopped interrupted other",
    "declined": "not_needed distrust already_told ashamed too_many communication by_parent no_reason other",
    "accepted_not_held": "not_present refused_on_arrival missing_again lapsed ill_or_custody worker_absent distance "
    "other",
    "no_contact": "no_answer wrong_number no_address no_fixed_abode carer_blocked",
    "not_offered": "missing_again told_too_late other_authority custody hospital abroad under_8 unsafe asked_to_delay "
    "no_worker process_error other",
    "not_required": "other_authority now_18 agreed_exception",
}
"""By outcome. `died` is left out on purpose: no child dies in a demonstration."""

Files = dict[str, list[dict[str, str]]]


def generate(folder: Path, **options: object) -> Files:
    """Run the command and read what it wrote."""
    call_command("generate_records", output=folder, **options)
    files = {}
    for name in COLUMNS:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            files[name] = list(csv.DictReader(file))
    return files


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Twelve months and 18 days, with no other figure given; 2024 is a leap year."""
    return generate(tmp_path_factory.mktemp("year"), months=12, until=date(2024, 11, 19))


def at(text: str) -> datetime:
    """The moment that a cell names."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=LONDON)).astimezone(UTC)


def by_child(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    children = defaultdict(list)
    for row in rows:
        children[row["child_id"]].append(row)
    return children


def interview_of_each_episode(files: Files) -> dict[str, dict[str, str]]:
    return {episode: row for row in files["interviews"] for episode in row["episode_ids"].split()}


def missing(files: Files, months: list[str]) -> list[dict[str, str]]:
    """Episodes of kind missing whose child was last seen in one of the months, by London's clocks."""
    return [row for row in files["episodes"] if row["kind"] == "missing" and row["last_seen_at"][:7] in months]


def looked_after(files: Files, episode: dict[str, str]) -> bool:
    day = episode["last_seen_at"][:10]
    return any(
        row["child_id"] == episode["child_id"]
        and row["service"] == "looked_after"
        and row["start"] <= day <= (row["end"] or "9999")
        for row in files["involvements"]
    )


def times(files: Files) -> Iterator[str]:
    """Every time in every file."""
    for rows in files.values():
        for row in rows:
            yield from (text for name, text in row.items() if name.endswith("_at") and text)


def figures(files: Files, months: list[str]) -> tuple[float, float]:
    """Mean missing episodes and mean children of a month, each child once a month."""
    rows = missing(files, months)
    children = {(row["last_seen_at"][:7], row["child_id"]) for row in rows}
    return len(rows) / len(months), len(children) / len(months)


@pytest.mark.clause("SUR-04")
def test_a_year_without_other_figures_has_surreys_303_episodes_of_186_children_a_month(year):
    episodes, children = figures(year, WHOLE_MONTHS)

    assert episodes == pytest.approx(303, rel=0.03)
    assert children == 186


@pytest.mark.slow
@pytest.mark.parametrize(("episodes", "children"), [(300, 295), (300, 300), (450, 150), (600, 75)])
def test_other_figures_come_out_as_well(tmp_path, episodes, children):
    files = generate(
        tmp_path, months=6, episodes_per_month=episodes, children_per_month=children, until=date(2024, 11, 1), seed=7
    )

    counted = figures(files, WHOLE_MONTHS[-6:])

    assert counted == (pytest.approx(episodes, rel=0.05), children)


def test_no_month_is_empty_and_the_current_one_has_its_part(year):
    counts = Counter(row["last_seen_at"][:7] for row in missing(year, [*WHOLE_MONTHS, "2024-11"]))

    assert min(counts[month] for month in WHOLE_MONTHS) > 200
    assert 100 < counts["2024-11"] < 260


def test_until_the_first_of_a_month_gives_whole_months_only(tmp_path):
    files = generate(tmp_path, months=2, episodes_per_month=40, children_per_month=30, until=date(2024, 3, 1))

    assert {row["last_seen_at"][:7] for row in missing(files, ["2024-01", "2024-02"])} == {"2024-01", "2024-02"}
    assert len(missing(files, ["2024-01", "2024-02"])) == sum(row["kind"] == "missing" for row in files["episodes"])


def test_the_files_have_the_agreed_columns_in_order(year):
    for name, columns in COLUMNS.items():
        assert list(year[name][0]) == columns.split(), name


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        call_command("generate_records", f"--output={tmp_path / name}", "--months=2", "--until=2024-03-15", "--seed=11")

    for name in COLUMNS:
        assert (tmp_path / "one" / f"{name}.csv").read_bytes() == (tmp_path / "other" / f"{name}.csv").read_bytes()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_in_a_process_that_orders_sets_differently():
    invention = (
        "import datetime, hashlib; from rhi.invention.pace import Wish; from rhi.invention.records import invent;"
        "rows = list(invent(Wish(2, 40, 30, datetime.date(2024, 3, 15), 11)));"
        "print(hashlib.sha256(repr(rows).encode()).hexdigest())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", invention],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2", "3")
    }

    here = repr(list(invent(Wish(2, 40, 30, date(2024, 3, 15), 11)))).encode()

    assert answers == {hashlib.sha256(here).hexdigest() + "\n"}


def test_another_seed_gives_other_children(tmp_path):
    one = generate(tmp_path / "one", months=1, seed=1)["children"]
    other = generate(tmp_path / "other", months=1, seed=2)["children"]

    assert [row["last_name"] for row in one] != [row["last_name"] for row in other]


@pytest.mark.parametrize(("name", "column"), list(CODES))
def test_each_code_of_a_list_appears_and_no_other(year, name, column):
    assert {row[column] for row in year[name]} - {""} == set(CODES[name, column].split())


@pytest.mark.parametrize("outcome", list(REASONS))
def test_each_reason_appears_with_its_outcome_and_no_other(year, outcome):
    reasons = {row["reason"] for row in year["interviews"] if row["outcome"] == outcome}

    assert reasons == (set(REASONS[outcome].split()) or {""})


def test_the_police_graded_children_as_absent_in_old_records_only(tmp_path):
    rows = generate(tmp_path, months=3, until=date(2018, 3, 1))["episodes"]

    graded = {row["last_seen_at"][:7] for row in rows if row["police_risk"] == "absent"}

    assert graded == {"2017-12"}


def test_what_must_not_repeat_does_not(year):
    keys = {
        "children": ["child_id"],
        "carers": ["child_id", "name", "relationship"],
        "involvements": ["child_id", "service", "start"],
        "episodes": ["episode_id"],
        "interviews": ["interview_id"],
        "attempts": ["interview_id", "attempted_at", "method", "contacted"],
    }
    for name, columns in keys.items():
        rows = Counter(tuple(row[column] for column in columns) for row in year[name])
        assert [row for row, count in rows.items() if count > 1] == [], name

    references = [row["police_ref"] for row in year["episodes"] if row["police_ref"]]
    assert len(references) == len(set(references))


def test_every_row_refers_to_rows_that_are_there(year):
    children = {row["child_id"] for row in year["children"]}
    child_of = {row["episode_id"]: row["child_id"] for row in year["episodes"]}
    told_about = [(row, episode) for row in year["interviews"] for episode in row["episode_ids"].split()]

    for name in ("carers", "involvements", "episodes", "interviews"):
        assert {row["child_id"] for row in year[name]} <= children, name
    assert all(child_of[episode] == row["child_id"] for row, episode in told_about)
    assert len(told_about) == len({episode for _, episode in told_about})
    assert {row["interview_id"] for row in year["attempts"]} <= {row["interview_id"] for row in year["interviews"]}


def test_no_time_is_at_or_after_the_end(year):
    assert max(at(text) for text in times(year)) < ENDS
    assert max(row["start"] for row in year["involvements"]) < "2024-11-19"
    assert max(row["end"] for row in year["involvements"]) < "2024-11-19"


def test_nothing_ends_before_it_starts(year):
    in_order = {
        "episodes": ["last_seen_at", "returned_at", "notified_at"],
        "interviews": ["offered_at", "responded_at", "held_at", "written_up_at"],
    }
    for name, columns in in_order.items():
        for row in year[name]:
            known = [at(row[column]) for column in columns if row[column]]
            assert known == sorted(known), row
    for row in year["episodes"]:
        if row["reported_at"]:
            assert at(row["last_seen_at"]) <= at(row["reported_at"]), row
            assert not row["returned_at"] or at(row["reported_at"]) <= at(row["returned_at"]), row
    for row in year["involvements"]:
        assert row["start"] <= (row["end"] or "9999"), row


def test_no_child_is_missing_twice_at_once(year):
    for rows in by_child(year["episodes"]).values():
        for earlier, later in pairwise(rows):
            assert earlier["returned_at"], earlier
            assert at(earlier["returned_at"]) < at(later["last_seen_at"]), (earlier, later)
            assert not earlier["notified_at"] or at(earlier["notified_at"]) < at(later["last_seen_at"]), earlier


def test_every_child_is_under_18_when_it_goes_missing(year):
    born = {row["child_id"]: row["date_of_birth"] for row in year["children"]}
    for row in year["episodes"]:
        turns_18 = str(int(born[row["child_id"]][:4]) + 18) + born[row["child_id"]][4:]
        assert row["last_seen_at"][:10] < turns_18, row


def test_what_is_not_known_together_is_not_written_alone(year):
    for row in year["episodes"]:
        returned = bool(row["returned_at"])
        assert bool(row["return_precision"]) == bool(row["ended_how"]) == returned, row
        assert returned or not row["notified_at"], row
        assert bool(row["police_ref"]) == bool(row["police_risk"]) == bool(row["reported_at"]), row
    for row in year["interviews"]:
        held = row["outcome"] in {"completed", "part_completed"}
        assert bool(row["held_at"]) == bool(row["method"]) == held, row
        assert held or not row["written_up_at"], row
        assert bool(row["offered_at"]) == bool(row["offered_to"]), row
        assert not row["responded_at"] or row["offered_at"], row


def test_the_response_fits_who_was_asked_and_what_came_of_it(year):
    fitting = {
        "accepted": {"completed", "part_completed", "accepted_not_held", ""},
        "declined_by_child": {"declined", ""},
        "declined_by_parent": {"declined", ""},
        "no_response": {"no_contact"},
        "not_asked": {"no_contact", ""},
        "": {"no_contact", "not_offered", "not_required", ""},
    }
    for row in year["interviews"]:
        assert row["outcome"] in fitting[row["response"]], row
        assert row["offered_to"] or not row["response"], row
        assert row["response"] != "declined_by_child" or row["offered_to"] in {"child", "both"}, row
        assert row["response"] != "declined_by_parent" or (row["offered_to"], row["reason"]) in {
            ("parent", "by_parent"),
            ("parent", ""),  # not closed yet
        }, row


def test_a_date_only_return_is_midnight_of_a_later_day(year):
    rows = [row for row in year["episodes"] if row["return_precision"] == "date"]

    assert rows
    for row in rows:
        assert row["returned_at"].endswith("T00:00")
        assert row["returned_at"][:10] > row["last_seen_at"][:10]


def test_children_are_out_in_both_nights_in_which_the_clocks_change(year):
    for change in (datetime(2024, 3, 31, 1, tzinfo=UTC), datetime(2024, 10, 27, 1, tzinfo=UTC)):
        out = [
            row
            for row in year["episodes"]
            if at(row["last_seen_at"]) < change and row["returned_at"] and at(row["returned_at"]) > change
        ]
        assert len(out) >= 2


def test_even_the_smallest_set_has_a_child_out_in_a_night_in_which_the_clocks_change(tmp_path):
    files = generate(tmp_path, months=1, episodes_per_month=1, children_per_month=1, until=date(2024, 4, 1))

    assert [row["last_seen_at"][:10] for row in files["episodes"]] in (["2024-03-30"], ["2024-03-31"])


def test_an_offset_is_written_in_the_doubled_hour_only_and_there_always(year):
    with_offset = {text for text in times(year) if re.search(r"[+-]\d\d:\d\d$", text)}
    doubled = {text for text in times(year) if text.startswith("2024-10-27T01:")}

    assert with_offset == doubled
    assert {text[-6:] for text in with_offset} == {"+00:00", "+01:00"}


def test_no_time_falls_into_the_hour_that_does_not_exist(year):
    assert [text for text in times(year) if text.startswith("2024-03-31T01:")] == []
    assert [text for text in times(year) if text.startswith("2024-03-31T02:")] != []


def test_few_children_make_many_of_the_episodes(year):
    counts = sorted((len(rows) for rows in by_child(missing(year, WHOLE_MONTHS)).values()), reverse=True)
    busiest = Counter((row["child_id"], row["last_seen_at"][:7]) for row in missing(year, WHOLE_MONTHS))

    assert sum(counts[: len(counts) // 10]) > sum(counts) / 3
    assert counts.count(1) > len(counts) / 2
    assert sum(count >= 5 for count in busiest.values()) > 20
    assert max(busiest.values()) <= 20


def test_some_17_year_olds_go_missing_often_and_mostly_refuse(year):
    born = {row["child_id"]: row["date_of_birth"] for row in year["children"]}
    interviews = interview_of_each_episode(year)
    often = [rows for rows in by_child(missing(year, WHOLE_MONTHS)).values() if len(rows) >= 8]
    asked = [
        interviews[row["episode_id"]]
        for rows in often
        for row in rows
        if row["episode_id"] in interviews
        and row["last_seen_at"][:10] >= str(int(born[row["child_id"]][:4]) + 17) + born[row["child_id"]][4:]
    ]
    answered = [row["response"] for row in asked if row["response"] in {"accepted", "declined_by_child"}]

    assert answered.count("declined_by_child") > len(answered) * 0.35


def test_absences_mostly_start_in_the_evening_or_at_night_and_last_from_minutes_to_days(year):
    hours = [int(row["last_seen_at"][11:13]) for row in year["episodes"]]
    lengths = [
        at(row["returned_at"]) - at(row["last_seen_at"])
        for row in year["episodes"]
        if row["return_precision"] == "exact"
    ]

    assert sum(hour >= 17 or hour < 3 for hour in hours) > len(hours) * 0.6
    assert min(lengths) >= timedelta(minutes=40)
    assert timedelta(hours=4) < median(lengths) < timedelta(hours=12)
    assert timedelta(days=4) < max(lengths) <= timedelta(days=14)


def test_the_service_does_as_well_as_an_english_authority(year):
    interviews = interview_of_each_episode(year)
    rows = missing(year, WHOLE_MONTHS)
    met = [(row, interviews[row["episode_id"]]) for row in rows if row["episode_id"] in interviews]
    held = [at(interview["held_at"]) - at(row["returned_at"]) for row, interview in met if interview["held_at"]]
    offered = sum(bool(interview["offered_at"]) for _, interview in met)

    assert len(rows) * 0.65 < offered < len(rows) * 0.77
    assert len(rows) * 0.49 < len(held) < len(rows) * 0.60
    assert len(held) * 0.53 < sum(hours <= timedelta(hours=72) for hours in held) < len(held) * 0.67
    assert min(held) > timedelta(0)


def test_some_notifications_come_days_late(year):
    told = [at(row["notified_at"]) - at(row["returned_at"]) for row in year["episodes"] if row["notified_at"]]
    unknown = [row for row in year["episodes"] if row["returned_at"] and not row["notified_at"]]

    assert len(told) * 0.01 < sum(hours > timedelta(hours=72) for hours in told) < len(told) * 0.08
    assert unknown


def test_one_interview_serves_several_absences_where_the_child_went_missing_again_before_it(year):
    starts = {row["episode_id"]: at(row["last_seen_at"]) for row in year["episodes"]}
    returns = {row["episode_id"]: row["returned_at"] for row in year["episodes"]}
    several = [row for row in year["interviews"] if " " in row["episode_ids"]]

    assert len(several) > 100
    for row in several:
        episodes = row["episode_ids"].split()
        assert [starts[episode] for episode in episodes] == sorted(starts[episode] for episode in episodes)
        assert not row["held_at"] or at(row["held_at"]) > at(returns[episodes[-1]])


def test_interviews_are_written_up_in_time_late_and_not_at_all(year):
    held = [row for row in year["interviews"] if row["held_at"] and row["held_at"] < "2024-10"]
    waited = [at(row["written_up_at"]) - at(row["held_at"]) for row in held if row["written_up_at"]]
    late = [hours for hours in waited if hours > timedelta(hours=48)]
    never = len(held) - len(waited)

    assert len(held) * 0.15 < len(late) < len(held) * 0.4
    assert len(held) * 0.03 < never < len(held) * 0.12


def test_the_last_weeks_are_still_open_and_earlier_months_nearly_closed(year):
    interviews = interview_of_each_episode(year)

    def open_share(since: str, until: str) -> float:
        rows = [row for row in missing(year, [*WHOLE_MONTHS, "2024-11"]) if since <= row["last_seen_at"] < until]
        closed = [row for row in rows if interviews.get(row["episode_id"], {}).get("outcome")]
        return 1 - len(closed) / len(rows)

    assert open_share("2024-11-15", "2024-11-19") > 0.5
    assert 0 < open_share("2023-11-01", "2024-10-01") < 0.06
    assert [row for row in year["interviews"] if not row["outcome"] and row["offered_at"]]
    assert [row for row in year["episodes"] if not row["returned_at"]]


def test_an_interview_without_contact_was_tried_three_times_once_in_the_evening(year):
    tries = defaultdict(list)
    for row in year["attempts"]:
        tries[row["interview_id"]].append(row)
    rows = [row for row in year["interviews"] if row["outcome"] == "no_contact" and row["response"] != "no_response"]

    assert rows
    for row in rows:
        tried = tries[row["interview_id"]]
        assert len(tried) >= 3, row
        assert [attempt for attempt in tried if attempt["attempted_at"][11:] >= "17:00"], tried
        assert not {attempt["result"] for attempt in tried} & {"spoke_to_child"}, tried


def test_attempts_come_before_the_interview_and_at_different_times_of_day(year):
    held = {row["interview_id"]: row["held_at"] for row in year["interviews"] if row["held_at"]}
    hours = [int(row["attempted_at"][11:13]) for row in year["attempts"]]

    for row in year["attempts"]:
        if row["interview_id"] in held:
            assert at(row["attempted_at"]) <= at(held[row["interview_id"]]), row
    assert sum(hour < 12 for hour in hours) > len(hours) * 0.2
    assert sum(12 <= hour < 17 for hour in hours) > len(hours) * 0.1
    assert sum(hour >= 17 for hour in hours) > len(hours) * 0.1


def test_away_is_for_looked_after_children_and_a_small_part_of_theirs(year):
    away = [row for row in year["episodes"] if row["kind"] == "away"]
    of_the_looked_after = [row for row in year["episodes"] if looked_after(year, row)]

    assert all(looked_after(year, row) for row in away)
    assert 0.04 < len(away) / len(of_the_looked_after) < 0.12


def test_a_child_is_placed_only_while_looked_after_and_a_host_is_named_only_outside_our_area(year):
    other = {row["child_id"] for row in year["children"] if row["responsible_authority"]}
    for row in year["involvements"]:
        assert bool(row["placement_kind"]) == bool(row["placement_area"]) == (row["service"] == "looked_after"), row
        ours_elsewhere = row["placement_area"] in {"neighbouring", "out_of_area"} and row["child_id"] not in other
        assert bool(row["host_authority"]) == ours_elsewhere, row


def test_involvements_are_open_closed_several_at_once_and_without_a_worker_or_a_team(year):
    rows = year["involvements"]
    still_open = Counter(row["child_id"] for row in rows if not row["end"])
    none_open = {row["child_id"] for row in year["children"]} - set(still_open)
    workers = {
        (row["child_id"], row["service"], row["team"]): set() for row in rows if row["team"] and row["worker_email"]
    }
    for row in rows:
        if row["worker_email"]:
            workers[row["child_id"], row["service"], row["team"]].add(row["worker_email"])

    assert 0.2 < len(none_open) / len(year["children"]) < 0.5
    assert max(still_open.values()) >= 3
    assert sum(bool(row["end"]) for row in rows) > len(rows) * 0.2
    assert sum(bool(row["team"]) and not row["worker_email"] for row in rows) > len(rows) * 0.05
    assert [row for row in rows if not row["team"] and not row["worker_email"]]
    assert [key for key, names in workers.items() if len(names) > 1]


def test_a_worker_belongs_to_one_team(year):
    teams = defaultdict(set)
    for row in [*year["involvements"], *year["interviews"]]:
        if row["worker_email"]:
            teams[row["worker_email"]].add(row["team"])

    assert {email: names for email, names in teams.items() if len(names) > 1} == {}


def test_about_one_child_in_25_is_another_authoritys(year):
    others = [row["responsible_authority"] for row in year["children"] if row["responsible_authority"]]

    assert 0.02 < len(others) / len(year["children"]) < 0.06
    assert all(re.fullmatch(r"E(06|08|09|10)0000\d\d", code) for code in others)
    assert len(set(others)) > 5


def test_children_are_of_every_age_from_under_8_to_17(year):
    last_day = {row["child_id"]: row["last_seen_at"][:10] for row in year["episodes"]}
    ages = Counter(
        int(last_day[row["child_id"]][:4])
        - int(row["date_of_birth"][:4])
        - (last_day[row["child_id"]][5:] < row["date_of_birth"][5:])
        for row in year["children"]
    )

    assert min(ages) < 8
    assert max(ages) == 17
    assert ages[14] + ages[15] + ages[16] > sum(ages.values()) * 0.45


def test_numbers_and_addresses_belong_to_nobody(year):
    people = [*year["children"], *year["carers"]]

    assert {row["phone"][:9] for row in people} == {"07700 900", "01632 960", ""}
    assert all(row["email"].endswith("@family.example.org") for row in people if row["email"])
    for name in ("involvements", "interviews"):
        assert all(row["worker_email"].endswith("@example.org") for row in year[name] if row["worker_email"])
    assert all(re.fullmatch(r"(TA5|BA6)\d \d[A-Z]{2}", row["postcode"]) for row in year["children"])


def test_some_children_have_no_area_an_interpreter_a_home_of_their_own_or_a_restriction(year):
    rows = year["children"]

    assert 0 < sum(not row["area"] for row in rows) < len(rows) * 0.07
    assert all(row["language"] not in {"", "English"} for row in rows if row["interpreter_needed"] == "Y")
    assert {row["living_independently"] for row in rows} == {"Y", "N"}
    assert {row["restricted"] for row in rows} == {"Y", "N"}
    assert {row["safe_to_contact"] for row in year["carers"]} == {"Y", "N", ""}
    assert all(row["reason"] for row in year["carers"] if row["safe_to_contact"] == "N")


def test_the_records_end_today_when_no_date_is_given(tmp_path):
    files = generate(tmp_path, months=1)

    today = datetime.fromtimestamp((tmp_path / "children.csv").stat().st_mtime, LONDON).date()
    assert max(at(text).astimezone(LONDON).date() for text in times(files)) == today - timedelta(days=1)


def test_children_come_one_at_a_time_so_that_memory_does_not_grow():
    rows = invent(Wish(12, 60_000, 30_000, date(2024, 11, 1), 1))

    first = [next(rows)[0] for _ in range(3)]

    assert first[0] == "children.csv"


@pytest.mark.parametrize(
    ("options", "because"),
    [
        ({"until": date(2999, 1, 1)}, "lies in the future"),
        ({"episodes_per_month": 10, "children_per_month": 11}, "11 children cannot go missing in 10 episodes"),
        ({"episodes_per_month": 81, "children_per_month": 10}, "more than 8 for each of 10 children"),
        ({"months": 601}, "more than 600"),
    ],
)
def test_figures_that_no_records_can_have_are_refused_and_nothing_is_written(tmp_path, options, because):
    with pytest.raises(CommandError, match=because):
        call_command("generate_records", output=tmp_path / "records", **options)

    assert not (tmp_path / "records").exists()


@pytest.mark.parametrize("option", ["--months=0", "--months=-3", "--episodes-per-month=few", "--until=31/03/2024"])
def test_a_figure_or_date_that_cannot_be_read_is_refused_in_words(tmp_path, option):
    with pytest.raises(CommandError, match=r"is not a (whole number above 0|day such as 2026-03-29)"):
        call_command("generate_records", f"--output={tmp_path / 'records'}", option)

    assert not (tmp_path / "records").exists()


def test_records_that_are_there_are_never_replaced_by_invented_ones(tmp_path):
    extract = tmp_path / "children.csv"
    extract.write_text("child_id,first_name,last_name,date_of_birth\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"already holds children\.csv"):
        call_command("generate_records", output=tmp_path, months=1)

    assert [path.name for path in tmp_path.iterdir()] == ["children.csv"]
    assert extract.read_text(encoding="utf-8") == "child_id,first_name,last_name,date_of_birth\n"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("kept", encoding="utf-8")

    with pytest.raises(CommandError, match="is a file"):
        call_command("generate_records", output=notes, months=1)

    assert notes.read_text(encoding="utf-8") == "kept"
