"""What the coordinator does by hand: an episode, its return and a correction, in every way of going about it."""

from datetime import timedelta

import pytest

from episodes.models import Episode
from procedures.calendar import LONDON
from rhi.wording import moment
from routing.models import ClockName, Deadline, Referral
from staff.models import AuditEvent
from tests.records import bring, child
from tests.staff.people import now

WRITTEN = ["child_searched", "episode_recorded", "return_recorded", "referrals_routed", "record_corrected"]


@pytest.fixture
def sky(desk, tmp_path):
    """A child whom the records know, and who was never missing."""
    bring(tmp_path / "later", children=[child("C20", first_name="Sky", last_name="Ward")])


def on_the_wall(ago):
    """A local time to the minute, so long ago."""
    return (now() - ago).astimezone(LONDON).replace(second=0, microsecond=0)


def test_a_coordinator_records_an_episode_and_a_return_and_corrects_it(desk, sky, walk):
    priya = walk(desk.coordinator)
    seen, back, right = (on_the_wall(timedelta(hours=hours)) for hours in (9, 3, 4))

    find(priya, "Sky Ward")
    record_an_absence(priya, seen)
    episode = Episode.objects.get(child__child_id="C20")
    assert (episode.kind, episode.last_seen_at, episode.returned_at) == ("missing", seen, None)
    assert (episode.source, episode.police_ref) == ("police", "AS-2001")

    record_the_return(priya, back)
    episode.refresh_from_db()
    assert (episode.returned_at, episode.return_precision, episode.ended_how) == (back, "exact", "returned")
    due = Deadline.objects.filter(referral=Referral.objects.get(covered__episode=episode))
    assert due.get(name=ClockName.SEVENTY_TWO_HOURS).due_at == back + timedelta(hours=72)

    look_at_a_correction(priya, right)
    priya.reads(f"Was {said(back)} Will be {said(right)}")
    priya.reads(f"Was Due {said(back + timedelta(hours=72))}")
    episode.refresh_from_db()
    assert episode.returned_at == back

    priya.press("Save the correction")
    priya.sees("Sky Ward")
    priya.reads("The episode is corrected.")
    episode.refresh_from_db()
    assert (episode.returned_at, episode.police_ref) == (right, "AS-2001")
    assert due.get(name=ClockName.SEVENTY_TWO_HOURS).due_at == right + timedelta(hours=72)
    trail = AuditEvent.objects.filter(type__in=WRITTEN, by_id=desk.coordinator.pk).order_by("pk")
    assert [line.type for line in trail] == WRITTEN
    assert {tuple(line.children) for line in trail} == {("C20",)}
    assert trail[4].detail["fields"] == ["return_precision", "returned_at"]
    assert priya.complaints == []


def said(at):
    return moment(at, now=now())


def find(priya, name):
    priya.sees("My work")
    priya.follow("Find a child")
    priya.sees("Find a child")
    priya.write("Name, person ID or police reference", name)
    priya.press("Find")
    priya.sees("Find a child")
    priya.follow(name)
    priya.sees(name)


def record_an_absence(priya, seen):
    priya.follow("Record an episode")
    priya.sees("Record an episode")
    priya.choose("Missing")
    priya.time("Last seen", seen)
    priya.choose("Not yet")
    priya.pick("Who told us", "Police")
    priya.write("Police reference", "AS-2001")
    priya.press("Record the episode")
    priya.sees("Sky Ward")
    priya.reads("Missing now, since")


def record_the_return(priya, back):
    priya.press("Record the return")
    priya.sees("Record a return")
    priya.choose("The time is known")
    priya.time("When the child came back", back)
    priya.pick("How the episode ended", "Came back")
    priya.press("Record the return")
    priya.sees("Return home interview")
    priya.reads("The return is recorded. A referral is open")


def look_at_a_correction(priya, right):
    priya.follow("Correct")
    priya.sees("Correct an episode")
    priya.time("When the child came back", right)
    priya.press("Continue")
    priya.sees("Check the correction")
