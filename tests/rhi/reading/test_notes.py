"""A plain note on a referral at any time; whoever it mentions is told."""

from datetime import date, timedelta

import pytest

from episodes.models import Access, Child
from rhi.actions.notes import NoteRefused, readers, write_note
from rhi.models import CaseNote, Notice
from routing.models import Referral
from staff.models import AuditEvent, Membership, Team, User
from staff.permissions import Role
from tests.records import london
from tests.rhi.case_work import give
from tests.rhi.reading.written import LATER, NOW, page_of
from tests.rhi.writing import member, words
from tests.staff.people import make_person
from tests.staff.people import now as the_time

pytestmark = pytest.mark.django_db

TEXT = "Rang the school, <b>no</b> answer.\nTry again on Monday."


def test_a_note_stands_in_the_timeline_in_its_own_words_the_newest_first(client, referral, robin):
    client.force_login(robin)
    assert page_of("write_note", referral) in client.get(page_of("referral", referral)).content.decode()
    write_note(referral, text="An older one.", by=robin, now=LATER)

    answer = client.post(page_of("write_note", referral), {"text": TEXT.replace("\n", "\r\n"), "mentioned": ""})

    assert answer.headers["Location"] == page_of("referral", referral)
    note = CaseNote.objects.latest("pk")
    assert (note.text, note.by, note.mentioned) == (TEXT, robin, None)
    page = client.get(page_of("referral", referral))
    assert [event.words for event in page.context["events"] if event.title == "Case note"] == [TEXT, "An older one."]
    assert "Rang the school, &lt;b&gt;no&lt;/b&gt; answer.<br>Try again on Monday." in page.content.decode()
    assert AuditEvent.objects.filter(type="case_note_written").count() == 2


def test_one_can_be_written_after_the_referral_has_closed(client, signed_off, robin):
    assert Referral.objects.get().closed_at
    client.force_login(robin)

    assert client.post(page_of("write_note", signed_off), {"text": TEXT}).status_code == 302
    assert CaseNote.objects.get().text == TEXT


def test_whoever_is_mentioned_is_told_without_the_childs_name_or_the_words(client, referral, robin, sam):
    client.force_login(robin)

    client.post(page_of("write_note", referral), {"text": f"Robin Example: {TEXT}", "mentioned": sam.pk})

    told = Notice.objects.get()
    assert (told.to, told.kind, told.by, told.referral) == (sam, "mentioned", robin, referral)
    assert told.about == f"A case note on referral {referral} mentions you."
    assert "Mentions Sam Okoro" in words(client.get(page_of("referral", referral)))


def test_who_may_not_see_the_child_is_not_on_the_list_and_is_refused_in_words(client, referral, robin, morgan):
    stranger = make_person("kim@example.org", "Kim Vale")
    client.force_login(robin)
    page = client.get(page_of("write_note", referral))
    assert "Kim Vale" not in words(page)

    answer = client.post(page_of("write_note", referral), {"text": TEXT, "mentioned": stranger.pk})

    said = words(answer)
    assert "Choose somebody from the list, who may see this child." in said
    assert "Rang the school" in said
    with pytest.raises(NoteRefused, match="Kim Vale may not see this child"):
        write_note(referral, text=TEXT, mentioned=stranger, by=robin, now=LATER)
    assert not CaseNote.objects.exists()


