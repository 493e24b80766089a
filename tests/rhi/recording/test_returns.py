"""A return is recorded in the browser, and goes to a referral at once."""

import pytest

from episodes.models import Episode
from routing.models import Deadline, Referral
from staff.models import AuditEvent
from tests.records import bring, child, episode, london, publish
from tests.rhi.recording.pages import BACK, NIGHT, TAUNTON, at, errors, said

pytestmark = pytest.mark.django_db


def test_a_return_opens_a_referral_with_its_clocks_and_leads_there(client, missing):
    response = client.post(at("record_return", missing), BACK | {"ended_how": "found_by_police"})

    referral = Referral.objects.get()
    missing.refresh_from_db()
    assert response.headers["Location"] == at("referral", referral)
    assert (missing.returned_at, missing.return_precision) == (london("2026-06-02 07:00"), "exact")
    assert (missing.notified_at, missing.ended_how) == (london("2026-06-02 09:00"), "found_by_police")
    assert referral.in_tray_at == london("2026-06-02 09:00")
    assert Deadline.objects.get(name="seventy_two_hours").due_at == london("2026-06-05 07:00")


def test_an_estimated_return_is_kept_as_such(client, missing):
    client.post(at("record_return", missing), BACK | {"known": "estimated", "returned_estimated": "2026-06-02T06:00"})

    missing.refresh_from_db()
    assert (missing.returned_at, missing.return_precision) == (london("2026-06-02 06:00"), "estimated")


def test_a_return_known_by_its_day_stands_at_midnight(client, missing):
    day = {"known": "date", "returned_day_0": "2", "returned_day_1": "6", "returned_day_2": "2026"}
    client.post(at("record_return", missing), BACK | day)

    missing.refresh_from_db()
    assert (missing.returned_at, missing.return_precision) == (london("2026-06-02 00:00"), "date")


def test_only_the_time_that_was_chosen_is_asked_for(client, missing):
    response = client.post(
        at("record_return", missing), {"known": "date", "returned_exact": "no idea", "notified_at": "2026-06-02T09:00"}
    )

    assert errors(response) == {"returned_day": ["Enter the day of the return"]}


def test_a_return_in_the_hour_that_comes_twice_asks_which(client, missing):
    twice = BACK | {"returned_exact": "2025-10-26T01:30", "notified_at": "2026-06-02T09:00"}
    Episode.objects.update(last_seen_at=london("2025-10-25 20:00"))

    response = client.post(at("record_return", missing), twice)
    assert errors(response) == {
        "returned_exact": ["The clocks changed that night, so this time can mean two instants. Choose which it was"]
    }
    assert "01:30 the second time, after" in response.content.decode()

    client.post(at("record_return", missing), twice | {"returned_exact_which": "later"})
    missing.refresh_from_db()
    assert missing.returned_at.isoformat() == "2025-10-26T01:30:00+00:00"


def test_a_return_that_is_on_record_is_refused_and_says_whose_record_it_is(client, missing):
    client.post(at("record_return", missing), BACK)

    response = client.post(at("record_return", missing), BACK | {"returned_exact": "2026-06-02T08:00"})

    (refusal,) = errors(response)["__all__"]
    assert refusal.startswith("The return is on record already: Tue 2 Jun, 07:00. Kim Coordinator, ")
    assert Referral.objects.count() == 1


def test_the_page_of_a_return_that_is_on_record_says_so_instead_of_asking(client, missing):
    client.post(at("record_return", missing), BACK)

    page = client.get(at("record_return", missing)).content.decode()

    assert "The return is on record already" in page
    assert at("correct_episode", missing) in page


def test_a_return_that_a_file_brought_says_so(client, coordinator, tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])

    response = client.post(at("record_return", Episode.objects.get()), BACK)

    assert errors(response) == {
        "__all__": ["The return is on record already: Tue 12 May, 07:00. It came with the records."]
    }


def test_a_second_return_joins_the_open_referral(client, robin, missing):
    client.post(at("record_return", missing), BACK)
    client.post(at("new_episode", robin), NIGHT | {"last_seen_at": "2026-06-02T20:00"})
    second = Episode.objects.latest("pk")

    response = client.post(
        at("record_return", second),
        BACK | {"returned_exact": "2026-06-03T07:00", "notified_at": "2026-06-03T08:00"},
        follow=True,
    )

    assert Referral.objects.get().covered.count() == 2
    assert said(response)[-1].startswith(f"The return is recorded. It joined the open referral, with {TAUNTON}. ")


def test_a_return_leaves_a_line_that_names_its_fields(client, missing):
    client.post(at("record_return", missing), BACK)

    line = AuditEvent.objects.get(type="return_recorded")
    assert line.subject == f"episodes.Episode:{missing.pk}"
    assert line.detail == {"fields": ["ended_how", "notified_at", "return_precision", "returned_at"]}


def test_a_return_whose_referral_cannot_be_opened_is_not_recorded_either(client, missing, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("rhi.actions.recording.route_returns", break_down)
    with pytest.raises(RuntimeError):
        client.post(at("record_return", missing), BACK)

    missing.refresh_from_db()
    assert missing.returned_at is None
    assert not AuditEvent.objects.filter(type="return_recorded").exists()
