"""The list behind a figure, what narrows both, and what changes them."""

import pytest

from procedures import actions
from reporting import measures
from reporting.cases import cases
from reporting.measures import Difference, Rate
from reporting.narrowing import NOT_NARROWED, Narrowing
from reporting.tables import Month, monthly
from rhi.models import Interview
from rhi.views import procedure_words
from routing.models import Allocation, Referral
from staff.models import Team
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish

pytestmark = pytest.mark.django_db

MARCH = Month(2026, 3)
SOMERSET = "E10000027"


@pytest.fixture(autouse=True)
def procedure():
    return publish("croydon")


def absence(episode_id, child_id="C1", day="2026-03-10", **cells):
    return episode(episode_id, child_id, **{"last_seen_at": f"{day}T22:00", "returned_at": f"{day}T23:00", **cells})


def listed(key, month=MARCH, **narrowing):
    return [case.episode_id for case in cases(key, month, now=NOW, narrowing=Narrowing(**narrowing)).page(1)]


# The list


def test_a_children_s_figure_lists_every_episode_for_which_a_child_counts(tmp_path):
    rows = [absence("E1"), absence("E2", day="2026-03-12"), absence("E3", "C2"), absence("E4", day="2026-04-02")]
    bring(tmp_path, children=[child("C1"), child("C2")], episodes=rows)

    behind = cases("children_missing", MARCH, now=NOW)
    assert (behind.number, behind.children, behind.episodes) == (2, 2, 3)
    assert [(case.episode_id, case.child_id) for case in behind.page(1)] == [("E1", "C1"), ("E3", "C2"), ("E2", "C1")]


def test_an_episode_with_several_records_is_listed_once(tmp_path):
    rows = [interview(f"I{n}", offered_at=f"2026-03-1{n}T10:00", offered_to="both") for n in (1, 2, 3)]
    bring(tmp_path, children=[child()], episodes=[absence("E1")], interviews=rows)

    behind = cases("episodes_offered", MARCH, now=NOW)
    assert (behind.number, behind.episodes, len(behind.page(1))) == (1, 1, 1)


def test_a_rate_lists_its_whole_with_its_part_first(tmp_path):
    days = ["2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"]
    rows = [absence(f"E{number}", day=day) for number, day in enumerate(days)]
    done = [
        interview("I1", episode_ids="E1", outcome="completed"),
        interview("I3", episode_ids="E3", outcome="covered"),
    ]
    bring(tmp_path, children=[child()], episodes=rows, interviews=done)

    behind = cases("episodes_done_rate", MARCH, now=NOW)
    assert str(behind.number) == "50.00"
    assert [(case.episode_id, case.counts) for case in behind.page(1)] == [
        ("E1", True),
        ("E3", True),
        ("E0", False),
        ("E2", False),
    ]


def test_a_rate_of_children_is_checked_by_child(tmp_path):
    rows = [absence("E1"), absence("E2", day="2026-03-12"), absence("E3", "C2"), absence("E4", "C2", day="2026-03-13")]
    offer = interview(offered_to="child", offered_at="2026-03-13T10:00", episode_ids="E2")
    bring(tmp_path, children=[child("C1"), child("C2")], episodes=rows, interviews=[offer])

    behind = cases("offer_rate", MARCH, now=NOW)
    assert (str(behind.number), behind.part, behind.whole, behind.unit) == ("50.00", 1, 2, "children")
    assert [(case.episode_id, case.counts, case.reason) for case in behind.page(1)] == [
        ("E1", True, "The child counts: offered for another episode of the month"),
        ("E2", True, "Offered to the child on Fri 13 March 2026 at 10:00"),
        ("E3", False, "No offer is recorded"),
        ("E4", False, "No offer is recorded"),
    ]


def test_of_nothing_the_list_is_empty_and_a_rate_is_none():
    behind = cases("offer_rate", MARCH, now=NOW)

    assert (behind.number, behind.episodes, behind.children, behind.pages(), behind.page(1)) == (None, 0, 0, 1, [])


def test_pages_follow_each_other_without_gap_or_repetition(tmp_path):
    rows = [absence(f"E{number:02}", day=f"2026-03-{number:02}") for number in range(1, 12)]
    bring(tmp_path, children=[child()], episodes=rows)

    behind = cases("episodes", MARCH, now=NOW)
    assert [len(behind.page(number, size=4)) for number in (1, 2, 3, 4)] == [4, 4, 3, 0]
    assert [case.episode_id for number in (1, 2, 3) for case in behind.page(number, size=4)] == [
        f"E{number:02}" for number in range(1, 12)
    ]
    assert (behind.pages(4), behind.pages(11), behind.pages(12)) == (3, 1, 1)


