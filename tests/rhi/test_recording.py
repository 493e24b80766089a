"""A child, an absence and a return are recorded in the browser; a return goes to a referral at once."""

import pytest
from django.urls import reverse

from episodes.models import Child, Episode, Finding
from routing.models import Deadline, Referral, ReferralEpisode
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, involvement, london, publish
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

TAUNTON = "Family Intervention Service: Taunton"
NIGHT = {"kind": "missing", "last_seen_at": "2026-06-01T20:00", "known": "no"}
BACK = {"known": "exact", "returned_exact": "2026-06-02T07:00", "notified_at": "2026-06-02T09:00"}


def errors(response):
    return {name: list(said) for name, said in response.context["form"].errors.items()}


def said(response):
    return [str(message) for message in response.context["messages"]]


@pytest.fixture
def robin(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()])
    return Child.objects.get()


@pytest.fixture
def coordinator(client):
    person = make_person("kim@example.org", "Kim Coordinator", Role.COORDINATOR)
    client.force_login(person)
    return person


@pytest.fixture
def caseworker(client):
    person = make_person("ash@example.org", "Ash Worker")
    client.force_login(person)
    return person


def at(name, record):
    return reverse(f"rhi:{name}", args=[record.pk])


# An absence


def test_an_absence_is_recorded_and_waits_for_the_return(client, coordinator, robin):
    details = {"police_ref": "AS-1", "police_risk": "high", "source": "police", "circumstances": "Left after school."}
    response = client.post(at("new_episode", robin), NIGHT | details)

    absence = Episode.objects.get()
    assert response.headers["Location"] == at("child", robin)
    assert absence.episode_id.startswith("HAND-")
    assert (absence.child, absence.kind, absence.last_seen_at) == (robin, "missing", london("2026-06-01 20:00"))
    assert (absence.police_ref, absence.police_risk, absence.source) == ("AS-1", "high", "police")
    assert (absence.returned_at, absence.return_precision, absence.notified_at) == (None, "", None)
    assert not Referral.objects.exists()


def test_recording_an_absence_leaves_a_line(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)

    line = AuditEvent.objects.get(type="episode_recorded")
    assert line.subject == f"episodes.Episode:{Episode.objects.get().pk}"
    assert (line.by_email, line.children) == ("kim@example.org", ["C1"])
    assert line.detail == {"kind": "missing", "returned": False}


