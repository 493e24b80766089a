"""An episode is recorded in the browser."""

import pytest

from episodes.models import Episode, Finding
from routing.models import Referral
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.recording.pages import BACK, NIGHT, TAUNTON, at, errors, said
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


def test_an_episode_is_recorded_and_waits_for_the_return(client, coordinator, robin):
    details = {"police_ref": "AS-1", "police_risk": "high", "source": "police", "circumstances": "Left after school."}
    response = client.post(at("new_episode", robin), NIGHT | details)

    absence = Episode.objects.get()
    assert response.headers["Location"] == at("child", robin)
    assert absence.episode_id.startswith("HAND-")
    assert (absence.child, absence.kind, absence.last_seen_at) == (robin, "missing", london("2026-06-01 20:00"))
    assert (absence.police_ref, absence.police_risk, absence.source) == ("AS-1", "high", "police")
    assert (absence.returned_at, absence.return_precision, absence.notified_at) == (None, "", None)
    assert not Referral.objects.exists()


def test_recording_an_episode_leaves_a_line(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)

    line = AuditEvent.objects.get(type="episode_recorded")
    assert line.subject == f"episodes.Episode:{Episode.objects.get().pk}"
    assert (line.by_email, line.children) == ("kim@example.org", ["C1"])
    assert line.detail == {"kind": "missing", "returned": False}