@pytest.mark.parametrize("key", ["nothing", "", "held_at_known_time"])
def test_what_the_table_does_not_show_has_no_list(key):
    with pytest.raises(KeyError):
        cases(key, MARCH, now=NOW)


def test_what_is_left_over_lists_the_whole_without_its_part(tmp_path):
    in_time, late = "2026-03-12T10:00", "2026-03-20T10:00"
    rows = [absence(f"E{number}", day="2026-03-10") for number in range(1, 6)]
    rows += [absence("E6", day="2026-06-14")]
    records = [
        interview("I1", episode_ids="E1", outcome="completed", held_at=in_time),
        interview("I2", episode_ids="E2", outcome="completed", held_at=late),
        interview("I3", episode_ids="E3", outcome="completed", held_at=late),
        interview("I3b", episode_ids="E3", outcome="completed", held_at=in_time),
        interview("I4", episode_ids="E4", held_at=in_time),
    ]
    bring(tmp_path, children=[child()], episodes=rows, interviews=records)

    assert listed("in_time") == ["E1", "E3", "E4"]
    assert listed("late") == ["E2"]
    assert listed("open_late") == ["E5"]
    assert listed("open_in_time", Month(2026, 6)) == ["E6"]


# Queries


def many(tmp_path, number):
    """So many children of ours in care, each with an interview that was offered twice and held."""
    ids = [f"C{each}" for each in range(number)]
    bring(
        tmp_path / str(number),
        children=[child(each) for each in ids],
        involvements=[involvement("looked_after", each) for each in ids],
        episodes=[absence(f"E{each}", each) for each in ids],
        interviews=[
            interview(
                f"I{each}",
                each,
                f"E{each}",
                offered_at="2026-03-11T10:00",
                offered_to="both",
                outcome="completed",
                held_at="2026-03-12T10:00",
            )
            for each in ids
        ],
    )


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("key", ["episodes_offered", "offer_rate", "children_offered_in_month"])
def test_a_list_costs_the_same_however_long_it_is(tmp_path, django_assert_num_queries, rows, key):
    many(tmp_path, rows)

    with django_assert_num_queries(2):  # versions, the number
        behind = cases(key, MARCH, now=NOW)
    with django_assert_num_queries(3):  # the page, its interviews, its offers
        assert len(behind.page(1)) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_of_looked_after_children_costs_one_query_more(tmp_path, django_assert_num_queries, rows):
    many(tmp_path, rows)

    behind = cases("looked_after_done_rate", MARCH, now=NOW)
    with django_assert_num_queries(4):  # the page, its interviews, its offers, its stays in care
        assert len(behind.page(1)) == rows


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("narrowing", [NOT_NARROWED, Narrowing(1, "Taunton", "13-15", "yes", "ours")])
def test_the_table_costs_the_same_however_much_it_counts(tmp_path, django_assert_num_queries, rows, narrowing):
    many(tmp_path, rows)

    # versions; counted, looked after, theirs, away, by offer, by interview; the earliest episode
    with django_assert_num_queries(8):
        monthly(MARCH, Month(2026, 5), now=NOW, narrowing=narrowing)


# Narrowing


def test_nothing_narrows_unless_something_is_chosen():
    assert not Narrowing()
    for chosen in ({"team": 3}, {"area": "Taunton"}, {"age": "0-7"}, {"looked_after": "no"}, {"whose": "both"}):
        assert Narrowing(**chosen)


@pytest.mark.parametrize("chosen", [{"age": "14"}, {"looked_after": "maybe"}, {"whose": "everybody"}])
def test_a_filter_that_is_not_understood_is_refused_rather_than_ignored(chosen):
    with pytest.raises(ValueError, match="is none of"):
        Narrowing(**chosen)