@pytest.mark.clause("CARD-06")
def test_an_absence_and_its_return_are_recorded_in_the_browser_and_the_childs_page_lists_it(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    client.post(at("record_return", Episode.objects.get()), BACK)

    page = client.get(at("child", robin)).content.decode()
    assert "Mon 1 Jun, 20:00" in page
    assert "Tue 2 Jun, 07:00" in page


def test_an_absence_that_is_over_is_routed_at_once_and_the_person_told_where_and_why(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK, follow=True)

    referral = Referral.objects.get()
    assert response.redirect_chain == [(at("referral", referral), 302)]
    assert said(response) == [
        (
            f"The absence and the return are recorded. A referral is open, with {TAUNTON}. "
            "The Family Intervention Service of the child's area holds the interviews of all children of eight "
            "and over."
        )
    ]


def test_a_second_open_absence_is_refused_and_leads_to_the_first(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    first = Episode.objects.get()

    response = client.post(at("new_episode", robin), NIGHT | {"last_seen_at": "2026-06-03T20:00"})

    assert errors(response) == {
        "__all__": [f"The child is already recorded as missing ({first}). Record that return first."]
    }
    assert at("record_return", first) in response.content.decode()
    assert Episode.objects.count() == 1


def test_an_absence_that_overlaps_is_recorded_only_once_the_person_says_so(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)
    first = Episode.objects.get()
    again = NIGHT | BACK | {"last_seen_at": "2026-06-02T01:00"}

    response = client.post(at("new_episode", robin), again)
    assert errors(response) == {
        "__all__": [f"This absence overlaps with {first}. Check the times, or say that they are right."]
    }
    assert "although" in response.context["form"].fields
    assert response.context["form"]["last_seen_at"].value().local == "2026-06-02T01:00"

    client.post(at("new_episode", robin), again | {"although": "on"})
    assert Episode.objects.count() == 2
    assert list(Finding.objects.values_list("kind", flat=True)) == ["overlap"]


def test_an_absence_that_begins_when_another_has_ended_overlaps_with_nothing(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | BACK)

    client.post(at("new_episode", robin), NIGHT | {"last_seen_at": "2026-06-02T07:00"})

    assert Episode.objects.count() == 2


def test_what_is_odd_about_an_absence_is_noted(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT | {"kind": "away", "reported_at": "2026-06-01T19:00"})

    assert list(Finding.objects.order_by("kind").values_list("kind", flat=True)) == [
        "away_not_looked_after",
        "order_of_times",
    ]


def test_an_absence_without_its_kind_and_time_is_asked_for_them_and_keeps_the_rest(client, coordinator, robin):
    response = client.post(at("new_episode", robin), {"police_ref": "AS-1", "last_seen_at": "yesterday"})

    assert errors(response) == {
        "kind": ["Say what the absence was"],
        "last_seen_at": ["Enter a date and time like 23/11/2026 14:05"],
        "known": ["Say whether the child is back"],
    }
    assert 'value="yesterday"' in response.content.decode()
    assert 'value="AS-1"' in response.content.decode()


def test_a_return_before_the_last_sight_is_refused(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK | {"returned_exact": "2026-06-01T19:00"})

    assert errors(response) == {"__all__": ["The return lies before the child was last seen."]}
    assert not Episode.objects.exists()


def test_an_absence_away_that_is_not_routed_says_so(client, coordinator, robin):
    response = client.post(at("new_episode", robin), NIGHT | BACK | {"kind": "away"}, follow=True)

    assert said(response) == [
        "The absence and the return are recorded. No interview is arranged for an absence of this kind."
    ]
    assert not Referral.objects.exists()


# A return


@pytest.fixture
def missing(client, coordinator, robin):
    client.post(at("new_episode", robin), NIGHT)
    return Episode.objects.get()


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


# Who, and at what cost


def test_a_caseworker_records_for_the_children_of_her_team_only(client, caseworker, tmp_path):
    publish("somerset")
    bring(
        tmp_path,
        children=[child(), child("C2")],
        involvements=[involvement(team="North"), involvement(child_id="C2", team="South", worker_email="")],
    )
    Membership.objects.create(user=caseworker, team=Team.objects.get(name="North"))
    hers, theirs = Child.objects.order_by("child_id")

    client.post(at("new_episode", hers), NIGHT)
    refused = client.post(at("new_episode", theirs), NIGHT)

    assert refused.status_code == 404
    assert Episode.objects.get().child == hers


def test_every_page_about_a_child_leaves_a_line(client, robin, missing):
    client.get(at("new_episode", robin))
    client.get(at("record_return", missing))

    read = AuditEvent.objects.filter(type="child_read").order_by("pk")
    assert [(line.children, line.detail["page"]) for line in read] == [
        (["C1"], "new_episode"),
        (["C1"], "record_return"),
    ]


@pytest.mark.parametrize("absences", [1, 3])
def test_the_pages_cost_the_same_however_many_absences_there_are(
    client, coordinator, tmp_path, django_assert_num_queries, absences
):
    publish("somerset")
    rows = [
        episode(f"E{day}", last_seen_at=f"2026-05-0{day}T20:00", returned_at=f"2026-05-0{day}T23:00")
        for day in range(1, absences + 1)
    ]
    bring(tmp_path, children=[child()], episodes=rows)
    robin, absence = Child.objects.get(), Episode.objects.earliest("last_seen_at")
    client.get(at("new_episode", robin))
    with django_assert_num_queries(6):
        client.get(at("new_episode", robin))
    with django_assert_num_queries(7):
        client.get(at("record_return", absence))


def test_decisions_are_kept_with_the_episode_that_brought_them(client, missing):
    client.post(at("record_return", missing), BACK)

    assert ReferralEpisode.objects.get(episode=missing).decision["destination"] == "tray"
