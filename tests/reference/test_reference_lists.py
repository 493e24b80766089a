"""The reference's lists, its rows by date and its narrowings must be right by themselves, too."""

from datetime import UTC, datetime

import pytest

from tests.reference.monthly_table import Counting, Narrowing, figures, monthly_cases
from tests.reference.small_cases import ANOTHER, HEADERS

COUNTING = Counting(our_code="E06000066", include_other_authorities=True)
NOW = datetime(2026, 4, 30, 11, tzinfo=UTC)
CHILDREN = ["ANN,Ann,Example,2012-03-06", "BOB,Bob,Example,2018-06-01", f"OLA,Ola,Example,2010-07-01,{ANOTHER}"]
EPISODES = [
    "E1,ANN,missing,2026-03-05T20:00,2026-03-06T02:00",
    "E2,BOB,missing,2026-03-09T20:00,2026-03-10T02:00",
    "E3,OLA,missing,2026-03-09T20:00",
]


def month(folder, name="2026-03", holders=None, interviews=(), involvements=(), **narrowing):
    """The cases of one month, from these records."""
    rows = {"children": CHILDREN, "episodes": EPISODES, "interviews": interviews, "involvements": involvements}
    for file, header in HEADERS.items():
        (folder / f"{file}.csv").write_text("\n".join([header, *rows[file]]))
    terms = {"counting": COUNTING, "now": NOW, "narrowing": Narrowing(**narrowing), "holders": holders}
    return monthly_cases(folder, first=name, last=name, **terms)[name]


def ids(episodes):
    return [episode.episode_id for episode in episodes]


def test_offers_and_interviews_are_counted_in_the_month_of_their_own_date(tmp_path):
    interviews = [
        "I1,ANN,E1,2026-03-31T23:59,child,,2026-04-01T00:00,completed",
        "I2,ANN,E1,2026-04-01T00:00,parent",
        "I3,BOB,E2,2026-04-02T10:00,,,2026-04-02T10:00,declined,ashamed",
    ]
    march, april = (month(tmp_path, name, interviews=interviews) for name in ("2026-03", "2026-04"))

    assert [ids(cases["children_offered_in_month"]) for cases in (march, april)] == [["E1"], ["E1"]]
    assert [ids(cases["children_interviewed_in_month"]) for cases in (march, april)] == [[], ["E1"]]
    assert (figures(march)["children_missing"], figures(april)["children_missing"]) == (3, 0)


@pytest.mark.parametrize(
    ("narrowing", "left"),
    [
        ({}, ["E1", "E2", "E3"]),
        ({"holder": "North"}, ["E2"]),
        ({"age": (14, 14)}, ["E1"]),
        ({"age": (13, 13)}, []),
        ({"age": (7, 15)}, ["E1", "E2", "E3"]),
        ({"looked_after": True}, ["E1"]),
        ({"looked_after": False}, ["E2", "E3"]),
        ({"whose": "ours"}, ["E1", "E2"]),
        ({"whose": "theirs"}, ["E3"]),
        ({"whose": "theirs", "looked_after": True}, []),
    ],
)
def test_narrowings_leave_what_they_say(tmp_path, narrowing, left):
    care = ["ANN,looked_after,2026-03-05", "BOB,looked_after,2026-03-10", "OLA,looked_after,2026-03-01"]

    cases = month(tmp_path, holders={"E2": "North"}, involvements=care, **narrowing)

    assert ids(cases["episodes"]) == left
    assert ids(cases["other_authority_episodes"]) == (["E3"] if "E3" in left or narrowing == {"whose": "ours"} else [])
