"""Letters by GOV.UK Notify: posted once, asked about, and uncertain only where nobody can tell."""

from datetime import timedelta

import pytest

from checks.servers import free_port
from episodes.models import Child
from jobs import claims, sweep, work
from jobs.models import Job
from rhi.actions import sending
from rhi.delivery import notify as delivery
from rhi.models import Letter, Notice, Offer
from staff import audit
from staff.models import AuditEvent
from tests.records import NOW
from tests.rhi.case_work import give, member
from tests.rhi.delivery.conftest import PDF
from tests.staff.people import make_person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.django_db

State = Letter.State


def do(letter, *, now=NOW):
    """The letter's job, done once."""
    job = work.do(letter.job_id, now=now)
    letter.refresh_from_db()
    return job


def ask(*, now):
    """The hourly look at how letters stand."""
    sending.ask_notify(prepared=sending.ask_about_letters(now=now), now=now)


def test_a_letter_is_posted_once_under_its_reference(notify, letter):
    assert do(letter).state == Job.State.DONE

    taken = notify.letter(letter.reference)
    assert taken["pdf"] == PDF
    assert (letter.state, letter.sent_at, letter.outside_id) == (State.SENT, NOW, taken["id"])
    assert work.do(letter.job_id, now=NOW) is None
    assert len(notify.posts) == 1


def test_nothing_of_anybody_stands_in_what_notify_is_told_but_the_letter_itself(notify, letter):
    do(letter)

    assert [path for path in notify.posts + notify.asked if "Robin" in path or "C1" in path] == []
    assert notify.letters[0]["reference"] == str(letter.reference)


@pytest.mark.parametrize(
    ("meets", "state", "reason"),
    [
        (400, State.FAILED, "GOV.UK Notify refused the letter (400)."),
        (403, State.FAILED, "GOV.UK Notify refused the letter (403)."),
        (429, State.APPROVED, "GOV.UK Notify takes no more letters for now (429)."),
        (500, State.UNCERTAIN, "GOV.UK Notify failed after it was given the letter (500)."),
        (502, State.UNCERTAIN, "GOV.UK Notify failed after it was given the letter (502)."),
        ("drop", State.UNCERTAIN, "GOV.UK Notify did not say whether it took the letter."),
        ("dawdle", State.UNCERTAIN, "GOV.UK Notify did not say whether it took the letter."),
        ("take and drop", State.SENT, ""),
        ("take and dawdle", State.SENT, ""),
        ("take and fail", State.SENT, ""),
        ("take and babble", State.SENT, ""),
    ],
)
def test_what_a_failure_says_of_a_letter(notify, letter, meets, state, reason):
    notify.meets.append(meets)
    job = do(letter)

    assert (letter.state, letter.failure) == (state, reason)
    assert job.state == (Job.State.WAITING if state == State.APPROVED else Job.State.DONE)
    assert len(notify.posts) == 1


def test_a_letter_whose_answer_was_lost_is_uncertain_where_notify_cannot_be_asked_either(notify, letter, monkeypatch):
    def drop_and_say_no_more():
        notify.asking_meets = "drop"
        return "take and drop"

    class Meets(list):
        def pop(self, *_):
            return drop_and_say_no_more()

    notify.meets = Meets(["take and drop"])
    do(letter)

    assert letter.state == State.UNCERTAIN


def test_a_key_that_is_wrong_is_refused_by_its_signature(settings, notify, letter):
    settings.NOTIFY_API_KEY = settings.NOTIFY_API_KEY[:-4] + "0000"
    do(letter)

    assert letter.state == State.FAILED
    assert notify.letters == []


def test_with_nobody_there_it_waits_and_goes_later(settings, notify, letter):
    settings.NOTIFY_BASE_URL = f"http://127.0.0.1:{free_port()}"
    job = do(letter)
    assert (job.state, job.attempts, job.reason) == (Job.State.WAITING, 0, "GOV.UK Notify does not answer.")
    assert letter.state == State.APPROVED

    settings.NOTIFY_BASE_URL = notify.url
    do(letter, now=NOW + MINUTE)
    assert letter.state == State.SENT
    assert len(notify.letters) == 1


