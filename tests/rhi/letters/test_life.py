"""From proposed to posted: freezing, the second person, pulling back, printing and posting."""

from datetime import timedelta

import pytest

from episodes import actions as episodes
from episodes.access import restrict
from rhi import letters as writing
from rhi.actions import letters
from rhi.actions.interviews import of_referral
from rhi.actions.letters import LetterRefused
from rhi.models import Letter
from staff import audit
from staff.models import AuditEvent
from staff.permissions import Role
from tests.records import involvement
from tests.rhi.letters.families import OVER, approved, carer, family, member, no_contact_letter, run, use_up

pytestmark = pytest.mark.django_db

LATER = OVER + timedelta(hours=1)


@pytest.fixture
def referral(tmp_path):
    return family(tmp_path / "records")


@pytest.fixture
def ann(referral):
    return member()


@pytest.fixture
def lee(referral):
    return member("Lee", Role.TEAM_LEADER)


@pytest.fixture
def letter(referral, ann):
    return no_contact_letter(referral, ann)


def lines(type_):
    return list(AuditEvent.objects.filter(type=type_).order_by("pk"))


# Proposed by hand


def test_somebody_writes_a_letter_to_one_person_with_leaflets(referral, ann):
    mother = referral.child.carers.get()

    letter = letters.propose(
        of_referral(referral),
        "signposting",
        to="carer",
        carer=mother,
        because="Asked for by telephone.",
        leaflets=["Safe at home"],
        by=ann,
        now=OVER,
    )

    stored = Letter.objects.get()
    assert (stored.state, stored.proposed_by, stored.proposed_at, stored.leaflets) == (
        "proposed",
        ann,
        OVER,
        ["Safe at home"],
    )
    [line] = lines(audit.Type.LETTER_PROPOSED)
    assert (line.by_id, line.subject, line.children) == (ann.pk, f"rhi.Letter:{letter.pk}", ["C1"])
    assert line.detail == {"referral": referral.pk, "kind": "signposting", "to": "carer", "step": 1}


def test_the_same_letter_to_the_same_person_is_written_once_and_the_second_is_told_by_whom(referral, ann, lee):
    of_it = {"to": "child", "because": "Due.", "now": OVER}
    letters.propose(of_referral(referral), "no_contact", by=ann, **of_it)

    with pytest.raises(LetterRefused, match=r"^Ann has already proposed this letter, Wed 20 May, 08:00.$"):
        letters.propose(of_referral(referral), "no_contact", by=lee, **of_it)

    assert Letter.objects.count() == 1


def test_services_are_pointed_to_as_often_as_somebody_asks(referral, ann):
    for _ in range(2):
        letters.propose(of_referral(referral), "signposting", to="child", because="Asked.", by=ann, now=OVER)

    assert Letter.objects.count() == 2


def test_nobody_writes_to_whom_the_rules_leave_out(tmp_path):
    referral = family(tmp_path, date_of_birth="2015-01-15", carers=[carer(safe="N")])
    ann = member()
    interview = of_referral(referral)

    with pytest.raises(LetterRefused, match="under 13, only a parent or carer"):
        letters.propose(interview, "signposting", to="child", because="Asked.", by=ann, now=OVER)
    with pytest.raises(LetterRefused, match="not safe to contact"):
        letters.propose(
            interview,
            "signposting",
            to="carer",
            carer=referral.child.carers.get(),
            because="Asked.",
            by=ann,
            now=OVER,
        )


@pytest.mark.parametrize("to", ["child", "carer"])
def test_a_letter_to_a_carer_names_the_carer(referral, ann, to):
    mother = None if to == "carer" else referral.child.carers.get()

    with pytest.raises(LetterRefused, match="names the carer"):
        letters.propose(of_referral(referral), "signposting", to=to, carer=mother, because="Asked.", by=ann, now=OVER)


def test_a_carer_of_another_child_gets_nothing(referral, ann):
    from episodes.models import Child

    other = Child.objects.create(child_id="C2", first_name="Kit", last_name="Other", date_of_birth="2012-01-01")
    stranger = other.carers.create(name="Pat Other", relationship="mother", safe_to_contact=True)

    with pytest.raises(LetterRefused, match="not on record as a carer of this child"):
        letters.propose(
            of_referral(referral), "signposting", to="carer", carer=stranger, because="Asked.", by=ann, now=OVER
        )


# Approved


def test_approving_freezes_addressee_address_text_and_pdf(letter, ann):
    approved(letter, ann)

    stored = Letter.objects.get(pk=letter.pk)
    content = writing.content(letter, now=OVER)
    drawn = writing.draw(content)
    assert (stored.state, stored.channel, stored.approved_by, stored.approved_at) == ("approved", "print", ann, OVER)
    assert (stored.addressee, stored.address) == ("Robin Example", ["1 Elm Road", "Taunton", "TA1 1AA"])
    assert bytes(stored.pdf) == drawn.pdf
    assert (stored.pages, stored.text_version) == (drawn.pages, drawn.text_version)
    [line] = lines(audit.Type.LETTER_APPROVED)
    assert (line.by_id, line.children, line.detail["channel"]) == (ann.pk, ["C1"], "print")
    assert "Robin" not in str(line.detail)


