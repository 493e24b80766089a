"""What becomes known after sign-off is added, dated and with a name; the signed-off form stays as it is."""

import pytest

from rhi.actions.escalating import escalate
from rhi.actions.reading import AddRefused, add
from rhi.models import Addendum, SubmittedForm
from staff.models import AuditEvent
from tests.records import london
from tests.rhi.reading.written import LATER, NOW, page_of
from tests.rhi.writing import SLUGS, member, words

pytestmark = pytest.mark.django_db

KNOWN = "Her aunt <rang>: it was the cousin.\nNot the uncle."


def section(client, referral, letter):
    return words(client.get(page_of("form_section", referral, SLUGS[letter])))


def test_what_is_added_stands_under_the_form_with_its_date_and_name_and_changes_nothing_in_it(
    client, signed_off, robin
):
    document = SubmittedForm.objects.get().document
    client.force_login(robin)
    assert page_of("add_to_record", signed_off) in client.get(page_of("record", signed_off)).content.decode()

    client.post(page_of("add_to_record", signed_off), {"text": KNOWN})

    added = Addendum.objects.get()
    assert (added.text, added.by, added.interview.referral) == (KNOWN, robin, signed_off)
    assert SubmittedForm.objects.get().document == document
    page = words(client.get(page_of("record", signed_off)))
    after = page.partition("Added since it was signed off")[2]
    assert "Robin Hale Her aunt <rang>: it was the cousin. Not the uncle." in after
    assert AuditEvent.objects.get(type="added_to").detail == {"referral": signed_off.pk}


def test_section_q_and_the_timeline_say_that_something_was_added_since(client, signed_off, robin):
    add(signed_off, text=KNOWN, by=robin, now=london("2026-05-20 10:00"))
    client.force_login(robin)

    assert "Added since Wed 20 May 2026, 10:00 by Robin Hale" in section(client, signed_off, "Q")
    timeline = words(client.get(page_of("referral", signed_off)))
    assert "Added to the record by Robin Hale Wed 20 May, 10:00 Her aunt <rang>: it was the cousin." in timeline


def test_several_stand_in_their_order(client, signed_off, robin, sam):
    add(signed_off, text="First.", by=robin, now=LATER)
    add(signed_off, text="Second.", by=sam, now=london("2026-05-20 10:00"))
    client.force_login(robin)

    page = client.get(page_of("record", signed_off))

    assert [added.text for added in page.context["addenda"]] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("held", "The form can still be written on. Write this in the form."),
        ("written_up", "Ask whoever reads it to send it back, and write this in the form."),
    ],
)
def test_before_sign_off_it_is_refused_in_words_and_what_was_typed_stays(client, request, robin, state, told):
    referral = request.getfixturevalue(state)
    with pytest.raises(AddRefused):
        add(referral, text=KNOWN, by=robin, now=LATER)
    client.force_login(robin)
    assert "<textarea" not in client.get(page_of("add_to_record", referral)).content.decode()

    page = words(client.post(page_of("add_to_record", referral), {"text": KNOWN}))

    assert told in page
    assert "it was the cousin." in page
    assert not Addendum.objects.exists()


def test_a_colleague_who_may_work_on_it_adds_and_one_of_another_team_does_not(client, signed_off):
    nia = member("nia.frost@example.org", "Nia Frost")
    client.force_login(nia)
    assert client.post(page_of("add_to_record", signed_off), {"text": KNOWN}).status_code == 302
    nia.memberships.all().delete()

    assert client.post(page_of("add_to_record", signed_off), {"text": "More"}).status_code == 404
    assert Addendum.objects.count() == 1


def test_words_are_needed(client, signed_off, robin):
    client.force_login(robin)

    assert "Write what has become known" in words(client.post(page_of("add_to_record", signed_off), {"text": " \n "}))
    assert not Addendum.objects.exists()


def test_the_button_pressed_twice_adds_once(signed_off, robin, sam):
    first = add(signed_off, text=KNOWN, by=robin, now=LATER)

    assert add(signed_off, text=KNOWN, by=robin, now=london("2026-05-14 15:00:59")) == first
    add(signed_off, text=KNOWN, by=sam, now=LATER)
    add(signed_off, text=KNOWN, by=robin, now=london("2026-05-14 15:01:00"))
    assert Addendum.objects.count() == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_record_costs_the_same_however_much_was_added(client, signed_off, robin, django_assert_num_queries, rows):
    for number in range(rows):
        add(signed_off, text=f"Number {number}", by=robin, now=NOW)
    client.force_login(robin)
    client.get(page_of("record", signed_off))

    with django_assert_num_queries(23):
        client.get(page_of("record", signed_off))


def test_a_manager_who_answers_a_worry_reads_what_was_added(client, signed_off, robin, priya, morgan):
    add(signed_off, text=KNOWN, by=robin, now=LATER)
    worry = escalate(signed_off, to=morgan, because="Who is the cousin?", by=priya, now=LATER)
    client.force_login(morgan)

    assert "it was the cousin." in words(client.get(f"/worries/{worry.pk}/"))
