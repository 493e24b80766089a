"""Letters that failed or are uncertain, and the print queue while all work is held after a restore."""

import pytest
from django.urls import reverse

from jobs.models import Hold, Job
from rhi.actions import letters
from rhi.actions.letters import LetterRefused
from rhi.models import Letter, Notice, Offer
from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import london
from tests.rhi.letters.families import OVER, approved, family, give, member, no_contact_letter, run, stranger, use_up
from tests.rhi.letters.reading import page, post, words_of
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

LATER = london("2026-05-20 09:00")
POSTED = london("2026-05-20 08:30")
BECAUSE = "It was on its way when the backup was made that has been restored."


def hold():
    Hold.objects.create(pk=1, since=OVER, because="A backup was restored.")


@pytest.fixture
def uncertain(letter, ann):
    """A letter of the print queue that was approved when a backup was made that has been restored since."""
    approved(letter, ann)
    Letter.objects.filter(pk=letter.pk).update(
        state="uncertain", failure=BECAUSE, sending_since=OVER, printed_at=OVER, job=None
    )
    return Letter.objects.get(pk=letter.pk)


def settled():
    return [line.detail["decision"] for line in AuditEvent.objects.filter(type=audit.Type.SENDING_SETTLED)]


# While all work is held


def test_nothing_is_printed_or_marked_as_posted_while_all_work_is_held(letter, ann):
    approved(letter, ann)
    hold()

    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused, match="all work is held until an administrator releases it"):
            act([letter], by=ann, now=LATER)
    stored = Letter.objects.get(pk=letter.pk)
    assert (stored.state, stored.printed_at) == ("approved", None)

    Hold.objects.all().delete()
    assert letters.print_run([letter], by=ann, now=LATER)


def test_the_letters_own_pages_say_that_all_work_is_held(client, letter, ann):
    client.force_login(ann)
    pages = [("letters",), ("print_queue",), ("letter", letter.pk)]
    assert [each for each in pages if "A backup was restored" in page(client, *each)] == []

    hold()

    assert [each for each in pages if "A backup was restored" not in page(client, *each)] == []


def test_the_print_queue_offers_nothing_that_it_would_refuse_while_all_work_is_held(client, referral, ann):
    use_up(referral, ann)
    run()
    first, second = (approved(letter, ann) for letter in Letter.objects.order_by("pk"))
    letters.print_run([second], by=ann, now=LATER)
    client.force_login(ann)
    offered = ("Open the ticked as one PDF", "Mark the ticked as posted", "Print the ticked again")
    said = page(client, "print_queue")
    assert [words in said for words in offered] == [True, True, True]

    hold()

    said = page(client, "print_queue")
    assert [words in said for words in offered] == [False, False, False]
    assert f"Letter {first.pk}, 1 page" in said
    assert f"Letter {second.pk}, 1 page" in said
    html = client.get(reverse("rhi:print_queue")).content.decode()
    assert ("checkbox" in html, html.count("See or pull back")) == (False, 2)


# A printed letter of which nobody knows whether it was posted


def test_somebody_on_the_case_says_that_it_was_posted_and_when(client, uncertain, ann):
    client.force_login(ann)
    assert "Was it posted?" in page(client, "letter", uncertain.pk)

    answer = post(client, "letter", uncertain.pk, answer="posted", posted_at="2026-05-20T08:30")

    assert answer.headers["Location"] == reverse("rhi:letters")
    stored = Letter.objects.get(pk=uncertain.pk)
    assert (stored.state, stored.sent_at, stored.settled_by, stored.failure) == ("sent", POSTED, ann, "")
    assert settled() == ["posted"]
    assert "Was it posted?" not in page(client, "letter", uncertain.pk)


