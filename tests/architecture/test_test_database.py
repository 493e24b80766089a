"""The test database differs from a real one in one thing: Django may empty its tables between tests."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from staff import audit
from staff.models import AuditEvent


def write_a_line():
    with transaction.atomic():
        return audit.record(audit.Type.SIGNED_IN, by=None, at=datetime(2026, 11, 23, 14, 5, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["once", "again"])
def test_a_transactional_test_writes_to_an_empty_trail(time):
    assert AuditEvent.objects.count() == 0

    write_a_line()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["once", "again, after the tables were emptied"])
def test_the_trail_stays_append_only_in_the_test_database(time):
    line = write_a_line()

    with pytest.raises(DatabaseError, match="append-only"):
        line.delete()
    with pytest.raises(DatabaseError, match="append-only"):
        AuditEvent.objects.update(type="signed_out")
    assert AuditEvent.objects.get().type == "signed_in"
