"""A run can be repeated: twice is once, in any order, and of a key that comes again the last row wins."""

import random
from datetime import timedelta

import pytest

from episodes.models import Child, Episode, Finding
from rhi.models import Interview
from routing.models import Deadline, Referral
from staff.models import AuditEvent
from tests import state
from tests.records import NOW, bring, child, episode, interview, involvement, publish, take, write
from tests.reference import record_sets
from tests.rhi.imports.runs import undone
from tests.soak import evidence, soak_count

pytestmark = pytest.mark.django_db


# Twice is once


def test_a_folder_taken_in_twice_changes_nothing_the_second_time(tmp_path):
    publish("wokingham")
    theirs = {"responsible_authority": "E09000008"}
    second = {"last_seen_at": "2026-05-11T22:00", "returned_at": "2026-05-12"}
    attempt = {"interview_id": "I1", "method": "phone", "contacted": "child", "result": "no_answer"}
    files = {
        "children": [child("C1"), child("C1", area="South"), child("C2", **theirs), child("C3"), child("C3", sex="?")],
        "carers": [{"child_id": each, "name": "Sam", "relationship": "mother"} for each in ("C1", "C1", "C2")],
        "involvements": [
            involvement(child_id="C1"),
            involvement(child_id="C1", worker_email="ben@example.org"),
            involvement("looked_after", "C2", host_authority="E10000016"),
        ],
        "episodes": [
            episode("E1"),
            episode("E2", **second),
            episode("E3", "C2"),
            episode("E4", "C3"),
            episode("E4", "C3", returned_at="2026-05-12T08:00"),
            episode("E5", "C3", returned_at="", ended_how="returned"),
            episode("E6", "C1", kind="away"),
        ],
        "interviews": [
            interview("I1", episode_ids="E1 E2", team="South", offered_at="2026-05-12T10:00", offered_to="both"),
            interview("I2", episode_ids="E1", team="West", held_at="2026-05-13T10:00", outcome="completed"),
            interview("I3", episode_ids="E2", worker_email="ann@example.org", response="declined_by_child"),
            interview("I3", episode_ids="E2 E6", worker_email="ben@example.org", outcome="declined"),
            interview("I4", "C2", "E3", offered_to="parent", response="accepted", outcome="not_required"),
        ],
        "attempts": [
            attempt | {"attempted_at": "2026-05-12T10:00"},
            attempt | {"attempted_at": "2026-05-12T09:00Z", "result": "left_message"},
            attempt | {"attempted_at": "2026-05-12T10:00", "contacted": "parent"},
        ],
    }
    for name, rows in files.items():
        write(tmp_path, name, *rows)
    _, rejects = take(tmp_path)
    assert [(each.file, each.line) for each in rejects] == [("children.csv", 6)]
    before = state.everything()

    result, _ = take(tmp_path, now=NOW + timedelta(days=1))

    assert state.everything() == before
    assert {(each.new, each.changed) for each in result.files} == {(0, 0)}
    assert (result.routed, result.findings.total()) == (0, 0)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_any_records_taken_in_twice_change_nothing_the_second_time(tmp_path, soak_seed):
    sets = soak_count(250)
    publish("somerset")
    now = record_sets.read_at(start=(2025, 8))
    for number in range(sets):
        seed, folder = f"{soak_seed}-{number}", tmp_path / str(number)
        folder.mkdir()
        record_sets.write_random_records(folder, random.Random(seed), start=(2025, 8))
        with undone():
            _, rejects = take(folder, now=now)
            before = state.everything()
            result, again = take(folder, now=now)
            assert state.everything() == before, seed
            assert {(each.new, each.changed) for each in result.files} == {(0, 0)}, seed
            assert again == rejects, seed
    evidence("twice_is_once", seed=soak_seed, n=sets, result="no row of any table differed")


#: What the files say, and what is derived from it. Which records share a referral can depend on which came first.
FACTS = [
    *("episodes.Authority", "episodes.Child", "episodes.Carer", "episodes.Involvement", "episodes.Episode"),
    *("episodes.Finding", "rhi.InterviewEpisode", "rhi.Attempt", "rhi.Offer", "rhi.Outcome"),
    *("staff.Membership", "staff.User"),
]


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_order_of_rows_makes_no_difference_to_the_facts(tmp_path, soak_seed):
    sets = soak_count(150)
    publish("somerset")
    period = record_sets.Period(2, (2026, 3))
    for number in range(sets):
        seed = f"{soak_seed}-{number}"
        rng = random.Random(seed)
        children = record_sets.random_children(rng)
        episodes = record_sets.random_episodes(rng, period, children)
        interviews = record_sets.random_interviews(rng, period, episodes)
        rows = {
            "children": children,
            "carers": record_sets.random_carers(rng, children),
            "involvements": unique(record_sets.random_involvements(rng, period, children, episodes)),
            "episodes": episodes,
            "interviews": interviews,
            "attempts": unique(record_sets.random_attempts(rng, interviews)),
        }
        ends = []
        for order in range(2):
            folder = tmp_path / f"{number}-{order}"
            for file, of_file in rows.items():
                if of_file:
                    write(folder, file, *rng.sample(of_file, len(of_file)))
            with undone():
                take(folder, now=period.now)
                ends.append(state.by_name(*FACTS))
        assert ends[0] == ends[1], seed
    evidence("order_of_rows", seed=soak_seed, n=sets, result="the same facts")


