"""What happened before a given day is history: it is kept and fires nothing."""

from datetime import date

import pytest

from episodes.models import Episode
from routing.models import Referral, ReferralEpisode
from tests.records import bring, child, episode, interview, write
from tests.rhi.imports.runs import run

pytestmark = pytest.mark.django_db


def test_history_fires_nothing_and_stays_history(tmp_path, procedure):
    rows = [episode("old"), episode("new", last_seen_at="2026-05-31T20:00", returned_at="2026-06-01T00:00")]
    result = bring(tmp_path, children=[child()], episodes=rows, history_before=date(2026, 6, 1))
    assert (result.routed, ReferralEpisode.objects.get().episode.episode_id) == (1, "new")

    result = bring(tmp_path)
    assert result.routed == 0
    assert dict(Episode.objects.values_list("episode_id", "history")) == {"old": True, "new": False}


def test_history_with_an_interview_record_counts(tmp_path, procedure):
    held = interview(held_at="2026-05-13T10:00", outcome="completed")
    bring(tmp_path, children=[child()], episodes=[episode()], interviews=[held], history_before=date(2026, 6, 1))

    assert Episode.objects.get().outcome.code == "completed"
    assert Referral.objects.get().closed_at is not None


def test_an_episode_that_is_not_over_is_no_history(tmp_path, procedure):
    absence = episode(returned_at="")
    bring(tmp_path, children=[child()], episodes=[absence], history_before=date(2026, 6, 1))
    result = bring(tmp_path, episodes=[absence | {"returned_at": "2026-06-02T07:00"}], history_before=date(2026, 6, 1))

    assert result.routed == 1


def test_a_return_that_turns_out_to_be_later_is_history_no_more(tmp_path, procedure):
    bring(tmp_path, children=[child()], episodes=[episode()], history_before=date(2026, 6, 1))
    result = bring(tmp_path, episodes=[episode(returned_at="2026-06-02T07:00")], history_before=date(2026, 6, 1))

    assert result.routed == 1


def test_the_command_takes_the_day_before_which_all_is_history(tmp_path, procedure, last_week):
    write(tmp_path, "children", child())
    write(tmp_path, "episodes", episode(**last_week))
    run(tmp_path, "--history-before", "2026-01-13")

    assert Episode.objects.get().history
    assert not Referral.objects.exists()
