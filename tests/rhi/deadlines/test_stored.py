"""What is stored of a deadline, and what a correction moves."""

import pytest

from episodes.actions import CorrectionRefused
from episodes.models import Episode
from procedures.actions import source
from rhi.actions.corrections import correct_episode
from staff import audit
from staff.models import AuditEvent
from tests import state
from tests.records import NOW, bring, child, episode, interview, london, publish
from tests.rhi.deadlines.books import due, stored
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


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
def test_an_episode_that_comes_later_moves_the_clocks_of_the_one_before_as_the_procedure_says(
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