def test_what_was_frozen_stays_whatever_becomes_of_the_record(letter, ann, referral):
    approved(letter, ann)
    before = bytes(Letter.objects.get(pk=letter.pk).pdf)
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=LATER)

    stored = Letter.objects.get(pk=letter.pk)
    assert (stored.address[0], bytes(stored.pdf)) == ("1 Elm Road", before)


def test_a_letter_is_approved_once_and_the_second_is_told_by_whom(letter, ann, lee):
    approved(letter, ann)

    with pytest.raises(LetterRefused, match=r"^Ann has approved this letter, Wed 20 May, 08:00.$"):
        approved(letter, lee, at=LATER)

    assert Letter.objects.get(pk=letter.pk).approved_by == ann
    assert len(lines(audit.Type.LETTER_APPROVED)) == 1


def test_what_changed_since_somebody_saw_it_is_not_approved(letter, ann, referral):
    shown = letters.shown_as(letter, writing.content(letter, now=OVER))
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=OVER)

    with pytest.raises(LetterRefused, match="changed since you opened this letter"):
        approved(letter, ann, shown=shown)

    letter.refresh_from_db()
    approved(letter, ann, shown=letters.shown_as(letter, writing.content(reread(letter), now=OVER)))


def test_what_changes_while_the_pdf_is_drawn_is_not_approved(letter, ann, referral, monkeypatch):
    draw = writing.draw

    def draw_while_somebody_corrects_the_address(content):
        episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=OVER)
        return draw(content)

    monkeypatch.setattr(writing, "draw", draw_while_somebody_corrects_the_address)
    with pytest.raises(LetterRefused, match="changed since you opened this letter"):
        approved(letter, ann)

    assert Letter.objects.get(pk=letter.pk).state == "proposed"


def reread(letter):
    return Letter.objects.select_related("child", "carer", "referral__version").get(pk=letter.pk)


def test_without_a_key_there_is_no_other_way_than_the_print_queue(letter, ann, settings):
    assert letters.channels() == [("print", "Print queue")]

    with pytest.raises(LetterRefused, match="No letter can go this way here"):
        letters.approve(letter, channel="notify", by=ann, now=OVER)

    settings.NOTIFY_API_KEY = "invented"
    assert [code for code, _ in letters.channels()] == ["print", "notify"]


def test_a_looked_after_childs_letter_is_confirmed(tmp_path):
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area")
    referral = family(tmp_path, involvements=[placed])
    ann = member()
    letter = no_contact_letter(referral, ann)

    with pytest.raises(LetterRefused, match=r"The child is looked after. Confirm") as refusal:
        approved(letter, ann)
    assert refusal.value.field == "confirmed"

    assert approved(letter, ann, confirmed=True).state == "approved"


def test_a_letter_that_is_refused_leaves_nothing_behind(letter, ann, referral):
    episodes.correct(referral.child, values={"postcode": ""}, by=ann, now=OVER)

    with pytest.raises(LetterRefused):
        approved(letter, ann)

    stored = Letter.objects.get(pk=letter.pk)
    assert (stored.state, stored.approved_at, stored.pdf) == ("proposed", None, None)
    assert lines(audit.Type.LETTER_APPROVED) == []


# The second person


@pytest.fixture
def of_restricted(letter, referral, ann, lee):
    restrict(referral.child, people=[ann], because="At risk.", by=lee, now=OVER)
    return letter


def test_a_restricted_childs_letter_is_approved_only_when_somebody_says_so(of_restricted, ann):
    with pytest.raises(LetterRefused, match="The child is restricted") as refusal:
        approved(of_restricted, ann)

    assert refusal.value.field == "although_flagged"


def test_it_then_waits_for_a_second_person_who_is_not_the_first(of_restricted, ann, lee):
    approved(of_restricted, ann, although_flagged=True)

    waiting = Letter.objects.get(pk=of_restricted.pk)
    assert (waiting.state, waiting.approved_by, waiting.seconded_by) == ("proposed", ann, None)
    assert not Letter.objects.to_print().exists()
    with pytest.raises(LetterRefused, match="You approved this letter, so somebody else"):
        letters.second(waiting, by=ann, now=LATER)

    letters.second(waiting, by=lee, now=LATER)

    stored = Letter.objects.get(pk=of_restricted.pk)
    assert (stored.state, stored.seconded_by) == ("approved", lee)
    assert [(line.by_id, line.children) for line in lines(audit.Type.LETTER_SECONDED)] == [(lee.pk, ["C1"])]
    with pytest.raises(LetterRefused, match="Ann has approved this letter"):
        letters.second(waiting, by=lee, now=LATER)


def test_the_second_person_does_not_let_go_what_has_changed_meanwhile(of_restricted, ann, lee, referral):
    approved(of_restricted, ann, although_flagged=True)
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=LATER)

    with pytest.raises(LetterRefused, match="The address on record has changed since this letter was approved"):
        letters.second(of_restricted, by=lee, now=LATER)

    assert Letter.objects.get(pk=of_restricted.pk).state == "proposed"


