"""Invented records are like those of an English authority: how often, how late, how many."""

import re
from collections import Counter, defaultdict
from datetime import timedelta
from statistics import median

from tests.rhi.invention.records import WHOLE_MONTHS, Files, at, by_child, missing


def interview_of_each_episode(files: Files) -> dict[str, dict[str, str]]:
    return {episode: row for row in files["interviews"] for episode in row["episode_ids"].split()}


def looked_after(files: Files, episode: dict[str, str]) -> bool:
    day = episode["last_seen_at"][:10]
    return any(
        row["child_id"] == episode["child_id"]
        and row["service"] == "looked_after"
        and row["start"] <= day <= (row["end"] or "9999")
        for row in files["involvements"]
    )


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


def test_episodes_mostly_start_in_the_evening_or_at_night_and_last_from_minutes_to_days(year):
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


def test_one_interview_serves_several_episodes_where_the_child_went_missing_again_before_it(year):
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