def unique(rows):
    """One row of each key: which of two wins does depend on their order."""
    names = ("interview_id", "attempted_at", "method", "contacted", "child_id", "service", "start")
    return list({tuple(row.get(name) for name in names): row for row in rows}.values())


def test_interviews_and_episodes_may_come_before_what_they_rest_on_and_go_in_when_it_has_come(tmp_path, procedure):
    rows = {"interviews": [interview(outcome="completed")], "episodes": [episode()], "children": [child()]}
    for name, of_file in rows.items():
        take_one(tmp_path / name, name, of_file)
    assert (Child.objects.count(), Episode.objects.count(), Interview.objects.count()) == (1, 0, 0)

    bring(tmp_path / "all", **rows)
    assert Interview.objects.get().outcome == "completed"


def take_one(folder, name, rows):
    write(folder, name, *rows)
    return take(folder)


def test_the_oldest_and_the_latest_days_that_can_be_read_do_no_harm(tmp_path, procedure):
    result = bring(
        tmp_path,
        children=[child(date_of_birth="1900-01-01")],
        involvements=[involvement(start="1900-01-01", end="2100-12-31"), involvement("assessment", start="2100-12-31")],
        episodes=[
            episode("first", last_seen_at="1900-01-01T00:00+14:00", returned_at="1900-01-02", notified_at=""),
            episode("E2", last_seen_at="1900-01-01T00:00", returned_at="", notified_at="1900-01-01T00:00-14:00"),
        ],
        interviews=[interview(episode_ids="first E2", held_at="1900-01-03", outcome="completed")],
    )

    assert [each.rejected for each in result.files] == [0, 0, 0, 0]
    assert {each.settled for each in Deadline.objects.all()} >= {"met", "not_applicable"}


def test_text_of_any_script_and_as_long_as_may_be_goes_in_to_the_letter(tmp_path, procedure):
    """One character of four bytes counts as one."""
    longest = "\U0001f469" * 200
    bring(
        tmp_path,
        children=[child("\U0001f469" * 50, first_name=longest, last_name="\u202e=", area="é" * 100)],
        involvements=[involvement(child_id="\U0001f469" * 50, team=longest)],
        episodes=[episode("\u200d" * 50, "\U0001f469" * 50, circumstances="ß" * 20_000, police_ref="=1+1")],
    )

    kept = Episode.objects.select_related("child").get()
    assert (kept.child.first_name, kept.child.last_name, kept.child.area) == (longest, "\u202e=", "é" * 100)
    assert (len(kept.circumstances), kept.police_ref) == (20_000, "=1+1")
    assert Referral.objects.count() == 1


# Keys that come again


def test_of_a_key_that_comes_again_the_last_row_that_can_be_taken_wins(tmp_path, procedure):
    rows = [
        child("C1", area="first"),
        child("C2", area="only"),
        child("C1", area="second"),
        child("C1", area="third", sex="?"),
    ]
    result, rejects = take_one(tmp_path, "children", rows)

    assert list(Child.objects.order_by("child_id").values_list("child_id", "area")) == [
        ("C1", "second"),
        ("C2", "only"),
    ]
    assert [(each.line, each.key) for each in rejects] == [(5, "C1")]
    assert result.findings[Finding.Kind.REPEATED_KEY] == 1


def test_a_last_row_that_cannot_be_taken_gives_way_to_the_one_before(tmp_path, procedure):
    bring(tmp_path / "children", children=[child()])
    rows = [
        episode("E1", police_ref="first"),
        episode("E1", police_ref="second"),
        episode("E1", police_ref="third", returned_at="2026-05-11T19:00"),
        episode("E1", "C7", police_ref="fourth"),
        episode("E2", police_ref="of another"),
        episode("E3", "C7"),
        episode("E3", "C8"),
    ]
    result, rejects = take_one(tmp_path / "episodes", "episodes", rows)

    assert dict(Episode.objects.values_list("episode_id", "police_ref")) == {"E1": "second", "E2": "of another"}
    assert sorted(each.line for each in rejects) == [4, 5, 7, 8]
    [tally] = result.files
    assert (tally.read, tally.new, tally.changed, tally.unchanged, tally.rejected) == (7, 2, 0, 0, 4)


def test_a_file_that_holds_everything_twice_is_not_kept_in_memory(tmp_path, procedure):
    """Only lines are remembered; the rows are read again."""
    rows = [child(f"C{number}") for number in range(700)]
    result, rejects = take_one(tmp_path, "children", [*rows, *rows])

    assert (result.files[0].read, result.files[0].new, rejects) == (1400, 700, [])
    assert sorted(event.detail["new"] for event in AuditEvent.objects.filter(type="records_imported")) == [200, 500]