@pytest.mark.parametrize("how", ["tray", "given", "named", "unnamed"])
def test_those_on_the_list_are_exactly_those_to_whom_the_referral_is_visible(referral, robin, sam, priya, morgan, how):
    at = the_time()
    provider = Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER)
    given = make_person("jo@example.org", "Jo", Role.INTERVIEWER)
    Membership.objects.create(user=given, team=provider)
    Membership.objects.create(user=make_person("al@example.org", "Al", Role.INTERVIEWER), team=provider)
    member("morgan@example.org", "A manager of the team", Role.MANAGER)
    reason, involved = make_person("opened@example.org", "Opened"), make_person("sw@example.org", "Social worker")
    since = {"child": referral.child, "since": at - timedelta(hours=1)}
    Access.objects.create(**since, user=reason, basis="break_glass", until=at + timedelta(hours=23))
    Access.objects.create(**since, user=involved, basis="allocation")
    Access.objects.create(**since, user=make_person("was@example.org", "Was"), basis="allocation", until=at)
    Access.objects.create(**since, user=given, team=provider, basis="allocation")
    if how == "given":
        give(referral, given, team=provider.name)
    if how == "named":
        for person in (sam, given, morgan):
            Access.objects.create(**since, user=person, basis="restriction", because="Named")
    Child.objects.update(restricted=how in {"named", "unnamed"})
    referral.child.refresh_from_db()

    seeing = [
        user.name
        for user in User.objects.order_by("name", "pk")
        if Referral.objects.visible_to(user, at).filter(pk=referral.pk).exists()
    ]

    assert [user.name for user in readers(referral, at)] == seeing
    assert len(seeing) == {"tray": 5, "given": 4, "named": 1, "unnamed": 1}[how]


def test_who_has_left_is_not_on_the_list(referral, robin, sam):
    sam.left_on = date(2026, 5, 1)
    sam.save()

    assert sam not in readers(referral, LATER)


def test_the_same_note_within_a_minute_is_kept_once_and_tells_once(client, referral, robin, sam):
    client.force_login(robin)
    for _ in range(2):
        client.post(page_of("write_note", referral), {"text": TEXT, "mentioned": sam.pk})

    assert (CaseNote.objects.count(), Notice.objects.count()) == (1, 1)


def test_the_same_words_a_minute_later_or_of_somebody_else_are_another_note(referral, robin, sam):
    for by, at in [(robin, "15:00:00"), (robin, "15:00:59"), (sam, "15:00:30"), (robin, "15:02:00")]:
        write_note(referral, text=TEXT, by=by, now=london(f"2026-05-14 {at}"))

    assert CaseNote.objects.count() == 3


def test_twenty_thousand_characters_are_kept_whole_and_one_more_is_given_back(client, referral, robin):
    text = "\r\n".join(["Zoë 😀 said “no”. " * 20] * 1000)[:30_000].replace("\r\n", "\n")[:20_000].strip()
    long = text.ljust(20_000, "x")
    client.force_login(robin)

    client.post(page_of("write_note", referral), {"text": long.replace("\n", "\r\n")})
    assert CaseNote.objects.get().text == long

    too_long = client.post(page_of("write_note", referral), {"text": long + "y"})
    assert "20000" in words(too_long)
    assert too_long.context["form"]["text"].value() == long + "y"


@pytest.mark.parametrize("text", ["", "  \r\n ", "a\x00b"])
def test_nothing_and_what_no_database_keeps_is_refused(client, referral, robin, text):
    client.force_login(robin)

    assert client.post(page_of("write_note", referral), {"text": text}).status_code == 200
    assert not CaseNote.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_many_can_be_mentioned(
    client, referral, robin, django_assert_num_queries, rows
):
    for number in range(rows):
        member(f"colleague{number}@example.org", f"Colleague {number}")
    client.force_login(robin)
    client.get(page_of("write_note", referral))

    with django_assert_num_queries(7):  # session, person, referral, people, the trail in its transaction
        client.get(page_of("write_note", referral))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_referral_costs_the_same_however_many_notes_and_worries_it_has(
    client, written_up, robin, sam, priya, morgan, django_assert_max_num_queries, rows
):
    client.force_login(robin)
    client.get(page_of("referral", written_up))
    with django_assert_max_num_queries(100) as before:
        client.get(page_of("referral", written_up))
    for number in range(rows):
        write_note(written_up, text=f"Note {number}", mentioned=sam, by=robin, now=NOW)

    with django_assert_max_num_queries(len(before)):
        client.get(page_of("referral", written_up))