@pytest.mark.clause("CARD-06")
def test_an_episode_and_its_return_are_recorded_in_the_browser_and_the_childs_page_lists_it(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    client.post(at("record_return", Episode.objects.get()), BACK)

    page = client.get(at("child", robin)).content.decode()
    assert "Mon 1 Jun, 20:00" in page
    assert "Tue 2 Jun, 07:00" in page


def test_an_episode_that_is_over_is_routed_at_once_and_the_person_told_where_and_why(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK, follow=True)

    referral = Referral.objects.get()
    assert response.redirect_chain == [(at("referral", referral), 302)]
    assert said(response) == [
        (
            f"The episode and the return are recorded. A referral is open, with {TAUNTON}. "
            "The Family Intervention Service of the child's area holds the interviews of all children of eight "
            "and over."
        )
    ]


def test_a_second_open_episode_is_refused_and_leads_to_the_first(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    first = Episode.objects.get()

    response = client.post(at("new_episode", robin), NIGHT | {"last_seen_at": "2026-06-03T20:00"})

    assert errors(response) == {
        "__all__": [f"The child is already recorded as missing ({first}). Record that return first."]
    }
    assert at("record_return", first) in response.content.decode()
    assert Episode.objects.count() == 1


@pytest.mark.parametrize("more", [{}, BACK], ids=["not back", "back"])
def test_the_same_episode_sent_twice_is_recorded_once_and_leads_where_the_first_led(client, coordinator, robin, more):
    first, second = (client.post(at("new_episode", robin), NIGHT | more) for _ in range(2))

    assert second.headers["Location"] == first.headers["Location"]
    assert Episode.objects.count() == 1
    assert AuditEvent.objects.filter(type="episode_recorded").count() == 1


def test_an_episode_that_differs_in_anything_is_not_the_same_one(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)

    response = client.post(at("new_episode", robin), NIGHT | BACK | {"police_ref": "AS-2"})

    assert "overlaps with" in errors(response)["__all__"][0]


def test_the_same_episode_sent_by_somebody_else_is_asked_about(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)
    client.force_login(make_person("lou@example.org", "Lou Coordinator", Role.COORDINATOR))

    response = client.post(at("new_episode", robin), NIGHT | BACK)

    assert "overlaps with" in errors(response)["__all__"][0]


def test_an_episode_that_was_withdrawn_can_be_recorded_again(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    Episode.objects.update(withdrawn_at=london("2026-06-02 12:00"), withdrawn_because="error")

    client.post(at("new_episode", robin), NIGHT)

    assert Episode.objects.count() == 2


def test_the_same_return_sent_twice_is_recorded_once_and_leads_to_the_referral(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    absence = Episode.objects.get()

    for _ in range(2):
        response = client.post(at("record_return", absence), BACK)
        assert response.headers["Location"] == at("referral", Referral.objects.get())

    assert AuditEvent.objects.filter(type="return_recorded").count() == 1


def test_another_return_than_the_one_on_record_is_refused(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    absence = Episode.objects.get()
    client.post(at("record_return", absence), BACK)

    response = client.post(at("record_return", absence), BACK | {"returned_exact": "2026-06-02T07:30"})

    assert "The return is on record already" in errors(response)["__all__"][0]


def test_a_return_that_we_were_told_of_before_it_is_asked_about_once(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    absence = Episode.objects.get()
    early = {"known": "exact", "returned_exact": "2026-06-02T20:00", "notified_at": "2026-06-02T10:00"}

    response = client.post(at("record_return", absence), early)
    assert errors(response) == {
        "notified_at": [
            (
                "We were told before the child was back, Tue 2 Jun, 20:00. Check both times, or say at the end that"
                " they are right"
            )
        ]
    }
    assert "we were told before the child was back" in response.content.decode()
    absence.refresh_from_db()
    assert absence.returned_at is None

    client.post(at("record_return", absence), early | {"told_before": "on"})
    absence.refresh_from_db()
    assert (absence.returned_at, absence.notified_at) == (london("2026-06-02 20:00"), london("2026-06-02 10:00"))


def test_an_episode_with_a_return_that_we_were_told_of_before_it_is_asked_about_as_well(client, coordinator, robin):
    early = NIGHT | BACK | {"notified_at": "2026-06-02T06:59"}

    response = client.post(at("new_episode", robin), early)
    assert [*errors(response)] == ["notified_at"]
    assert not Episode.objects.exists()

    client.post(at("new_episode", robin), early | {"told_before": "on"})
    assert Episode.objects.count() == 1


def test_being_told_on_the_day_of_a_return_known_by_its_day_is_nothing_odd(client, coordinator, robin):
    day = {"returned_day_0": "2", "returned_day_1": "6", "returned_day_2": "2026"}

    client.post(at("new_episode", robin), NIGHT | day | {"known": "date", "notified_at": "2026-06-02T00:00"})

    assert Episode.objects.get().return_precision == "date"


def test_the_polices_grade_offers_not_known_once(client, coordinator, robin):
    choices = client.get(at("new_episode", robin)).context["form"].fields["police_risk"].choices

    assert [code for code, words in choices if words == "Not known"] == [""]


def test_an_episode_that_overlaps_is_recorded_only_once_the_person_says_so(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)
    first = Episode.objects.get()
    again = NIGHT | BACK | {"last_seen_at": "2026-06-02T01:00"}

    response = client.post(at("new_episode", robin), again)
    assert errors(response) == {
        "__all__": [f"This episode overlaps with {first}. Check the times, or say that they are right."]
    }
    assert "although" in response.context["form"].fields
    assert response.context["form"]["last_seen_at"].value().local == "2026-06-02T01:00"

    client.post(at("new_episode", robin), again | {"although": "on"})
    assert Episode.objects.count() == 2
    assert list(Finding.objects.values_list("kind", flat=True)) == ["overlap"]


def test_an_episode_that_begins_when_another_has_ended_overlaps_with_nothing(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)

    client.post(at("new_episode", robin), NIGHT | {"last_seen_at": "2026-06-02T07:00"})

    assert Episode.objects.count() == 2


def test_what_is_odd_about_an_episode_is_noted(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | {"kind": "away", "reported_at": "2026-06-01T19:00"})

    assert list(Finding.objects.order_by("kind").values_list("kind", flat=True)) == [
        "away_not_looked_after",
        "order_of_times",
    ]


def test_an_episode_without_its_kind_and_time_is_asked_for_them_and_keeps_the_rest(client, coordinator, robin):
    response = client.post(at("new_episode", robin), {"police_ref": "AS-1", "last_seen_at": "yesterday"})

    assert errors(response) == {
        "kind": ["Say what the episode was"],
        "last_seen_at": ["Enter a date and time like 23/11/2026 14:05"],
        "known": ["Say whether the child is back"],
    }
    assert 'value="yesterday"' in response.content.decode()
    assert 'value="AS-1"' in response.content.decode()


def test_a_return_before_the_last_sight_is_refused(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK | {"returned_exact": "2026-06-01T19:00"})

    assert errors(response) == {"__all__": ["The return lies before the child was last seen."]}
    assert not Episode.objects.exists()


def test_an_episode_away_that_is_not_routed_says_so(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK | {"kind": "away"}, follow=True)

    assert said(response) == [
        "The episode and the return are recorded. No interview is arranged for an episode of this kind."
    ]
    assert not Referral.objects.exists()
