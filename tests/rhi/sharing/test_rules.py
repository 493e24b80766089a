"""What may be shared with whom, before anything is stored."""

from datetime import date

import pytest

from rhi import sharing
from rhi.models import Share
from rhi.sharing import Around, Proposed, objection

HELD = Around(wishes={}, held=True, written_up=True, theirs=False)


def around(*, held=True, written_up=True, theirs=False, **wishes):
    return Around(wishes=wishes, held=held, written_up=written_up, theirs=theirs)


def proposed(to, what="details", how="secure_email", basis="task", **more):
    return Proposed(to, what, how, basis, **({"said": "He was cold."} | more))


def test_every_recipient_is_either_asked_about_or_a_professional():
    professionals = {"social_worker", "police", "health", "mash", "iro", "other_authority", "panel"}

    assert set(Share.To.values) == professionals | sharing.BY_WISH
    assert set(Share.Basis.values) >= sharing.OVERRIDING
    assert set(Share.What.values) > sharing.CONTENT
    assert professionals >= sharing.WITH_OTHER_PEOPLE


@pytest.mark.parametrize("to", ["social_worker", "police", "health", "mash", "iro", "panel", "other_authority"])
def test_a_professional_is_told_what_is_needed_without_the_childs_agreement(to):
    assert objection(proposed(to), HELD) is None
    assert HELD.instead(to) == ""


@pytest.mark.parametrize("to", ["parent", "placement", "school", "other"])
@pytest.mark.parametrize("wish", ["does_not_agree", "not_asked", "declined_to_say", None])
def test_without_agreement_nobody_else_learns_what_was_said(to, wish):
    said = {sharing.ASKED_FOR[to]: wish} if wish else {}

    refused = objection(proposed(to), around(**said))

    assert refused is not None
    assert refused.field == "basis"
    assert "Tell them only that the interview took place, and on which day." in refused.words


def test_health_is_a_professional_until_the_child_says_no():
    assert objection(proposed("health"), around(health="not_asked")) is None
    assert objection(proposed("health"), around(health="does_not_agree")).field == "basis"


def test_agreement_for_one_is_none_for_another():
    agreed = around(carer_or_placement="agrees", parent="does_not_agree")

    assert objection(proposed("placement", basis="agreed"), agreed) is None
    assert objection(proposed("parent", basis="agreed"), agreed).field == "basis"


def test_against_the_wish_it_takes_a_concern_or_a_court_a_reason_and_an_approver_in_that_order():
    wish = around(parent="does_not_agree")

    assert objection(proposed("parent", because="Risk", approved=True), wish).field == "basis"
    assert objection(proposed("parent", basis="harm", approved=True), wish).field == "because"
    assert objection(proposed("parent", basis="court", because="An order"), wish).field == "approved_by"
    assert objection(proposed("parent", basis="harm", because="Risk", approved=True), wish) is None


def test_that_it_took_place_is_only_said_when_it_did_and_when_there_is_no_agreement():
    assert objection(proposed("parent", "took_place"), HELD) is None
    assert "No interview was held" in objection(proposed("parent", "took_place"), around(held=False)).words
    assert "would not be true" in objection(proposed("parent", "took_place"), around(parent="agrees")).words


def test_the_form_is_sent_once_it_is_written_up_and_never_by_telephone():
    assert objection(proposed("social_worker", "form"), around(written_up=False)).field == "what"
    assert objection(proposed("social_worker", "form", how="phone"), HELD).field == "how"
    assert objection(proposed("social_worker", "form"), HELD) is None


def test_what_was_passed_on_is_said():
    assert objection(proposed("police", said=""), HELD).field == "said"


def test_the_placement_of_another_authoritys_child_is_only_advised_to_ask_the_social_worker():
    theirs = around(theirs=True)

    assert theirs.instead("placement") == "ask_social_worker"
    assert "ask the child’s social worker" in objection(proposed("placement"), theirs).words
    assert "Somerset 8.1.3" in objection(proposed("placement", "took_place"), theirs).words
    assert objection(proposed("placement", "ask_social_worker"), theirs) is None
    assert theirs.instead("parent") == "took_place"


@pytest.mark.clause("SOM-4.15b")
def test_without_agreement_the_placement_learns_three_things_and_nothing_else():
    assert sharing.took_place(date(2026, 5, 13)) == (
        "A return home interview has been held.\n"
        "It was held on 13 May 2026.\n"
        "Agreement to share what was said has not been given.\n"
    )


@pytest.mark.clause("SOM-8.1.3c")
def test_the_text_that_advises_says_just_that():
    assert sharing.ask_social_worker() == "Please ask the child’s social worker for information.\n"
