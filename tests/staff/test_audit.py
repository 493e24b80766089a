"""The trail: written with the fact or not at all, and never changed or thinned out, not even by the program itself."""

import pytest
from django.db import DatabaseError, connection, transaction

from staff import audit
from staff.models import AuditEvent, Team
from tests.records import NOW
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

REFUSED = "The audit trail is append-only"


def sign_in(**fields):
    return audit.record(audit.Type.SIGNED_IN, **({"by": None, "at": NOW} | fields))


def test_a_line_says_who_did_what_when_to_what_and_whose_records_it_touched():
    someone, team = make_person(), Team.objects.create(name="North")
    audit.record(
        audit.Type.RECORD_CORRECTED,
        by=someone,
        at=NOW,
        subject=team,
        children=["C2", "C1", "C2"],
        detail={"fields": ["name"]},
    )

    line = AuditEvent.objects.get()
    assert (line.type, line.by_id, line.by_email, line.at) == ("record_corrected", someone.pk, someone.email, NOW)
    assert (line.subject, line.children) == (f"staff.Team:{team.pk}", ["C1", "C2"])
    assert line.detail == {"fields": ["name"]}


def test_what_the_system_does_by_itself_is_done_by_nobody():
    sign_in()

    line = AuditEvent.objects.get()
    assert (line.by_id, line.by_email, line.subject, line.children, line.detail) == (None, "", "", [], {})


def test_the_line_outlives_the_person_who_acted():
    someone = make_person()
    sign_in(by=someone)
    someone.delete()

    assert AuditEvent.objects.get().by_email == "robin.hale@example.org"


@pytest.mark.django_db(transaction=True)
def test_a_line_outside_a_transaction_is_refused():
    with pytest.raises(audit.NotInTransaction, match="Signed in: an action and its line in the trail belong to one"):
        sign_in()

    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_fact_that_fails_takes_its_line_with_it():
    Team.objects.create(name="North")

    @transaction.atomic
    def act():
        sign_in()
        Team.objects.create(name="North")

    with pytest.raises(DatabaseError):
        act()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_line_that_fails_takes_its_fact_with_it():
    @transaction.atomic
    def act():
        Team.objects.create(name="North")
        sign_in(at=None)

    with pytest.raises(DatabaseError):
        act()
    assert not Team.objects.exists()


CHANGES = {
    "save": lambda line: line.save(),
    "save one column": lambda line: line.save(update_fields=["at"]),
    "delete": lambda line: line.delete(),
    "update them all": lambda _: AuditEvent.objects.update(by_email=""),
    "update none of their values": lambda _: AuditEvent.objects.update(at=NOW),
    "update in bulk": lambda line: AuditEvent.objects.bulk_update([line], ["at"]),
    "delete them all": lambda _: AuditEvent.objects.all().delete(),
    "delete without looking": lambda _: AuditEvent.objects.all()._raw_delete("default"),
    "write over": lambda line: AuditEvent.objects.bulk_create(
        [line], update_conflicts=True, unique_fields=["id"], update_fields=["at"]
    ),
    "SQL update": lambda _: run("UPDATE staff_auditevent SET by_email = 'x'"),
    "SQL delete": lambda _: run("DELETE FROM staff_auditevent WHERE id > 0"),
}
if connection.vendor == "postgresql":
    CHANGES |= {
        "truncate": lambda _: run("TRUNCATE staff_auditevent"),
        "truncate among others": lambda _: run("TRUNCATE staff_team, staff_auditevent CASCADE"),
    }
else:
    CHANGES |= {"replace": lambda _: run("REPLACE INTO staff_auditevent SELECT * FROM staff_auditevent")}


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_line_is_neither_changed_nor_taken_away(change):
    line = sign_in(detail={"one": 1})
    before = AuditEvent.objects.values().get()
    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        change(line)

    assert AuditEvent.objects.values().get() == before