def test_what_was_too_much_goes_once_at_the_next_try(notify, letter):
    notify.meets.append(429)
    do(letter)
    do(letter, now=NOW + MINUTE)

    assert (letter.state, len(notify.letters)) == (State.SENT, 1)


def test_a_letter_that_notify_has_already_is_not_posted_again(notify, letter):
    """After a restore the row may be older than the letter."""
    taken = notify.take(str(letter.reference), PDF)
    do(letter)

    assert (letter.state, letter.outside_id) == (State.SENT, taken["id"])
    assert notify.posts == []


def test_a_letter_that_notify_had_and_could_not_print_may_be_posted_again(notify, letter):
    notify.take(str(letter.reference), PDF, status="validation-failed")
    do(letter)

    assert (letter.state, len(notify.posts)) == (State.SENT, 1)


def test_without_a_key_there_is_no_such_channel(settings, letter):
    settings.NOTIFY_API_KEY = ""

    assert not delivery.configured()
    assert do(letter).reason == "GOV.UK Notify is not set up here (NOTIFY_API_KEY)."
    assert letter.state == State.APPROVED


@pytest.mark.parametrize(("pages", "size"), [(11, 100), (1, 2 * 1024 * 1024 + 1)])
def test_a_letter_that_is_too_long_is_not_even_tried(notify, letter, pages, size):
    Letter.objects.filter(pk=letter.pk).update(pages=pages, pdf=PDF.ljust(size))
    do(letter)

    assert (letter.state, notify.posts) == (State.FAILED, [])


def test_a_letter_against_which_something_speaks_by_now_is_not_sent(notify, letter):
    Child.objects.filter(pk=letter.child_id).update(address_1="9 Other Road")
    do(letter)

    assert (letter.state, notify.posts) == (State.FAILED, [])
    assert letter.failure == "Something speaks against sending it now. The letter’s own page says what."


# How it stands


def test_letters_on_their_way_are_asked_about_until_they_are_posted(notify, letter):
    do(letter)
    ask(now=NOW + HOUR)
    letter.refresh_from_db()
    assert (letter.state, letter.outside_status, letter.asked_at) == (State.SENT, "accepted", NOW + HOUR)

    notify.letter(letter.reference)["status"] = "received"
    ask(now=NOW + 2 * HOUR)
    ask(now=NOW + 3 * HOUR)
    letter.refresh_from_db()
    assert (letter.state, letter.outside_status, letter.asked_at) == (State.SENT, "received", NOW + 2 * HOUR)


@pytest.mark.parametrize("status", list(delivery.NEVER_POSTED))
def test_a_letter_that_was_never_posted_has_failed(notify, letter, status):
    do(letter)
    notify.letter(letter.reference)["status"] = status
    ask(now=NOW + HOUR)

    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.failure) == (State.FAILED, None, delivery.NEVER_POSTED[status])
    assert letter.outside_status == status


def told():
    return [(notice.to.name, notice.kind, notice.child_id) for notice in Notice.objects.order_by("to__name", "pk")]


def test_a_letter_that_is_refused_is_told_to_whoever_approved_it_and_whoever_holds_the_referral(notify, letter):
    worker = member("wanda@example.org")
    give(letter.referral, worker)
    notify.meets.append(400)
    do(letter)

    child = letter.child_id
    assert told() == sorted([(letter.approved_by.name, "letter_failed", child), (worker.name, "letter_failed", child)])
    about = Notice.objects.first().about
    assert "GOV.UK Notify refused the letter (400)." in about
    assert "Robin" not in about


def test_each_failure_is_told_and_each_once(notify, letter):
    notify.meets += [400, 400]
    do(letter)
    assert len(told()) == 1
    sending.send_again(letter, by=letter.approved_by, now=NOW + HOUR)
    letter.refresh_from_db()
    do(letter, now=NOW + HOUR)

    assert len(told()) == 2


def test_one_that_notify_never_posted_was_no_offer_and_is_told(notify, offering):
    do(offering)
    assert Offer.objects.count() == 1
    notify.letter(offering.reference)["status"] = "permanent-failure"
    ask(now=NOW + HOUR)

    assert Offer.objects.count() == 0
    assert [kind for _, kind, _ in told()] == ["letter_failed"]


