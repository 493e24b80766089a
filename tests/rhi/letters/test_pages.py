"""The pages of letters: what waits, one letter with its reasons, and its PDF."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from episodes import actions as episodes
from episodes.access import restrict
from procedures.actions import source
from rhi import letters as writing
from rhi.actions import letters
from rhi.models import Letter
from staff import audit
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, involvement
from tests.rhi.letters.families import (
    HOME,
    OVER,
    approved,
    carer,
    family,
    give,
    member,
    no_contact_letter,
    refuse,
    run,
    use_up,
)
from tests.rhi.letters.reading import page, post, words_of
from tests.rhi.protection import HEADERS, POLICY, POLICY_OF_A_PDF, protection
from tests.staff.people import make_person, now

pytestmark = pytest.mark.django_db


# What waits


def test_letters_wait_with_who_they_are_to_and_what_keeps_them(client, letter, ann, referral):
    episodes.correct(referral.child.carers.get(), values={"safe_to_contact": None}, by=ann, now=OVER)
    client.force_login(ann)

    said = page(client, "letters")

    assert "We could not reach you , to Robin Example To Robin Example (the child), about Robin Example" in said
    assert "To Sam Example (mother), about Robin Example" in said
    assert said.count("Nobody has recorded that it is safe to contact them.") == 1


def test_whoever_holds_the_referral_and_whoever_leads_sees_them_and_nobody_else(client, letter, ann, lee):
    colleague = member("Bo")
    for person, sees in [(ann, True), (lee, True), (colleague, False)]:
        client.force_login(person)
        assert ("Robin Example" in page(client, "letters")) is sees


def test_an_empty_list_says_where_letters_come_from(client, referral, ann):
    client.force_login(ann)

    assert "No letter waits. Letters are proposed as the procedure says" in page(client, "letters")


def test_the_list_leaves_a_line_with_every_child(client, letter, ann):
    client.force_login(ann)
    page(client, "letters")

    line = AuditEvent.objects.filter(type=audit.Type.LIST_READ).first()
    assert (line.by_id, line.children) == (ann.pk, ["C1"])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_cost_the_same_however_much_waits(client, tmp_path, django_assert_num_queries, rows):
    from routing.models import Referral

    family(tmp_path / "records")
    keys = [f"D{key}" for key in range(rows - 1)]
    bring(
        tmp_path / "more",
        children=[child(key, **HOME) for key in keys] or [child(**HOME)],
        carers=[carer(child_id=key) for key in keys] or [carer()],
        episodes=[episode(f"E{key}", key) for key in keys] or [episode()],
    )
    lee = member("Lee", Role.TEAM_LEADER)
    for each in Referral.objects.select_related("child", "version"):
        use_up(each, lee)
    run()
    for letter in Letter.objects.filter(to="child"):
        approved(letter, lee)
    client.force_login(lee)
    page(client, "letters")

    with django_assert_num_queries(27):
        said = page(client, "letters")
    assert said.count("about Robin Example") == rows
    with django_assert_num_queries(27):
        said = page(client, "print_queue")
    assert said.count("to Robin Example 1 Elm Road") == rows


# One letter


def test_a_letter_names_its_addressee_and_why_that_person_and_shows_what_it_says(client, letter, ann):
    client.force_login(ann)

    said = page(client, "letter", letter.pk)

    assert "Letter to Robin Example We could not reach you To approve" in said
    assert "Nobody was reached in 3 attempts, and the days for it ended on Tue 19 May." in said
    assert "Aged 14: from 13 on, the child and a parent or carer each get a letter." in said
    assert "1 Elm Road" in said
    assert "Approve the letter" in said


@pytest.mark.clause("SOM-4.6e")
@pytest.mark.parametrize("counts", [False, True])
def test_the_page_states_whether_the_letter_counts_as_an_offer(client, tmp_path, counts):
    text = source("somerset").replace("counts_as_offer = false", f"counts_as_offer = {str(counts).lower()}")
    referral = family(tmp_path, text=text)
    ann = member()
    give(referral, ann)
    client.force_login(ann)

    said = page(client, "letter", no_contact_letter(referral, ann).pk)

    assert ("By the procedure it counts as an offer" in said) is counts
    assert ("By the procedure it does not count as an offer" in said) is not counts


@pytest.mark.clause("SOM-4.8a")
def test_the_letter_after_a_refusal_shows_the_services_and_the_rule_of_its_addressee(client, referral, ann):
    refuse(referral, ann)
    run()
    client.force_login(ann)

    said = page(client, "letter", Letter.objects.get(kind="refusal", to="carer").pk)

    assert "The child has declined the interview. Aged 14: from 13 on" in said
    assert "Family Intervention Service: Support for the child and family" in said or "Support for the child" in said
    assert "As an offer" not in said


def test_what_keeps_a_letter_stands_above_it_and_it_cannot_be_approved(client, letter, ann, referral):
    episodes.correct(referral.child, values={"postcode": ""}, by=ann, now=OVER)
    client.force_login(ann)

    said = page(client, "letter", letter.pk)

    assert "This letter may not go out. The address does not end with a UK postcode." in said
    assert "Approve the letter" not in said
    answer = post(client, "letter", letter.pk)
    assert "The address does not end with a UK postcode." in words_of(answer)
    assert Letter.objects.get(pk=letter.pk).state == "proposed"


def test_approving_leads_on_to_what_waits_and_the_letter_to_the_print_queue(client, letter, ann):
    client.force_login(ann)
    shown = letters.shown_as(letter, writing.content(letter, now=now()))

    answer = post(client, "letter", letter.pk, shown=shown)

    assert answer.headers["Location"] == reverse("rhi:letters")
    assert Letter.objects.get(pk=letter.pk).approved_by == ann
    assert "We could not reach you, to Robin Example" in page(client, "print_queue")
    assert "Print queue: 1 letter" in page(client, "letters")


def test_what_has_changed_since_the_page_was_opened_is_shown_before_it_can_be_approved(client, letter, ann, referral):
    client.force_login(ann)
    html = client.get(reverse("rhi:letter", args=[letter.pk])).content.decode()
    shown = re.search(r'name="shown"[^>]*value="([^"]+)"', html)[1]
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=OVER)

    answer = post(client, "letter", letter.pk, shown=shown)

    assert "What is on record has changed since you opened this letter. Look at it once more." in words_of(answer)
    assert "9 Oak Road" in words_of(answer)
    again = re.search(r'name="shown"[^>]*value="([^"]+)"', answer.content.decode())[1]
    assert post(client, "letter", letter.pk, shown=again).status_code == 302
    assert Letter.objects.get(pk=letter.pk).address[0] == "9 Oak Road"


def test_a_looked_after_childs_letter_asks_for_a_word_first(client, tmp_path):
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area")
    referral = family(tmp_path, involvements=[placed])
    ann = member()
    give(referral, ann)
    letter = no_contact_letter(referral, ann)
    client.force_login(ann)
    asked = "The child is looked after: this person may get it, and the address is right"
    assert asked in page(client, "letter", letter.pk)

    assert "Confirm that this person may get the letter" in words_of(post(client, "letter", letter.pk))
    assert post(client, "letter", letter.pk, confirmed="on").status_code == 302


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"placement_provider": "Elm House"}, "By the records now in: Foster care, Elm House."),
        ({"placement_kind": ""}, "The records do not say in which placement."),
    ],
)
def test_beside_the_tick_box_it_says_where_the_child_is_placed_now(client, tmp_path, cells, said):
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area") | cells
    carers = [carer("Jo Frost", "foster carer"), carer("Robin Frost", "foster carer")]
    referral = family(tmp_path, carers=carers, involvements=[placed])
    ann = member()
    give(referral, ann)
    letter = no_contact_letter(referral, ann)
    client.force_login(ann)

    assert said in page(client, "letter", letter.pk)


def test_a_restricted_childs_letter_takes_two_people(client, letter, ann, lee, referral):
    restrict(referral.child, people=[ann], because="At risk.", by=lee, now=now() - timedelta(minutes=1))
    client.force_login(ann)
    assert "The child is restricted: the letter is to go all the same" in page(client, "letter", letter.pk)
    assert post(client, "letter", letter.pk, although_flagged="on").status_code == 302
    assert "You approved this letter. Somebody else looks at it as well" in page(client, "letter", letter.pk)

    client.force_login(lee)
    assert "Waits for a second person" in page(client, "letters")
    said = page(client, "letter", letter.pk)
    assert "Approve as the second person" in said
    assert "Open the letter as it was approved (PDF, 1 page)" in said
    assert post(client, "letter", letter.pk).status_code == 302

    assert Letter.objects.get(pk=letter.pk).seconded_by == lee


def test_whoever_may_read_but_not_approve_sees_no_button_and_posts_in_vain(client, letter):
    colleague = member("Bo")
    client.force_login(colleague)

    said = page(client, "letter", letter.pk)

    assert "Approve" not in said
    assert "Cancel it" not in said
    assert post(client, "letter", letter.pk).status_code == 404
    assert post(client, "cancel_letter", letter.pk, because="No.").status_code == 404
    assert Letter.objects.get(pk=letter.pk).state == "proposed"


def test_a_letter_is_cancelled_with_the_reason(client, letter, ann):
    client.force_login(ann)
    assert "Say why" in words_of(post(client, "cancel_letter", letter.pk))

    assert post(client, "cancel_letter", letter.pk, because="The mother rang.").status_code == 302

    said = page(client, "letter", letter.pk)
    assert "Cancelled" in said
    assert "by Ann The mother rang." in said
    assert "Cancel it" not in said


def test_whoever_is_second_is_told_who_was_first(client, letter, ann, lee):
    client.force_login(lee)
    approved(letter, ann)
    letters.mark_posted([letter], by=ann, now=OVER)

    answer = post(client, "cancel_letter", letter.pk, because="Wrong house.")

    assert "Ann has posted it, Wed 20 May, 08:00." in words_of(answer)
    assert "Wrong house." in words_of(answer)


def test_that_a_letter_came_back_is_recorded(client, letter, ann):
    approved(letter, ann)
    letters.mark_posted([letter], by=ann, now=OVER)
    client.force_login(ann)
    assert "It came back" in page(client, "letter", letter.pk)
    assert "To Robin Example, 1 Elm Road, Taunton, TA1 1AA, posted" in page(client, "letter_came_back", letter.pk)

    assert post(client, "letter_came_back", letter.pk).status_code == 302

    assert Letter.objects.get(pk=letter.pk).returned_at
    assert "Came back" in page(client, "letter", letter.pk)


# The PDF


def test_the_pdf_is_opened_by_whoever_sees_the_referral_and_every_opening_is_on_the_trail(client, letter, ann):
    frozen = approved(letter, ann)
    colleague = member("Bo")
    client.force_login(colleague)

    answer = client.get(reverse("rhi:letter_pdf", args=[letter.pk]))

    assert answer.content == bytes(Letter.objects.get(pk=frozen.pk).pdf)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="letter-{letter.pk}.pdf"'
    assert protection(answer) == (HEADERS, POLICY_OF_A_PDF)
    line = AuditEvent.objects.filter(type=audit.Type.LETTER_READ).first()
    assert (line.by_id, line.children, line.detail["pdf"]) == (colleague.pk, ["C1"], True)


def test_the_pdf_is_the_same_bytes_each_time_also_after_the_record_has_changed(client, letter, ann, referral):
    approved(letter, ann)
    client.force_login(ann)
    address = reverse("rhi:letter_pdf", args=[letter.pk])
    before = client.get(address).content
    episodes.correct(referral.child, values={"first_name": "Kit", "address_1": "9 Oak Road"}, by=ann, now=OVER)

    assert client.get(address).content == before


def test_somebody_of_another_team_gets_neither_page_nor_pdf_and_is_on_the_trail(client, letter, ann):
    approved(letter, ann)
    stranger = make_person("kim@example.org", "Kim")
    Membership.objects.create(user=stranger, team=Team.objects.create(name="Elsewhere"))
    client.force_login(stranger)

    for name in ("letter", "letter_pdf", "cancel_letter", "letter_came_back"):
        assert client.get(reverse(f"rhi:{name}", args=[letter.pk])).status_code == 404
    denials = AuditEvent.objects.filter(type=audit.Type.DENIED, by_id=stranger.pk)
    assert {(line.subject, *line.children) for line in denials} == {(f"rhi.Letter:{letter.pk}", "C1")}
    assert denials.count() == 4


def test_there_is_no_pdf_before_somebody_has_approved_it(client, letter, ann):
    client.force_login(ann)

    answer = client.get(reverse("rhi:letter_pdf", args=[letter.pk]))

    assert answer.headers["Location"] == reverse("rhi:letter", args=[letter.pk])
    assert protection(answer) == (HEADERS, POLICY)