def test_or_that_it_was_not_and_then_it_is_printed_again(client, uncertain, ann):
    client.force_login(ann)
    post(client, "letter", uncertain.pk, answer="again")

    stored = Letter.objects.get(pk=uncertain.pk)
    assert (stored.state, stored.printed_at, stored.sending_since) == ("approved", None, None)
    assert settled() == ["print again"]
    assert "To print" in page(client, "print_queue")
    letters.print_run([stored], by=ann, now=LATER)
    letters.mark_posted([stored], by=ann, now=LATER)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Say whether it was posted"),
        ({"answer": "posted"}, "Enter when it was posted"),
        ({"answer": "posted", "posted_at": "soon"}, "Enter a date and time like"),
        ({"answer": "posted", "posted_at": "2199-01-01T10:00"}, "This lies in the future"),
        ({"answer": "posted", "posted_at": "2026-05-19T10:00"}, "It was posted after it was approved"),
        ({"answer": "again", "posted_at": "2026-05-20T08:30"}, "Leave this empty, or choose that it was posted"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(client, uncertain, ann, typed, said):
    client.force_login(ann)
    answer = post(client, "letter", uncertain.pk, **typed)

    assert said in words_of(answer)
    assert typed.get("posted_at", "") in answer.content.decode()
    assert Letter.objects.get(pk=uncertain.pk).state == "uncertain"
    assert settled() == []


def test_the_second_who_settles_it_is_told_how_it_stands(uncertain, ann, lee):
    letters.settle_printed(uncertain, posted_at=POSTED, by=ann, now=LATER)

    with pytest.raises(LetterRefused, match="Ann has posted it"):
        letters.settle_printed(uncertain, posted_at=None, by=lee, now=LATER)
    assert settled() == ["posted"]


def test_nobody_else_settles_it(client, uncertain):
    client.force_login(stranger())

    assert post(client, "letter", uncertain.pk, answer="again").status_code == 404
    assert Letter.objects.get(pk=uncertain.pk).state == "uncertain"


def test_one_that_was_posted_counts_as_an_offer_from_then(tmp_path):
    from procedures.actions import source

    text = source("somerset").replace("counts_as_offer = false", "counts_as_offer = true")
    referral, ann = family(tmp_path, text=text), None
    ann = member()
    give(referral, ann)
    letter = approved(no_contact_letter(referral, ann), ann)
    Letter.objects.filter(pk=letter.pk).update(state="uncertain", failure=BECAUSE, sending_since=OVER)

    letters.settle_printed(letter, posted_at=POSTED, by=ann, now=LATER)

    assert list(Offer.objects.values_list("offered_at", "recorded_at")) == [(POSTED, LATER)]


# The list


@pytest.mark.parametrize(
    ("state", "channel", "what_to_do"),
    [
        ("failed", "notify", "Open it and pull it back"),
        ("uncertain", "notify", "GOV.UK Notify is asked for it every hour"),
        ("uncertain", "print", "Ask whoever posts your letters"),
    ],
)
def test_what_is_not_known_to_have_gone_is_listed_with_what_to_do(client, letter, ann, state, channel, what_to_do):
    approved(letter, ann)
    Letter.objects.filter(pk=letter.pk).update(state=state, channel=channel, failure="A reason.", sending_since=OVER)
    client.force_login(ann)

    said = page(client, "letters")
    assert "Not known to have gone" in said
    assert f"{Letter.State(state).label}: A reason." in said
    assert what_to_do in said

    client.force_login(stranger())
    assert "Not known to have gone" not in page(client, "letters")


@pytest.fixture
def given_up(letter, ann, settings):
    """A letter for GOV.UK Notify of which the sending was given up."""
    settings.NOTIFY_API_KEY = "key"
    letters.approve(letter, channel="notify", by=ann, now=OVER)
    letter.refresh_from_db()
    Job.objects.filter(pk=letter.job_id).update(state="dead", reason="It broke.", finished_at=OVER)
    return letter


def test_a_letter_whose_sending_was_given_up_is_listed_and_counted(client, given_up, ann):
    # Beside it the one to the mother still waits to be approved.
    assert Letter.objects.numbers(long_since=LATER) == {
        "letters": 1,
        "posting": 0,
        "old_letters": 1,
        "stuck_letters": 1,
    }
    client.force_login(ann)

    said = page(client, "letters")

    assert "Not known to have gone" in said
    assert "Given up" in said
    assert "Have an administrator try again" in said


def test_one_whose_job_is_set_aside_has_failed_and_whoever_holds_the_case_is_told(client, given_up, ann):
    admin = make_person("admin@example.org", "Admin", Role.ADMINISTRATOR)
    client.force_login(admin)

    assert post(client, "background", do="set_aside", job=given_up.job_id).status_code == 302

    given_up.refresh_from_db()
    assert (given_up.state, given_up.failure) == (
        "failed",
        "Sending it was given up, and an administrator has left it at that.",
    )
    assert Letter.objects.stuck().get() == given_up
    notice = Notice.objects.get(to=ann, kind="letter_failed")
    assert "an administrator has left it at that" in notice.about


def test_the_list_costs_the_same_for_one_and_for_several(client, referral, ann, django_assert_num_queries):
    use_up(referral, ann)
    run()
    keys = [approved(letter, ann).pk for letter in Letter.objects.order_by("pk")]
    client.force_login(ann)
    page(client, "letters")
    for number in (1, 2):
        Letter.objects.filter(pk__in=keys[:number]).update(state="failed", failure="Refused.", sending_since=OVER)
        with django_assert_num_queries(10):
            said = page(client, "letters")
        assert said.count("Failed: Refused.") == number