def test_an_offer_that_was_answered_stays_whatever_notify_says_later(notify, offering):
    do(offering)
    Offer.objects.update(response="accepted", responded_at=NOW)
    notify.letter(offering.reference)["status"] = "permanent-failure"
    ask(now=NOW + HOUR)

    assert Offer.objects.count() == 1


def test_nobody_knows_of_a_letter_that_notify_has_forgotten_whether_it_was_posted_and_that_is_told(notify, offering):
    do(offering)
    notify.letter(offering.reference)["status"] = "validation-failed"  # while nobody could ask
    notify.letters.clear()
    ask(now=NOW + 10 * DAY)
    asked = len(notify.asked)
    ask(now=NOW + 11 * DAY)

    offering.refresh_from_db()
    assert (offering.state, offering.sent_at, offering.failure) == (State.UNCERTAIN, None, delivery.NO_LONGER_KNOWN)
    assert list(Letter.objects.stuck()) == [offering]
    assert Offer.objects.count() == 0
    assert [kind for _, kind, _ in told()] == ["letter_failed"]
    assert "Nobody knows whether the letter" in Notice.objects.get().about
    assert len(notify.asked) == asked


def test_nor_of_one_of_which_notify_says_nothing_for_a_month(notify, letter):
    do(letter)
    notify.letter(letter.reference)["status"] = "pending-virus-check"
    ask(now=NOW + 29 * DAY)
    letter.refresh_from_db()
    assert (letter.state, Notice.objects.count()) == (State.SENT, 0)

    ask(now=NOW + 30 * DAY)
    ask(now=NOW + 31 * DAY)

    letter.refresh_from_db()
    assert (letter.state, letter.failure) == (State.UNCERTAIN, delivery.NEVER_SAID)
    assert [kind for _, kind, _ in told()] == ["letter_failed"]


def test_one_that_was_posted_is_never_in_doubt(notify, letter):
    do(letter)
    notify.letter(letter.reference)["status"] = "received"
    ask(now=NOW + DAY)
    notify.letters.clear()
    ask(now=NOW + 60 * DAY)

    letter.refresh_from_db()
    assert (letter.state, Notice.objects.count()) == (State.SENT, 0)


def test_a_person_who_knows_that_it_arrived_settles_it_as_of_when_it_was_handed_over(notify, offering):
    do(offering)
    notify.letters.clear()
    ask(now=NOW + 10 * DAY)
    offering.refresh_from_db()

    alex = make_person("alex@example.org", role="administrator")
    sending.settle(offering, went=True, by=alex, now=NOW + 11 * DAY)

    offering.refresh_from_db()
    assert (offering.state, offering.sent_at, offering.settled_at) == (State.SENT, NOW, NOW + 11 * DAY)
    assert Offer.objects.get().offered_at == NOW
    ask(now=NOW + 12 * DAY)
    assert Letter.objects.get(pk=offering.pk).state == State.SENT


def test_one_that_is_to_go_again_is_handed_over_and_asked_about_like_any_other(notify, letter):
    do(letter)
    notify.letters.clear()
    ask(now=NOW + 10 * DAY)
    letter.refresh_from_db()
    sending.settle(letter, went=False, by=letter.approved_by, now=NOW + 11 * DAY)
    letter.refresh_from_db()
    do(letter, now=NOW + 11 * DAY)
    notify.letter(letter.reference)["status"] = "received"
    ask(now=NOW + 12 * DAY)

    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.outside_status) == (State.SENT, NOW + 11 * DAY, "received")


def test_a_letter_in_doubt_is_certain_once_notify_says_that_it_has_it(notify, letter):
    notify.meets.append("drop")
    do(letter)
    ask(now=NOW + HOUR)
    letter.refresh_from_db()
    assert letter.state == State.UNCERTAIN

    taken = notify.take(str(letter.reference), PDF)
    ask(now=NOW + 2 * HOUR)
    letter.refresh_from_db()
    assert (letter.state, letter.sent_at, letter.outside_id) == (State.SENT, NOW + 2 * HOUR, taken["id"])


def test_what_notify_cannot_say_now_is_asked_in_the_next_hour(notify, letter):
    do(letter)
    notify.asking_meets = 500
    ask(now=NOW + HOUR)
    letter.refresh_from_db()
    assert letter.asked_at is None

    notify.asking_meets = None
    ask(now=NOW + 2 * HOUR)
    letter.refresh_from_db()
    assert letter.asked_at == NOW + 2 * HOUR


