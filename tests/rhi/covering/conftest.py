import pytest

from procedures.actions import source
from routing import actions as routing
from routing.actions import Holder
from routing.models import Referral
from staff.models import Team
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import TAUNTON, member

SECOND = {"last_seen_at": "2026-05-14T20:00", "returned_at": "2026-05-15T07:00", "notified_at": "2026-05-15T09:00"}
THIRD = {"last_seen_at": "2026-05-18T20:00", "returned_at": "2026-05-19T07:00", "notified_at": "2026-05-19T09:00"}


@pytest.fixture
def apart(tmp_path):
    """One child with three returns, each in a referral of its own: the procedure lets none join another."""
    text = source("somerset").replace("[[routing.rules]]", "joining = false\n\n[[routing.rules]]", 1)
    publish("somerset", text=text)
    rows = [episode("E1"), episode("E2", **SECOND), episode("E3", **THIRD)]
    bring(tmp_path, children=[child()], episodes=rows)
    found = {cover: of(cover) for cover in ("E1", "E2", "E3")}
    assert len({referral.pk for referral in found.values()}) == 3
    return found


@pytest.fixture
def together(tmp_path):
    """One child with three returns in one referral, as the procedure has it."""
    publish("somerset")
    rows = [episode("E1"), episode("E2", **SECOND), episode("E3", **THIRD)]
    bring(tmp_path, children=[child()], episodes=rows)
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def robin(request):
    request.getfixturevalue("apart" if "apart" in request.fixturenames else "together")
    return member("robin.hale@example.org", "Robin Hale")


def of(name):
    return Referral.objects.select_related("child", "version").get(covered__episode__episode_id=name)


def give(referral, person, *, at="2026-05-19 12:00"):
    holder = Holder(Team.objects.get(name=TAUNTON), person, rule="", because="Given", by=person)
    routing.allocate([(referral, holder, london(at))])
