"""What a referral needs next, by what is known of it."""

from dataclasses import replace

import pytest

from rhi.views.next_step import Doer, Known, OfferMade, next_step
from tests.records import NOW, london

HELD_BY_ROBIN = Known(referral=7, now=NOW, worker="Robin Hale", team="Taunton", outcomes_missing=1)


def title(known: Known) -> str:
    return next_step(known).title


def ways(known: Known) -> list[str]:
    return [way.name for way in next_step(known).ways]


@pytest.mark.parametrize(
    ("facts", "step", "first_way"),
    [
        ({"question": "Who holds it?"}, "Settle the question", "rhi:settle"),
        ({"worker": ""}, "Give it to a worker", "rhi:assign"),
        ({}, "Make the first attempt", "rhi:log_attempt"),
        ({"attempts": 1}, "Try again", "rhi:log_attempt"),
        ({"attempts": 2, "spoken": True}, "Offer the interview", "rhi:record_offer"),
        ({"attempts": 3, "all_tried": True}, "Record the outcome", "rhi:record_outcomes"),
        ({"offers": (OfferMade(3, "child", ""),)}, "Record the response", "rhi:record_response"),
        ({"offers": (OfferMade(3, "child", "accepted"),)}, "Book the interview", "rhi:book"),
        (
            {"offers": (OfferMade(3, "child", "declined_by_child"),)},
            "Try it differently, or record the outcome",
            "rhi:record_outcomes",
        ),
        ({"offers": (OfferMade(3, "child", "not_asked"),)}, "Record the outcome", "rhi:record_outcomes"),
        ({"offers": (OfferMade(3, "child", "no_response"),)}, "Try again", "rhi:log_attempt"),
        ({"appointment_at": london("2026-06-16 15:00")}, "Hold the interview", "rhi:record_held"),
        ({"held_at": NOW}, "Write up the interview", "rhi:form"),
        ({"held_at": NOW, "written_up_at": NOW}, "Read and sign off", "rhi:sign_off"),
        (
            {"held_at": NOW, "written_up_at": NOW, "signed_off_at": NOW, "closed_at": None},
            "Record the outcome",
            "rhi:record_outcomes",
        ),
    ],
)
def test_the_next_step_follows_from_what_is_known(facts, step, first_way):
    known = replace(HELD_BY_ROBIN, **facts)

    assert title(known) == step
    assert ways(known)[0] == first_way


def test_a_question_comes_before_everything_that_is_not_held_yet():
    assert title(replace(HELD_BY_ROBIN, worker="", question="Who holds it?", attempts=2)) == "Settle the question"


def test_a_parents_acceptance_is_not_the_childs():
    known = replace(HELD_BY_ROBIN, attempts=1, spoken=True, offers=(OfferMade(3, "parent", "accepted"),))

    assert title(known) == "Offer the interview"


def test_an_interview_that_is_another_authoritys_begins_with_telling_them():
    theirs = replace(HELD_BY_ROBIN, worker="", theirs=True)

    assert title(replace(theirs, tell=5)) == "Tell the responsible authority"
    assert next_step(replace(theirs, tell=5)).ways[0].at == (7, 5)
    assert title(theirs) == "Record the outcome"


def test_while_the_child_is_missing_again_the_return_is_waited_for():
    step = next_step(replace(HELD_BY_ROBIN, missing_again=9, missing_since=london("2026-06-14 20:00")))

    assert step.title == "Wait for the child to come back"
    assert step.words == (
        "The child is missing again since Sun 14 Jun, 20:00. When the child is back, record the return: it joins what"
        " is arranged here."
    )
    assert [(way.name, way.at, way.doer) for way in step.ways] == [("rhi:record_return", (9,), Doer.RECORDER)]


def test_the_paperwork_is_owed_although_the_outcome_has_closed_the_referral():
    closed = replace(HELD_BY_ROBIN, closed_at=NOW, held_at=NOW, outcomes_missing=0)

    assert title(closed) == "Write up the interview"
    assert title(replace(closed, written_up_at=NOW)) == "Read and sign off"
    assert title(replace(closed, written_up_at=NOW, signed_off_at=NOW)) == "Nothing more to do"


def test_without_an_interview_the_form_is_owed_once_every_outcome_is_recorded():
    closed = replace(HELD_BY_ROBIN, closed_at=NOW, form_owed=True)
    assert title(closed) == "Record the outcome"

    step = next_step(replace(closed, outcomes_missing=0))

    assert (step.title, step.waits_for) == ("Write up why there was no interview", "Robin Hale does this next.")
    assert [(way.name, way.at, way.doer) for way in step.ways] == [("rhi:form", (7,), Doer.WORKER)]
    assert next_step(replace(closed, outcomes_missing=0, worker="")).waits_for == ""


def test_what_was_written_up_without_an_interview_is_signed_off_like_any_other():
    written = replace(HELD_BY_ROBIN, closed_at=NOW, written_up_at=NOW, written_up_by="Robin Hale", outcomes_missing=0)

    step = next_step(written)

    assert (step.title, [way.doer for way in step.ways]) == ("Read and sign off", [Doer.SIGNER])
    assert title(replace(written, signed_off_at=NOW)) == "Nothing more to do"
    assert title(replace(written, written_up_by="")) == "Nothing more to do"


def test_a_referral_closed_before_the_service_used_this_system_asks_for_nothing():
    history = replace(HELD_BY_ROBIN, routed=False, closed_at=NOW, held_at=NOW, outcomes_missing=0)

    assert title(history) == "Nothing more to do"


def test_trying_again_says_when_and_why():
    step = next_step(
        replace(
            HELD_BY_ROBIN,
            attempts=1,
            try_again_at=london("2026-06-15 17:00"),
            try_again_because="The evening has not been tried.",
        )
    )

    assert step.words == "Tried once so far. Best tried again Mon 15 Jun, 17:00. The evening has not been tried."


def test_trying_again_without_a_suggestion_says_so_plainly():
    step = next_step(replace(HELD_BY_ROBIN, attempts=4))

    assert step.words == "Tried 4 times so far. Try another way, or at another time of day."
    no_response = replace(HELD_BY_ROBIN, offers=(OfferMade(3, "child", "no_response"),))
    assert next_step(no_response).words.startswith("Offered, without a response.")


def test_whoever_cannot_take_the_step_is_told_whom_it_waits_for():
    assert next_step(HELD_BY_ROBIN).waits_for == "Robin Hale does this next."
    assert next_step(replace(HELD_BY_ROBIN, worker="")).waits_for == "The team’s leader gives it to a worker."