def test_the_team_is_that_which_holds_the_referral_or_was_the_last_to_hold_it(tmp_path):
    rows = [absence("E1"), absence("E2", "C2"), absence("E3", "C3"), absence("E4", "C4", returned_at="")]
    bring(tmp_path, children=[child(f"C{number}") for number in (1, 2, 3, 4)], episodes=rows)
    ours = Team.objects.get(name="Missing Team")
    north = Team.objects.create(name="North")
    passed_on, gone = Referral.objects.filter(covered__episode__episode_id__in=["E2", "E3"]).order_by("child__child_id")
    Allocation.objects.filter(referral__in=[passed_on, gone]).update(until=NOW)
    holder = {"child": passed_on.child, "referral": passed_on, "since": NOW, "because": "better placed"}
    Allocation.objects.create(**holder, team=north)
    Allocation.objects.create(**holder | {"child": gone.child, "referral": gone}, team=None)

    assert listed("episodes", team=ours.pk) == ["E1", "E3"]
    assert listed("episodes", team=north.pk) == ["E2"]
    assert listed("episodes") == ["E1", "E2", "E3", "E4"]


def test_the_area_is_the_child_s(tmp_path):
    children = [child("C1", area="North"), child("C2", area="South"), child("C3", area="")]
    bring(tmp_path, children=children, episodes=[absence("E1"), absence("E2", "C2"), absence("E3", "C3")])

    assert listed("episodes", area="South") == ["E2"]


@pytest.mark.parametrize(
    ("born", "returned", "band"),
    [
        ("2018-03-11", "2026-03-10T23:59", "0-7"),
        ("2018-03-11", "2026-03-11T00:00", "8-12"),
        ("2013-03-12", "2026-03-11T23:59", "8-12"),
        ("2013-03-11", "2026-03-11T12:00", "13-15"),
        ("2008-02-29", "2026-02-28T12:00", "16-17"),
        ("2008-02-29", "2026-03-01T12:00", "18"),
        ("2010-02-28", "2026-02-28T00:00", "16-17"),
        ("2009-12-31", "2026-01-01T12:00", "16-17"),
        ("2013-03-10", "", "13-15"),
        ("2013-03-11", "", "8-12"),
    ],
)
def test_age_is_in_years_on_the_day_of_return_or_when_last_seen(tmp_path, born, returned, band):
    seen = "2026-01-01T00:30" if returned < "2026-02" and returned else "2026-02-25T20:00"
    seen = seen if returned else "2026-03-10T22:00"
    rows = [absence("E1", last_seen_at=seen, returned_at=returned)]
    bring(tmp_path, children=[child(date_of_birth=born)], episodes=rows)

    month = Month(2026, int(seen[5:7]))
    found = [each for each in ("0-7", "8-12", "13-15", "16-17", "18") if listed("episodes", month, age=each)]
    assert found == [band]


def test_looked_after_is_a_matter_of_the_day_of_going_missing_and_of_our_own_children(tmp_path):
    theirs = child("C3", responsible_authority=SOMERSET)
    care = [
        involvement("looked_after", "C1"),
        involvement("looked_after", "C2", start="2026-03-11"),
        involvement("looked_after", "C3"),
    ]
    rows = [absence("E1"), absence("E2", "C2"), absence("E3", "C3")]
    bring(tmp_path, children=[child("C1"), child("C2"), theirs], involvements=care, episodes=rows)

    assert listed("episodes", whose="both", looked_after="yes") == ["E1"]
    assert listed("episodes", whose="both", looked_after="no") == ["E2", "E3"]


def test_whose_children_changes_what_is_counted_and_leaves_what_is_shown_apart(tmp_path):
    rows = [absence("E1"), absence("E2", "C2"), absence("E3", kind="away"), absence("E4", "C2", kind="away")]
    theirs = child("C2", responsible_authority=SOMERSET)
    bring(tmp_path, children=[child("C1"), theirs], episodes=rows)

    assert [listed("episodes", whose=whose) for whose in ("", "ours", "theirs", "both")] == [
        ["E1"],
        ["E1"],
        ["E2"],
        ["E1", "E2"],
    ]
    for whose in ("", "ours", "theirs", "both"):
        assert listed("other_authority_episodes", whose=whose) == ["E2"]
        assert listed("away_episodes", whose=whose) == ["E3"]


# What changes a figure