def test_that_notify_does_not_let_us_ask_is_shown_to_a_person(notify, letter):
    do(letter)
    notify.asking_meets = 403

    with pytest.raises(work.JobError, match=r"GOV\.UK Notify does not let us ask"):
        ask(now=NOW + HOUR)


def three_on_their_way(notify, letter):
    """The letter and two more like it are on their way; answers what Notify calls them."""
    do(letter)
    ids = [notify.letters[0]["id"]]
    for number in range(2):
        copy = Letter.objects.get(pk=letter.pk)
        copy.pk, copy.reference, copy.outside_id = None, None, notify.take(f"other {number}", PDF)["id"]
        copy.reference = notify.letters[-1]["id"]
        copy.save()
        ids.append(copy.outside_id)
    notify.asked.clear()
    return ids


def test_however_slow_the_answers_are_what_was_heard_is_kept_and_the_rest_asked_next(notify, letter, monkeypatch):
    ids = three_on_their_way(notify, letter)
    assert sending.ASKED_AT_MOST < claims.LEASE
    monkeypatch.setattr(sending, "ASKED_AT_MOST", timedelta(seconds=0.15))
    notify.asking_takes = 0.2
    for hour in range(1, 4):
        ask(now=NOW + hour * HOUR)

    assert [path.rpartition("/")[2] for path in notify.asked] == ids
    assert Letter.objects.filter(asked_at__isnull=False).count() == 3


def test_so_many_are_asked_about_at_once_those_longest_unasked_first(notify, letter, monkeypatch):
    monkeypatch.setattr(sending, "ASKED_AT_ONCE", 1)
    ids = three_on_their_way(notify, letter)
    for hour in range(1, 5):
        ask(now=NOW + hour * HOUR)

    assert [path.rpartition("/")[2] for path in notify.asked] == [*ids, ids[0]]


def test_the_hourly_look_runs_by_itself(notify, letter):
    do(letter)
    notify.letter(letter.reference)["status"] = "received"
    for job in sweep.sweep(now=NOW + HOUR):
        if Job.objects.get(pk=job).name == "rhi.actions.sending.ask_notify":
            work.do(job, now=NOW + HOUR)

    letter.refresh_from_db()
    assert letter.outside_status == "received"


# What follows


def taken_at_once(notify, letter):
    do(letter)


def heard_of_later(notify, letter):
    notify.meets.append("drop")
    do(letter)
    notify.take(str(letter.reference), PDF)
    ask(now=NOW + HOUR)


def said_by_a_person(notify, letter):
    notify.meets.append("drop")
    do(letter)
    sending.settle(letter, went=True, by=make_person("alex@example.org", role="administrator"), now=NOW)


@pytest.mark.parametrize("way", [taken_at_once, heard_of_later, said_by_a_person])
def test_a_letter_that_went_counts_as_an_offer_where_the_procedure_says_so(notify, offering, way):
    way(notify, offering)

    offering.refresh_from_db()
    offer = Offer.objects.get()
    assert (offering.state, offer.route, offer.offered_at) == (State.SENT, "letter", offering.sent_at)


@pytest.mark.parametrize("meets", ["drop", 400, 429])
def test_a_letter_that_may_not_have_gone_is_no_offer(notify, offering, meets):
    notify.meets.append(meets)
    do(offering)

    assert Offer.objects.count() == 0


# Came back


def test_a_letter_that_came_back_is_recorded_and_stands_in_the_trail(notify, letter):
    do(letter)

    assert sending.returned(letter.reference, now=NOW + 9 * DAY)
    letter.refresh_from_db()
    assert letter.returned_at == NOW + 9 * DAY
    line = AuditEvent.objects.get(type=audit.Type.LETTER_RETURNED)
    assert (line.by_id, line.children) == (None, ["C1"])
    assert "came back" in " ".join(sending.letters.blocks(letter, now=NOW + 9 * DAY))


def test_a_letter_that_never_went_has_not_come_back(letter):
    assert not sending.returned(letter.reference, now=NOW)
    assert not sending.returned("11111111-1111-4111-8111-111111111111", now=NOW)
