from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from episodes.models import Child


@pytest.mark.django_db
def test_invented_records_are_refused_where_real_ones_belong(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="in a demonstration only"):
        call_command("demo_records")

    assert not Child.objects.exists()


@pytest.mark.django_db
def test_a_database_with_records_is_left_as_it_is(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    Child.objects.create(child_id="C1", first_name="A", last_name="B", date_of_birth=date(2012, 5, 1))
    said = StringIO()

    call_command("demo_records", stdout=said)

    assert said.getvalue() == "The database holds records already; they stay as they are.\n"
    assert list(Child.objects.values_list("child_id", flat=True)) == ["C1"]
    assert list(tmp_path.iterdir()) == []
