"""By whom the children of a month were interviewed: by somebody independent, or by whom else."""

from decimal import Decimal

import pytest

from reporting.cases import cases
from reporting.tables import Month, monthly
from rhi.models import Interview
from tests.records import NOW, bring, child, episode, interview, publish

pytestmark = pytest.mark.django_db

MAY = Month(2026, 5)
FIGURES = {
    "independent": "children_interviewed_by_independent",
    "elsewhere": "children_interviewed_elsewhere",
    "own worker": "children_interviewed_by_own_worker",
    "not recorded": "children_interviewed_by_not_recorded",
}


@pytest.fixture(autouse=True)
def procedure():
    return publish("croydon")


def interviewed(folder, *said, written_up_at="2026-05-14T09:00", held_at="2026-05-13T10:00"):
    """A child for each, interviewed and written up; what the form says is None where nothing is written up."""
    numbers = range(1, len(said) + 1)
    bring(
        folder,
        children=[child(f"C{number}") for number in numbers],
        episodes=[episode(f"E{number}", f"C{number}") for number in numbers],
        interviews=[
            interview(
                f"I{number}",
                f"C{number}",
                f"E{number}",
                held_at=held_at,
                outcome="completed",
                written_up_at=written_up_at if each is not None else "",
            )
            for number, each in zip(numbers, said, strict=True)
        ],
    )
    for number, each in zip(numbers, said, strict=True):
        Interview.objects.filter(reference=f"I{number}").update(independence=each or "")


def figures(month=MAY):
    values = monthly(month, month, now=NOW).values
    return {name: values[key][month] for name, key in FIGURES.items()}


def test_each_interview_that_was_written_up_counts_by_what_its_form_says(tmp_path):
    interviewed(
        tmp_path, "independent", "independent", "asked_for", "local_policy", "not_independent", "elsewhere", "", None
    )

    assert figures() == {"independent": 2, "elsewhere": 1, "own worker": 3, "not recorded": 1}
    assert monthly(MAY, MAY, now=NOW).values["independent_rate"][MAY] == Decimal("33.33")


def test_the_list_behind_each_figure_has_the_very_cases(tmp_path):
    interviewed(tmp_path, "independent", "asked_for", "elsewhere", "")

    for number, (name, key) in enumerate(FIGURES.items()):
        found = cases(key, MAY, now=NOW)
        expected = ["C1", "C3", "C2", "C4"][number]
        assert [case.child_id for case in found.page(1)] == [expected], name
    rate = cases("independent_rate", MAY, now=NOW)
    assert [(case.child_id, case.counts) for case in rate.page(1)] == [("C1", True), ("C2", False), ("C3", False)]


def test_it_counts_in_the_month_in_which_it_was_held(tmp_path):
    interviewed(tmp_path, "independent", held_at="2026-06-01T10:00", written_up_at="2026-06-02T10:00")

    assert figures()["independent"] == 0
    assert figures(Month(2026, 6))["independent"] == 1


def test_of_two_interviews_about_one_episode_each_counts_in_its_own_month(tmp_path):
    interviewed(tmp_path, "independent")
    again = interview("I2", episode_ids="E1", held_at="2026-06-01T10:00", written_up_at="2026-06-02T10:00")
    bring(tmp_path / "more", interviews=[again | {"outcome": "completed"}])
    Interview.objects.filter(reference="I2").update(independence="asked_for")

    june = Month(2026, 6)
    assert figures() == {"independent": 1, "elsewhere": 0, "own worker": 0, "not recorded": 0}
    assert figures(june) == {"independent": 0, "elsewhere": 0, "own worker": 1, "not recorded": 0}
    for month, key in ((MAY, "children_interviewed_by_independent"), (june, "children_interviewed_by_own_worker")):
        assert [case.reason for case in cases(key, month, now=NOW).page(1)] != []
        assert not cases(key, june if month == MAY else MAY, now=NOW).listed


def test_without_any_form_there_is_no_share(tmp_path):
    interviewed(tmp_path, "", None)

    assert monthly(MAY, MAY, now=NOW).values["independent_rate"][MAY] is None
