"""An interview that Robin holds and writes up, and who else works here."""

import pytest

from rhi.actions.contradictions import Settled
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.actions.signing import sign_off, write_up
from rhi.questions.shapes import Situation
from routing.models import Referral
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.reading.written import HELD_AT, NOW
from tests.rhi.writing import answer_all, member
from tests.staff.people import make_person


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def sam(referral):
    return member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)


@pytest.fixture
def priya(referral):
    return make_person("priya.dean@example.org", "Priya Dean", Role.COORDINATOR)


@pytest.fixture
def morgan(referral):
    return make_person("morgan.ellis@example.org", "Morgan Ellis", Role.MANAGER)


@pytest.fixture
def held(referral, robin):
    """Held, with an outcome and every answer."""
    record_held(referral, held_at=HELD_AT, method="face_to_face", by=robin, now=NOW)
    [cover] = referral.covered.all()
    settled = {cover.episode_id: Settled("completed", "")}
    record_outcomes(referral, settled=settled, although=True, by=robin, now=NOW)
    answer_all(referral, robin, Situation(held=True), at=NOW)
    return referral


@pytest.fixture
def written_up(held, robin, priya):
    write_up(held, by=robin, now=NOW)
    return held


@pytest.fixture
def signed_off(written_up, sam):
    sign_off(written_up, by=sam, now=london("2026-05-14 12:00"))
    return written_up
