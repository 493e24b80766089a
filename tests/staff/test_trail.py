"""The page of the trail: who looked at and changed what."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def chris(client):
    person = make_person("chris@example.org", "Chris Wynn", Role.AUDITOR)
    client.force_login(person)
    return person


@pytest.fixture
def robin():
    return make_person("robin@example.org", "Robin Hale")


def line(type_=audit.Type.CHILD_READ, by=None, at=NOON, **more):
    with transaction.atomic():
        return audit.record(type_, by=by, at=at, **more)


def shown(page):
    return [event for event, *_ in page.context["lines"]]


def looked_for(client, **answers):
    return shown(client.post("/trail/", answers))


def test_the_newest_line_stands_first(client, chris, robin):
    older, newer = line(by=robin), line(by=robin, at=NOON + timedelta(minutes=1))

    assert shown(client.get("/trail/")) == [newer, older]


def test_a_line_says_who_did_what_to_which_record(client, chris, robin):
    line(by=robin, subject="episodes.Child:7", children=["C1"], detail={"fields": ["area"], "nothing": ""})

    page = " ".join(client.get("/trail/").content.decode().split())

    assert "Robin Hale" in page
    assert "<strong>Read a child&#x27;s record</strong>" in page
    assert "episodes.Child:7" in page
    assert "fields: area" in page


def test_lines_can_be_looked_for_by_person_kind_child_and_day(client, chris, robin):
    mine = line(by=chris, type_=audit.Type.SIGNED_IN, at=NOON - timedelta(days=1))
    read = line(by=robin, children=["C1", "C22"])
    other = line(by=robin, children=["C2"], type_=audit.Type.DENIED)
    system = line(children=['Ünal "1"'], type_=audit.Type.RECORDS_IMPORTED)

    assert looked_for(client, person=robin.pk) == [other, read]
    assert looked_for(client, person="system") == [system]
    assert looked_for(client, type="denied") == [other]
    assert looked_for(client, child="C2") == [other]
    assert looked_for(client, child='Ünal "1"') == [system]
    assert looked_for(client, day="2026-06-14") == [mine]
    assert looked_for(client, person=robin.pk, type="child_read", child="C1", day="2026-06-15") == [read]


def test_a_day_is_a_day_in_england(client, chris):
    late = line(at=datetime(2026, 6, 14, 23, 30, tzinfo=UTC))

    assert looked_for(client, day="15/06/2026") == [late]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("person", "999999"),
        ("type", "zebra"),
        ("day", "9999-12-31"),
        ("page", "0"),
        ("child", "x" * 51),
        ("child", "\0"),
    ],
)
def test_what_makes_no_sense_is_an_error_in_words(client, chris, field, typed):
    page = client.post("/trail/", {field: typed})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert shown(page) == []


def test_a_long_trail_goes_on_over_pages_with_the_same_choice(client, chris, robin):
    for minute in range(51):
        line(by=robin, at=NOON - timedelta(minutes=minute))
    line(by=chris)

    first = client.post("/trail/", {"person": robin.pk})
    second = client.post("/trail/", dict(first.context["looked_for"], page=first.context["earlier"]))

    assert (len(shown(first)), first.context["later"], first.context["earlier"]) == (50, None, 2)
    assert [event.at for event in shown(second)] == [NOON - timedelta(minutes=50)]
    assert (second.context["later"], second.context["earlier"]) == (1, None)


def test_reading_the_trail_is_itself_on_the_trail_without_what_was_looked_for(client, chris):
    client.post("/trail/", {"child": "C1"})

    event = AuditEvent.objects.get()
    assert (event.type, event.by_id, event.children, event.detail) == (
        "list_read",
        chris.pk,
        [],
        {"page": "rhi:trail", "filters": ["child"]},
    )


def test_nothing_found_says_what_to_do_next(client, chris):
    assert "Nothing in the trail fits this choice." in client.post("/trail/", {"child": "C1"}).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_trail_costs_the_same_however_long_it_is(client, chris, robin, django_assert_num_queries, rows):
    for _ in range(rows):
        line(by=robin)
    client.get("/trail/")

    with django_assert_num_queries(7):  # session, auditor, people, lines, and the line of this reading in its savepoint
        client.get("/trail/")
