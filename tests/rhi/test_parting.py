"""An interview held before a later return of its referral: that return keeps its clocks, and gets its own interview."""

import re

import pytest
from django.urls import reverse

from rhi.actions import contact
from rhi.actions.contradictions import OutcomeRefused, Settled
from rhi.actions.outcomes_by_hand import HeldBeforeReturn, record_held, record_outcomes
from rhi.models import Appointment, Attempt, Interview, InterviewEpisode, Offer
from routing import actions as routing
from routing.actions import Holder
from routing.models import Allocation, Deadline, Referral
from staff.models import AuditEvent, Team
from tests.records import bring, child, episode, london, publish
from tests.rhi.writing import TAUNTON, member, words

pytestmark = pytest.mark.django_db

HELD_AT = london("2026-05-13 10:00")
NOW = london("2026-05-28 09:00")
LATER = {"last_seen_at": "2026-05-26T20:00", "returned_at": "2026-05-27T07:00", "notified_at": "2026-05-27T08:00"}


@pytest.fixture
def referral(tmp_path):
    """A child who came back on 12 May and, while the referral was still open, again on the 27th."""
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode("E1"), episode("E2", **LATER)])
    return Referral.objects.select_related("child", "version").get()


@pytest.fixture
def robin(referral):
    person = member("robin.hale@example.org", "Robin Hale")
    holder = Holder(Team.objects.get(name=TAUNTON), person, rule="", because="Given")
    routing.allocate([(referral, holder, london("2026-05-12 12:00"))])
    return person


def hold(referral, by, *, although=True, at=HELD_AT):
    return record_held(referral, held_at=at, method="face_to_face", although=although, by=by, now=NOW)


def covers(referral):
    return [cover.episode.episode_id for cover in referral.covered.order_by("pk")]


def seventy_two_hours(of):
    return Deadline.objects.get(name="seventy_two_hours", episode__episode_id=of)


def test_an_interview_before_a_later_return_is_asked_about(referral, robin):
    with pytest.raises(HeldBeforeReturn, match=r"The child went missing again and came back Wed 27 May, 07:00"):
        hold(referral, robin, although=False)

    assert not Interview.objects.exists()
    assert covers(referral) == ["E1", "E2"]


def test_the_later_return_keeps_its_clock_in_a_referral_of_its_own(referral, robin):
    hold(referral, robin)

    other = Referral.objects.exclude(pk=referral.pk).get()
    assert (covers(referral), covers(other)) == (["E1"], ["E2"])
    assert (seventy_two_hours("E1").met_at, seventy_two_hours("E2").met_at) == (HELD_AT, None)
    assert [each.episode.episode_id for each in InterviewEpisode.objects.all()] == ["E1"]
    assert Deadline.objects.filter(referral=referral, episode__episode_id="E2").count() == 0
    assert AuditEvent.objects.get(type="interview_held").detail["parted"] == ["E2"]


def test_whoever_held_the_referral_goes_on_with_the_later_return(referral, robin):
    hold(referral, robin)

    other = Referral.objects.exclude(pk=referral.pk).get()
    holder = Allocation.objects.get(referral=other, until=None)
    assert (holder.worker, holder.team.name) == (robin, TAUNTON)
    assert holder.because == f"Holds referral {referral.pk}, of which this was a part"


def test_what_was_tried_offered_and_booked_since_goes_with_the_later_return(referral, robin):
    for at in ("2026-05-12 10:00", "2026-05-27 10:00"):
        contact.log_attempt(
            referral,
            attempted_at=london(at),
            method="phone",
            contacted="child",
            result="no_answer",
            by=robin,
            now=NOW,
        )
    contact.record_offer(
        referral,
        to="child",
        offered_at=london("2026-05-27 11:00"),
        route="phone",
        method="face_to_face",
        by=robin,
        now=NOW,
    )
    contact.book(referral, at=london("2026-05-29 15:30"), place="School", method="face_to_face", by=robin, now=NOW)

    hold(referral, robin)

    other = Referral.objects.exclude(pk=referral.pk).get()
    assert [each.interview.referral for each in Attempt.objects.order_by("attempted_at")] == [referral, other]
    assert Offer.objects.get().interview.referral == other
    assert Appointment.objects.get().interview.referral == other
    assert Deadline.objects.get(name="offer", referral=other).met_at == london("2026-05-27 11:00")


def test_the_later_return_gets_an_interview(referral, robin):
    hold(referral, robin)
    other = Referral.objects.exclude(pk=referral.pk).get()

    record_held(other, held_at=london("2026-05-28 08:00"), method="telephone", by=robin, now=NOW)

    assert seventy_two_hours("E2").met_at == london("2026-05-28 08:00")


def test_an_interview_after_every_return_is_about_all_of_them(referral, robin):
    hold(referral, robin, although=False, at=london("2026-05-27 10:00"))

    assert Referral.objects.count() == 1
    assert covers(referral) == ["E1", "E2"]


def test_no_interview_completes_an_episode_from_which_the_child_came_back_later(referral, robin, tmp_path):
    """A record may say that it was held before: nobody was asked then, and nothing was parted."""
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "held_at": "2026-05-13T10:00"}
    bring(tmp_path / "more", interviews=[row])
    of = {cover.episode.episode_id: cover.episode_id for cover in referral.covered.select_related("episode")}

    settled = {of["E1"]: Settled("covered"), of["E2"]: Settled("completed")}
    with pytest.raises(OutcomeRefused, match=r"before the child was back from the episode of Tue 26 May, 20:00"):
        record_outcomes(referral, settled=settled, by=robin, now=NOW)

    record_outcomes(referral, settled={of["E1"]: Settled("completed")}, by=robin, now=NOW)
    assert seventy_two_hours("E2").met_at is None


def test_the_page_suggests_nothing_for_an_episode_after_the_interview(client, referral, robin, tmp_path):
    row = {"interview_id": "I1", "child_id": "C1", "episode_ids": "E1", "held_at": "2026-05-13T10:00"}
    bring(tmp_path / "more", interviews=[row])
    client.force_login(robin)

    form = client.get(reverse("rhi:record_outcomes", args=[referral.pk])).context["form"]

    first, last = (f"outcome_{cover.episode_id}" for cover in referral.covered.order_by("episode__last_seen_at"))
    assert (form[first].value(), form[last].value()) == ("completed", None)


def test_the_page_asks_and_a_tick_answers(client, referral, robin):
    client.force_login(robin)
    address = reverse("rhi:record_held", args=[referral.pk])
    typed = {"held_at": "2026-05-13T10:00", "method": "face_to_face", "place": ""}

    asked = client.post(address, typed)
    assert "The time is right: it was held before the child came back again" in words(asked)
    assert re.search(r'value="2026-05-13T10:00"', asked.content.decode())
    assert not Interview.objects.exclude(held_at=None).exists()

    assert client.post(address, typed | {"although": "on"}).status_code == 302
    assert Referral.objects.count() == 2
