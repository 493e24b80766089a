"""That an interview was put into the main record and early help's, and the list of those that were not."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rhi.actions.sharing import FilingRefused, file_in, filed
from rhi.actions.signing import send_back, write_up
from rhi.models import Filed, Interview
from rhi.views.sharing import to_file
from routing.models import Referral
from staff.models import AuditEvent
from tests.records import bring, child, episode, interview, involvement
from tests.rhi.sharing.written import NOW, a_referral, held_and_written, hold, member
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
FAMILY = involvement("family_service", team="Family service")


def tick(client, referral, what, **more):
    return client.post(reverse("rhi:file_record", args=[referral.pk, what]), more)


def listed(client):
    return [interview.referral for interview in client.get(reverse("rhi:not_filed")).context["interviews"]]


@pytest.mark.clause("NOT-27")
def test_a_filed_record_leaves_the_list_of_those_that_are_not(client, referral, robin):
    held_and_written(referral, robin)
    client.force_login(robin)
    assert listed(client) == [referral]

    assert tick(client, referral, "record", then="not_filed").headers["Location"] == reverse("rhi:not_filed")

    assert listed(client) == []
    row = Filed.objects.get()
    assert (row.what, row.by, row.interview.referral) == ("record", robin, referral)
    assert AuditEvent.objects.get(type="filed").detail == {"referral": referral.pk, "what": "record"}


@pytest.mark.clause("SOM-4.19")
def test_open_to_family_service_the_event_is_ticked_as_filed_too(client, tmp_path):
    referral = a_referral(tmp_path, involvements=[FAMILY])
    robin = member()
    held_and_written(referral, robin)
    client.force_login(robin)

    tick(client, referral, "record")
    assert listed(client) == [referral]
    tick(client, referral, "event")

    assert listed(client) == []
    assert [row.what for row in Filed.objects.order_by("pk")] == ["record", "event"]
    page = " ".join(client.get(reverse("rhi:sharing", args=[referral.pk])).content.decode().split())
    assert "A significant-event note, in the early help record: " in page


@pytest.mark.clause("SOM-4.19")
def test_not_open_to_family_service_no_event_can_be_filed(referral, robin):
    held_and_written(referral, robin)

    with pytest.raises(FilingRefused):
        file_in(referral, what="event", by=robin, now=NOW)


def test_what_is_not_written_up_is_not_filed(referral, robin):
    hold(referral, robin)

    with pytest.raises(FilingRefused, match="not written up"):
        file_in(referral, what="record", by=robin, now=NOW)
    assert list(to_file(robin, NOW)) == []


def test_it_is_filed_once_and_the_second_learns_who_did(referral, robin, sam):
    held_and_written(referral, robin)
    file_in(referral, what="record", by=robin, now=NOW)

    with pytest.raises(FilingRefused, match="Robin Hale has marked this as filed"):
        file_in(referral, what="record", by=sam, now=LATER)


def test_what_is_written_up_anew_is_to_be_filed_anew(referral, robin, sam):
    held_and_written(referral, robin)
    file_in(referral, what="record", by=robin, now=NOW)
    send_back(referral, because="The address is missing.", by=sam, now=LATER)
    write_up(referral, by=robin, now=LATER)
    assert filed(Interview.objects.get()) == {}
    assert [each.referral for each in to_file(robin, LATER)] == [referral]

    row = file_in(referral, what="record", by=sam, now=LATER)

    assert (row.by, row.at, Filed.objects.count()) == (sam, LATER, 1)
    assert list(to_file(robin, LATER)) == []


def test_what_records_brought_is_filed_where_it_came_from(tmp_path, referral, robin):
    bring(
        tmp_path / "more",
        children=[child("C2")],
        episodes=[episode("E2", "C2")],
        interviews=[
            interview(
                "I2", "C2", "E2", held_at="2026-05-13T10:00", written_up_at="2026-05-14T10:00", outcome="completed"
            )
        ],
    )

    assert list(to_file(make_person("priya@example.org", "Priya Dean", "coordinator"), NOW)) == []


def test_another_teams_interviews_are_not_on_the_list(client, referral, robin):
    held_and_written(referral, robin)
    client.force_login(make_person("nia.frost@example.org", "Nia Frost"))

    assert listed(client) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, tmp_path, referral, robin, django_assert_num_queries, rows):
    held_and_written(referral, robin)
    for number in range(2, rows + 1):
        bring(tmp_path / str(number), children=[child(f"C{number}")], episodes=[episode(f"E{number}", f"C{number}")])
        held_and_written(Referral.objects.get(child__child_id=f"C{number}"), robin)
    client.force_login(robin)
    client.get(reverse("rhi:not_filed"))

    with django_assert_num_queries(7):  # session, person, versions, interviews, trail, its transaction
        page = client.get(reverse("rhi:not_filed"))

    assert len(page.context["interviews"]) == rows


def test_an_empty_list_says_so(client, robin):
    client.force_login(robin)

    assert "has been filed" in client.get(reverse("rhi:not_filed")).content.decode()
