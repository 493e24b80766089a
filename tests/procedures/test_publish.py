"""Publishing a procedure: from a shipped file or another, from a day on, once."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from procedures.actions import source
from procedures.models import NoProcedure, Rulebook, Version
from staff.models import AuditEvent
from tests.records import NOW, publish

pytestmark = pytest.mark.django_db


def load_procedure(*arguments: object) -> str:
    out = StringIO()
    call_command("load_procedure", *map(str, arguments), stdout=out)
    return out.getvalue()


def versions() -> list[tuple[str, date]]:
    return list(Version.objects.values_list("name", "effective_from"))


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("surrey", date(2018, 1, 1), "Published Surrey, in force from 1 January 2018.\n"),
        ("wokingham", date(2022, 4, 1), "Published Wokingham, in force from 1 April 2022.\n"),
        ("nottinghamshire", date(2017, 4, 1), "Published Nottinghamshire, in force from 1 April 2017.\n"),
        ("somerset", date(2020, 11, 19), "Published Somerset, in force from 19 November 2020.\n"),
        ("croydon", date(2017, 4, 1), "Published Croydon, in force from 1 April 2017.\n"),
    ],
)
def test_a_shipped_procedure_is_published_from_its_own_date(name, day, said):
    assert load_procedure(name) == said
    assert versions() == [(name, day)]


def test_it_can_be_published_from_another_date():
    assert load_procedure("surrey", "--from", "2026-09-01") == "Published Surrey, in force from 1 September 2026.\n"
    assert versions() == [("surrey", date(2026, 9, 1))]


def test_a_file_of_ones_own_is_published_by_its_path(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(source("somerset").replace('name = "somerset"', 'name = "ours"'), encoding="utf-8")

    load_procedure(path)

    assert versions() == [("ours", date(2020, 11, 19))]


@pytest.mark.parametrize("day", [[], ["--from", "2026-09-01"]])
def test_publishing_the_same_again_changes_nothing(day):
    load_procedure("surrey", *day)
    said = load_procedure("surrey", *day)

    assert said.startswith("Already published: Surrey, in force from ")
    assert said.endswith(". Nothing was changed.\n")
    assert Version.objects.count() == AuditEvent.objects.count() == 1


def test_the_same_text_from_another_day_is_a_version_of_its_own():
    load_procedure("surrey")
    load_procedure("surrey", "--from", "2026-09-01")

    assert versions() == [("surrey", date(2018, 1, 1)), ("surrey", date(2026, 9, 1))]


def test_an_earlier_text_published_again_for_the_same_day_takes_over_again():
    first = publish("surrey", effective_from=date(2026, 9, 1))
    second = publish("somerset", effective_from=date(2026, 9, 1))
    third = publish("surrey", effective_from=date(2026, 9, 1))

    assert len({first.pk, second.pk, third.pk}) == 3
    assert Rulebook.load().on(date(2026, 9, 1)) == third


def test_a_version_keeps_the_file_to_the_letter_comments_included():
    publish("somerset")

    assert Version.objects.get().text == source("somerset")
    assert Version.objects.get().published_at == NOW


def test_publishing_leaves_a_line_in_the_trail():
    version = publish("surrey")

    line = AuditEvent.objects.get()
    assert (line.type, line.at, line.by_id) == ("procedure_published", NOW, None)
    assert line.subject == f"procedures.Version:{version.pk}"
    assert line.detail == {"name": "surrey", "effective_from": "2018-01-01"}


# What cannot be published


@pytest.mark.parametrize("name", ["kent", "/nowhere/ours.toml", "procedures"])
def test_a_procedure_that_is_not_there_is_refused_with_those_that_are(name):
    with pytest.raises(CommandError) as refusal:
        load_procedure(name)

    assert str(refusal.value) == (
        f"'{name}' is neither one of the shipped procedures (croydon, nottinghamshire, somerset, surrey, wokingham)"
        " nor a readable file."
    )


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_bytes('name = "Größe"'.encode("cp1252"))

    with pytest.raises(CommandError, match="nor a readable file"):
        load_procedure(path)


def test_a_file_with_faults_is_refused_with_each_of_them_and_nothing_is_published(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(source("somerset").replace("attempts = 3", "attempts = 0"), encoding="utf-8")

    with pytest.raises(CommandError) as refusal:
        load_procedure(path)

    assert str(refusal.value) == "contact.attempts: expected a number above 0, found 0."
    assert not Version.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_file_that_is_no_toml_is_refused_with_the_line(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('name = "ours"\neffective_from = soon\n', encoding="utf-8")

    with pytest.raises(CommandError, match=r"^This is not a TOML file: .*line 2"):
        load_procedure(path)


def test_a_date_that_cannot_be_read_is_refused():
    with pytest.raises(CommandError, match="'soon'"):
        load_procedure("surrey", "--from", "soon")


# Which version is in force


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2016, 1, 1), "croydon"),  # before the first version, the first
        (date(2017, 4, 1), "croydon"),
        (date(2017, 12, 31), "croydon"),
        (date(2018, 1, 1), "surrey"),
        (date(2020, 11, 18), "surrey"),
        (date(2020, 11, 19), "somerset"),
        (date(2030, 1, 1), "somerset"),
    ],
)
def test_the_version_in_force_on_a_day_is_the_last_to_have_begun(day, name):
    for each in ("somerset", "croydon", "surrey"):  # in whatever order they were published
        publish(each)

    assert Rulebook.load().on(day).name == name


def test_of_two_versions_for_one_day_the_later_published_is_in_force():
    publish("croydon", effective_from=date(2026, 4, 1))
    publish("surrey", effective_from=date(2026, 4, 1))

    assert Rulebook.load().on(date(2026, 4, 1)).name == "surrey"
    assert Rulebook.load().on(date(2026, 3, 31)).name == "surrey"  # as the first in force governs what was before it


def test_without_a_version_nothing_can_be_decided():
    with pytest.raises(
        NoProcedure, match=r"No procedure has been published\. Publish one first: manage\.py load_procedure NAME\."
    ):
        Rulebook.load()
