"""A correction and an import that meet leave what the facts of both say."""

import pytest
from django.db import transaction

from episodes.models import Episode
from rhi.actions.corrections import correct_episode
from rhi.models import Outcome
from tests.jobs.conftest import processes
from tests.records import NOW, bring, child, episode, interview, london, publish, take, write
from tests.rhi.deadlines.books import stored, worked_out
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


HELD = interview(episode_ids="E1 E2", held_at="2026-05-15T10:00", outcome="completed")
SPOKEN_TO = {
    "interview_id": "I1",
    "attempted_at": "2026-05-14T12:00",
    "method": "phone",
    "contacted": "child",
    "result": "spoke_to_child",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "row", "codes"),
    [("interviews", HELD, {"E1": "completed", "E2": "covered"}), ("attempts", SPOKEN_TO, {})],
    ids=["interviews", "attempts"],
)
def test_a_correction_and_an_import_that_meet_leave_what_the_facts_of_both_say(elsewhere, tmp_path, file, row, codes):
    publish("somerset")
    second = episode("E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00")
    rows = {"children": [child()], "episodes": [episode("E1"), second], "interviews": [interview(episode_ids="E1 E2")]}
    bring(tmp_path / "before", **rows)
    write(tmp_path / "after", file, row)
    corrected, imported = processes.Event(), processes.Event()

    @transaction.atomic
    def correct_one():
        values = {"returned_at": london("2026-05-14 07:00"), "notified_at": london("2026-05-14 08:00")}
        correct_episode(Episode.objects.get(episode_id="E1"), values=values, by=make_person(), now=NOW)
        corrected.set()
        imported.wait(1)  # in vain, when the import has to wait for the correction

    def import_what_comes_after():
        corrected.wait(30)
        take(tmp_path / "after")
        imported.set()

    started = [elsewhere.start(correct_one), elsewhere.start(import_what_comes_after)]
    for process in started:
        process.join(60)

    assert elsewhere.call(lambda: stored() == worked_out())
    assert elsewhere.call(lambda: dict(Outcome.objects.values_list("episode__episode_id", "code"))) == codes