def test_a_letter_that_nobody_has_approved_is_not_seconded(of_restricted, lee):
    with pytest.raises(LetterRefused, match="It has not been approved yet"):
        letters.second(of_restricted, by=lee, now=LATER)


# Cancelled and pulled back


def test_a_proposal_is_cancelled_with_the_reason(letter, ann):
    letters.cancel(letter, because=" The mother rang. ", by=ann, now=OVER)

    stored = Letter.objects.get(pk=letter.pk)
    assert (stored.state, stored.cancelled_because) == ("cancelled", "The mother rang.")
    assert (stored.settled_by, stored.settled_at) == (ann, OVER)
    assert [line.by_id for line in lines(audit.Type.LETTER_CANCELLED)] == [ann.pk]


def test_a_letter_is_cancelled_only_with_a_reason(letter, ann):
    with pytest.raises(LetterRefused, match="Say why"):
        letters.cancel(letter, because=" ", by=ann, now=OVER)


def test_an_approved_letter_is_pulled_back_until_it_is_posted(letter, ann, lee):
    approved(letter, ann)
    letters.cancel(letter, because="Wrong house.", by=lee, now=LATER)

    with pytest.raises(
        LetterRefused, match=rf"^Letter {letter.pk}: Lee has pulled back this letter, Wed 20 May, 09:00.$"
    ):
        letters.mark_posted([letter], by=ann, now=LATER)


def test_a_posted_letter_is_not_pulled_back_and_it_is_said_who_posted_it(letter, ann, lee):
    approved(letter, ann)
    letters.mark_posted([letter], by=ann, now=OVER)

    with pytest.raises(LetterRefused, match=r"^Ann has posted it, Wed 20 May, 08:00.$"):
        letters.cancel(letter, because="Wrong house.", by=lee, now=LATER)


def test_a_letter_that_is_being_sent_is_not_pulled_back(letter, ann):
    approved(letter, ann)
    Letter.objects.filter(pk=letter.pk).update(state="sending", sending_since=OVER)

    with pytest.raises(LetterRefused, match="It is being sent at this moment"):
        letters.cancel(letter, because="Wrong house.", by=ann, now=LATER)


# Printed and posted


def test_a_run_is_one_pdf_and_it_is_kept_that_it_was_printed(referral, ann):
    use_up(referral, ann)
    run()
    every = [approved(letter, ann) for letter in Letter.objects.order_by("pk")]
    assert len(every) == 2

    document = letters.print_run(every, by=ann, now=LATER)

    assert document == writing.run(list(Letter.objects.order_by("pk")))
    assert set(Letter.objects.values_list("printed_at", flat=True)) == {LATER}
    [line] = lines(audit.Type.LETTERS_PRINTED)
    assert (line.by_id, line.children, line.detail) == (ann.pk, ["C1"], {"letters": [letter.pk for letter in every]})


def test_letters_are_marked_as_posted_with_who_and_when_all_or_none(referral, ann, lee):
    use_up(referral, ann)
    run()
    first, second = [approved(letter, ann) for letter in Letter.objects.order_by("pk")]
    letters.cancel(second, because="Wrong house.", by=lee, now=OVER)

    with pytest.raises(LetterRefused, match="Lee has pulled back"):
        letters.mark_posted([first, second], by=ann, now=LATER)
    assert Letter.objects.get(pk=first.pk).state == "approved"

    letters.mark_posted([first], by=ann, now=LATER)

    stored = Letter.objects.get(pk=first.pk)
    assert (stored.state, stored.sent_at, stored.settled_by) == ("sent", LATER, ann)
    assert [line.detail for line in lines(audit.Type.LETTERS_POSTED)] == [{"letters": [first.pk]}]
    with pytest.raises(LetterRefused, match="Ann has posted it"):
        letters.mark_posted([first], by=lee, now=LATER)


def test_one_that_has_gone_although_it_should_not_have_is_recorded_as_it_happened(letter, ann, referral):
    approved(letter, ann)
    episodes.correct(referral.child, values={"address_1": "9 Oak Road"}, by=ann, now=OVER)
    with pytest.raises(LetterRefused, match="The address on record has changed"):
        letters.mark_posted([letter], by=ann, now=LATER)

    letters.mark_posted([letter], although=True, by=ann, now=LATER)

    assert Letter.objects.get(pk=letter.pk).state == "sent"
    assert lines(audit.Type.LETTERS_POSTED)[0].detail == {"letters": [letter.pk], "although": True}


def test_a_run_of_nothing_is_refused(ann):
    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused, match="Choose at least one letter"):
            act([], by=ann, now=LATER)


def test_a_proposed_letter_is_neither_printed_nor_posted(letter, ann):
    for act in (letters.print_run, letters.mark_posted):
        with pytest.raises(LetterRefused, match="It has not been approved yet"):
            act([letter], by=ann, now=LATER)