#: Each line of the procedure page that a measure can name, with what changes it in the procedure's text.
LINES = {
    "Episodes": ("[counting]\n", '[counting]\nkinds = ["missing", "away"]\n'),
    "Month of an episode": ('month_of = "last_seen"', 'month_of = "returned"'),
    "Other authorities’ children": ("include_other_authorities = false", "include_other_authorities = true"),
    "Working days": ("[counting]\n", "[working_time]\nclosure_days = [2026-03-03]\n[counting]\n"),
}
THE_NEXT_DAY = london("2026-04-02 12:00")
#: Last seen, returned, and what the interview record says: each of another child, some moving into another month.
COURSES = [
    ("2026-03-31T22:00", "2026-04-01T01:00", {"outcome": "completed", "held_at": "2026-04-01T10:00"}),
    ("2026-03-31T22:00", "2026-04-01T01:00", {"outcome": "completed", "held_at": "2026-04-01T10:00"}),
    ("2026-03-31T22:00", "2026-04-01T01:00", {"response": "declined_by_child"}),
    ("2026-03-31T22:00", "2026-04-01T01:00", {}),
    ("2026-02-28T22:00", "2026-03-02T08:00", {"outcome": "completed", "held_at": "2026-03-06T09:00"}),
    ("2026-03-02T05:00", "2026-03-02T08:00", {"outcome": "completed", "held_at": "2026-03-06T09:00"}),
    ("2026-02-28T22:00", "2026-03-01T03:00", {"offered_at": "", "response": ""}),
    ("2026-03-05T22:00", "2026-03-06T03:00", {"offered_at": "", "response": ""}),
    *[("2026-03-05T22:00", "2026-03-06T03:00", {"outcome": "completed", "held_at": "2026-03-06T09:00"})] * 4,
]
#: What the forms of the last four say of the interviewer; a file says nothing of it.
SAID = dict(zip(range(8, 12), ["independent", "elsewhere", "asked_for", ""], strict=True))


@pytest.mark.parametrize("line", LINES)
def test_a_setting_changes_those_figures_that_name_it_and_no_other(tmp_path, procedure, line):
    every_course(tmp_path)
    before = figures()
    as_written, changed = LINES[line]
    assert procedure.text.count(as_written) == 1

    publish("croydon", text=procedure.text.replace(as_written, changed))

    after = figures()
    assert {key for key in before if before[key] != after[key]} == {
        measure.key for measure in measures.MEASURES if line in measure.settings
    }


def every_course(folder):
    """Every course of an episode, of our own children and of another authority's, missing and away; all in care."""
    rows = {"children": [], "involvements": [], "episodes": [], "interviews": []}
    said_by = {}
    for authority in ("", SOMERSET):
        for kind in ("missing", "away"):
            # One more of those that were counted before, so that no rate stays as it was.
            as_before = [7, 8] if (authority, kind) == ("", "missing") else []
            for turn, number in enumerate([*range(len(COURSES)), *as_before]):
                seen, back, said = COURSES[number]
                key = f"{authority}-{kind}-{turn}"
                if number in SAID:
                    said_by[key] = SAID[number]
                rows["children"].append(child(key, responsible_authority=authority))
                rows["involvements"].append(involvement("looked_after", key))
                times = {"last_seen_at": seen, "returned_at": back, "notified_at": back}
                rows["episodes"].append(episode(key, key, kind=kind, **times))
                offer = {"offered_at": back, "offered_to": "child", "response": "accepted"}
                rows["interviews"].append(interview(key, key, key, **offer | said))
    bring(folder, now=THE_NEXT_DAY, **rows)
    for key, said in said_by.items():
        Interview.objects.filter(reference=key).update(written_up_at=THE_NEXT_DAY, independence=said)


def figures():
    table = monthly(MARCH, MARCH, now=THE_NEXT_DAY)
    return {key: values[MARCH] for key, values in table.values.items() if key in TABLE}


TABLE = {measure.key for measure in measures.MEASURES}


def test_every_setting_is_named_as_on_the_procedure_page(procedure):
    sections = procedure_words.sections(procedure.procedure, actions.source("croydon"))
    named = {line.name for section in sections for line in section.lines}

    assert {line for measure in measures.MEASURES for line in measure.settings} == set(LINES)
    assert set(LINES) <= named


def test_a_rate_or_difference_and_what_it_is_made_of_look_at_the_same_episodes():
    made = [measure for measure in measures.MEASURES if isinstance(measure, Rate | Difference)]

    assert made
    for measure in made:
        whole, part = measures.counted(measure.whole), measures.counted(measure.part)
        assert {whole.over, part.over} == {measure.over}
        assert not whole.by_working_days
        assert not part.by_working_days
