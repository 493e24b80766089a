"""One interview for several episodes: each has its own outcome; there is one form, and one clock for it (4.18)."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command

from rhi.actions.contradictions import Settled
from rhi.actions.episodes_covered import take_in
from rhi.actions.form_facts import case_of
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.actions.signing import WriteUpRefused, write_up
from rhi.models import Interview, Outcome, SubmittedForm
from routing.models import Deadline, Referral
from tests.records import london
from tests.rhi.covering.conftest import of
from tests.rhi.writing import answer_all

pytestmark = pytest.mark.django_db

NOW = london("2026-05-20 09:00")


@pytest.fixture
def joined(apart, robin):
    """Three returns with a referral each, of which a person has made one; its interview was held."""
    for name in ("E2", "E3"):
        by_now = of(name).covered.get().episode_id
        take_in(apart["E1"], episode=by_now, because="One conversation.", by=robin, now=NOW)
    record_held(apart["E1"], held_at=london("2026-05-19 15:00"), method="face_to_face", by=robin, now=NOW)
    return Referral.objects.select_related("child", "version").get(pk=apart["E1"].pk)


def settle(referral, by, **outcomes):
    settled = {
        cover.episode_id: Settled(*outcomes[cover.episode.episode_id].split())
        for cover in referral.covered.select_related("episode")
        if cover.episode.episode_id in outcomes
    }
    record_outcomes(referral, settled=settled, although=True, by=by, now=NOW)
    answer_all(referral, by, case_of(referral).situation, at=NOW)


@pytest.mark.clause("SOM-4.18a")
def test_it_is_not_written_up_until_each_episode_has_its_own_outcome(joined, robin):
    settle(joined, robin, E1="covered", E3="completed")

    with pytest.raises(WriteUpRefused, match="Record what became of every episode first"):
        write_up(joined, by=robin, now=NOW)

    settle(joined, robin, E2="part_completed child_stopped")
    write_up(joined, by=robin, now=NOW)

    outcomes = Outcome.objects.values_list("episode__episode_id", "code", "reason")
    assert sorted(outcomes) == [
        ("E1", "covered", ""),
        ("E2", "part_completed", "child_stopped"),
        ("E3", "completed", ""),
    ]


@pytest.mark.clause("SOM-4.18b")
def test_three_episodes_have_one_form_and_one_write_up_clock(joined, robin):
    settle(joined, robin, E1="covered", E2="covered", E3="completed")
    write_up(joined, by=robin, now=NOW)

    document = SubmittedForm.objects.get().document
    episodes = next(section for section in document["sections"] if section["letter"] == "A")
    assert len(episodes["facts"]) == 3
    assert Interview.objects.exclude(written_up_at=None).count() == 1
    clock = Deadline.objects.get(name="write_up", met_at__isnull=False)
    assert (clock.referral, clock.episode, clock.due_at) == (joined, None, london("2026-05-21 15:00"))
    assert not Deadline.objects.filter(name="write_up").exclude(pk=clock.pk).exclude(settled="not_applicable").exists()


@pytest.mark.clause("SOM-4.18b")
def test_the_monthly_table_counts_three_episodes_done_and_one_child(joined, robin):
    settle(joined, robin, E1="covered", E2="covered", E3="completed")

    out = StringIO()
    call_command("monthly_table", "--from", "2026-05", "--to", "2026-05", "--format", "csv", stdout=out)
    may = {row["measure"]: row["2026-05"] for row in csv.DictReader(StringIO(out.getvalue()))}

    assert (may["Episodes with a return home interview done"], may["Missing episodes"]) == ("3", "3")
    assert may["Children with a return home interview done"] == "1"
