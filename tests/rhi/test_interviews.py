"""What interview records and attempts become: the interview, its offers and responses, and what was tried."""

import pytest

from episodes.actions import correct
from episodes.models import Finding
from rhi.models import Attempt, Interview, Offer, Outcome
from routing.models import Deadline, ReferralEpisode
from tests.records import NOW, bring, child, episode, interview, london, publish, take, write
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

MON_12, MON_14 = london("2026-05-12 12:00"), london("2026-05-12 14:00")


@pytest.fixture(autouse=True)
def absences(tmp_path):
    """Two episodes of one child, and one of another."""
    publish("somerset")
    later = {"last_seen_at": "2026-05-20T20:00", "returned_at": "2026-05-21T07:00"}
    rows = [episode("E1"), episode("E2", **later), episode("E9", "C9")]
    bring(tmp_path, children=[child("C1"), child("C9")], episodes=rows)


def reasons(folder, **files):
    for name, rows in files.items():
        write(folder, name, *rows)
    _, rejects = take(folder)
    return [each.reason for each in rejects]


def tally(result, file="interviews.csv"):
    [each] = [each for each in result.files if each.file == file]
    return each.new, each.changed, each.unchanged


def offers():
    return [
        (each.to, each.offered_at, each.response, each.responded_at)
        for each in Offer.objects.order_by("interview__reference", "to")
    ]


# The record itself


def test_every_column_of_an_interview_is_kept(tmp_path):
    row = interview(
        team="South",
        worker_email="ann@example.org",
        held_at="2026-05-13T10:00",
        method="telephone",
        written_up_at="2026-05-13T12:00",
        outcome="part_completed",
        reason="interrupted",
    )
    bring(tmp_path, interviews=[row])

    held = Interview.objects.get()
    assert (held.reference, held.child.child_id, held.team.name, held.worker.email) == (
        *("I1", "C1", "South"),
        "ann@example.org",
    )
    assert (held.held_at, held.written_up_at) == (london("2026-05-13 10:00"), london("2026-05-13 12:00"))
    assert (held.method, held.outcome, held.reason) == ("telephone", "part_completed", "interrupted")
    assert [each.episode_id for each in held.episodes.all()] == ["E1"]


def test_a_record_is_about_the_episodes_of_its_row_and_no_others(tmp_path):
    bring(tmp_path, interviews=[interview(episode_ids="E1  E2 E1", outcome="no_contact", reason="no_answer")])
    assert list(Outcome.objects.order_by("episode__episode_id").values_list("episode__episode_id", "code")) == [
        ("E1", "no_contact"),
        ("E2", "no_contact"),
    ]

    result = bring(tmp_path, interviews=[interview(episode_ids="E2", outcome="no_contact", reason="no_answer")])
    assert tally(result) == (0, 1, 0)
    assert list(Outcome.objects.values_list("episode__episode_id", flat=True)) == ["E2"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"episode_ids": ""}, "episode_ids is empty, but needed."),
        ({"episode_ids": "E1 E7 E8"}, "There is no episode 'E7', 'E8' on record."),
        ({"episode_ids": "E1 E9"}, "Episode 'E9' is on record for another child."),
        ({"worker_email": "ann"}, "worker_email should be an email address; found 'ann'."),
        ({"outcome": "refused"}, "outcome should be one of accepted_not_held, completed, covered, declined,"),
        (
            {"outcome": "declined", "reason": "no_answer"},
            "The reason 'no_answer' does not belong to the outcome declined, which has: already_told, ashamed,",
        ),
        (
            {"outcome": "completed", "reason": "other"},
            "The reason 'other' does not belong to the outcome completed, which has: none.",
        ),
        (
            {"outcome": "declined", "reason": "because"},
            "reason should be one of abroad, agreed_exception, already_told,",
        ),
        ({"response": "declined"}, "response should be one of accepted, declined_by_child, declined_by_parent,"),
        ({"offered_to": "carer"}, "offered_to should be one of both, child, parent; found 'carer'."),
        ({"held_at": "2026-06-15T12:06"}, "held_at should be a time that is not in the future;"),
    ],
)
def test_a_record_that_cannot_be_is_rejected_and_leaves_nothing(tmp_path, cells, reason):
    [said] = reasons(tmp_path, interviews=[interview(**{"team": "South", **cells})])

    assert said.startswith(reason)
    assert not Interview.objects.exists()


def test_a_record_stays_with_its_child(tmp_path):
    bring(tmp_path, interviews=[interview()])

    assert reasons(tmp_path, interviews=[interview(child_id="C9", episode_ids="E9")]) == [
        "Interview 'I1' is on record for another child."
    ]


def test_a_reason_without_an_outcome_is_kept(tmp_path):
    bring(tmp_path, interviews=[interview(reason="no_answer")])

    assert Interview.objects.get().reason == "no_answer"
    assert not Outcome.objects.exists()


def test_a_stored_reason_goes_with_the_outcome_that_it_was_given_for(tmp_path):
    bring(tmp_path, interviews=[interview(outcome="no_contact", reason="no_answer")])
    bring(tmp_path, interviews=[interview(outcome="completed", held_at="2026-05-13T10:00")])

    assert Interview.objects.values_list("outcome", "reason").get() == ("completed", "")


def test_absent_columns_leave_what_is_stored_and_empty_cells_clear_it(tmp_path):
    cells = {"held_at": "2026-05-13T10:00", "method": "video", "outcome": "part_completed", "reason": "other"}
    bring(tmp_path, interviews=[interview(**cells)])
    before = Interview.objects.values().get()
    assert tally(bring(tmp_path, interviews=[interview()])) == (0, 0, 1)
    assert Interview.objects.values().get() == before

    bring(tmp_path, interviews=[interview(**dict.fromkeys(cells, ""))])
    assert Interview.objects.values_list(*cells).get() == (None, "", "", "")
    assert not Outcome.objects.exists()


# Offers and responses

OFFERED = {"offered_at": "2026-05-12T12:00"}
ANSWERED = OFFERED | {"responded_at": "2026-05-12T14:00"}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, []),
        (OFFERED | {"offered_to": "child"}, [("child", MON_12, "", None)]),
        (
            ANSWERED | {"offered_to": "child", "response": "accepted"},
            [("child", MON_12, "accepted", MON_14)],
        ),
        (
            ANSWERED | {"offered_to": "parent", "response": "declined_by_parent"},
            [("parent", MON_12, "declined_by_parent", MON_14)],
        ),
        (
            ANSWERED | {"offered_to": "both", "response": "accepted"},
            [("child", MON_12, "accepted", MON_14), ("parent", MON_12, "", None)],
        ),
        (
            ANSWERED | {"offered_to": "both", "response": "declined_by_parent"},
            [("child", MON_12, "", None), ("parent", MON_12, "declined_by_parent", MON_14)],
        ),
        (OFFERED, [("not_recorded", MON_12, "", None)]),
        ({"response": "accepted"}, [("not_recorded", None, "accepted", None)]),
        ({"offered_to": "child"}, [("child", None, "", None)]),
    ],
)
def test_an_offer_is_kept_for_whom_it_was_made_to_with_the_response_of_whoever_can_have_given_it(
    tmp_path, cells, expected
):
    bring(tmp_path, interviews=[interview(**cells)])
    assert offers() == expected

    bring(tmp_path)
    bring(tmp_path, interviews=[interview()])  # without the columns
    assert offers() == expected


@pytest.mark.parametrize(
    ("offered_to", "response", "fits"),
    [
        ("child", "declined_by_child", True),
        ("child", "declined_by_parent", False),
        ("parent", "declined_by_child", False),
        ("both", "declined_by_parent", True),
        ("", "accepted", False),
        ("child", "", True),
    ],
)
def test_a_response_that_cannot_have_come_from_who_was_asked_is_kept_with_a_finding(
    tmp_path, offered_to, response, fits
):
    bring(tmp_path, interviews=[interview(offered_to=offered_to, response=response)])

    assert response in {each.response for each in Offer.objects.all()}
    assert Finding.objects.filter(kind=Finding.Kind.RESPONSE_DOES_NOT_FIT).exists() is not fits


def test_an_offer_that_a_row_no_longer_tells_of_is_taken_away(tmp_path):
    bring(tmp_path, interviews=[interview(**OFFERED, offered_to="both")])
    result = bring(tmp_path, interviews=[interview(**OFFERED, offered_to="parent")])

    assert tally(result) == (0, 1, 0)
    assert offers() == [("parent", MON_12, "", None)]


def test_an_absent_column_leaves_its_part_of_the_offer(tmp_path):
    bring(tmp_path, interviews=[interview(**ANSWERED, offered_to="both", response="accepted")])
    bring(tmp_path, interviews=[interview(offered_at="2026-05-12T11:00")])

    eleven = london("2026-05-12 11:00")
    assert offers() == [("child", eleven, "accepted", MON_14), ("parent", eleven, "", None)]


# What a person typed


def findings():
    return [(each.record, each.detail) for each in Finding.objects.filter(kind=Finding.Kind.TYPED_DIFFERS)]


def test_the_outcome_that_a_person_typed_stays_with_its_reason_and_decides(tmp_path):
    row = interview(outcome="no_contact", reason="no_answer", offered_at="2026-05-12T12:00")
    bring(tmp_path, interviews=[interview(offered_at="2026-05-12T12:00")])
    correct(Interview.objects.get(), values={"outcome": "completed"}, by=make_person(), now=NOW)
    bring(tmp_path, interviews=[row])

    assert Interview.objects.values_list("outcome", "reason").get() == ("completed", "")
    assert findings() == [("interviews.csv I1", "Stays as typed: outcome, reason.")]


def test_what_a_person_typed_of_an_offer_stays(tmp_path):
    bring(tmp_path, interviews=[interview(**ANSWERED, offered_to="both", response="accepted")])
    childs = Offer.objects.get(to="child")
    correct(childs, values={"response": "declined_by_child"}, by=make_person(), now=NOW)
    later = {"offered_at": "2026-05-12T11:00", "responded_at": "2026-05-12T16:00"}
    bring(tmp_path, interviews=[interview(**later, offered_to="both", response="accepted")])

    eleven = london("2026-05-12 11:00")
    assert offers() == [("child", eleven, "declined_by_child", MON_14), ("parent", eleven, "", None)]
    assert findings() == [("interviews.csv I1", "Stays as typed: response, responded at.")]


def test_an_offer_of_which_a_person_typed_something_is_not_taken_away(tmp_path):
    bring(tmp_path, interviews=[interview(**OFFERED, offered_to="child")])
    correct(Offer.objects.get(), values={"offered_at": london("2026-05-12 11:00")}, by=make_person(), now=NOW)
    bring(tmp_path, interviews=[interview(**OFFERED, offered_to="parent")])

    assert offers() == [("child", london("2026-05-12 11:00"), "", None), ("parent", MON_12, "", None)]
    assert findings() == [("interviews.csv I1", "Stays as typed: offered to.")]


@pytest.mark.parametrize(("field", "typed"), [("held_at", london("2026-05-13 11:00")), ("method", "video")])
def test_what_a_person_typed_of_the_interview_stays(tmp_path, field, typed):
    row = interview(held_at="2026-05-13T10:00", method="telephone")
    bring(tmp_path, interviews=[row])
    correct(Interview.objects.get(), values={field: typed}, by=make_person(), now=NOW)
    result = bring(tmp_path)

    assert getattr(Interview.objects.get(), field) == typed
    assert tally(result) == (0, 0, 1)
    assert findings() == [("interviews.csv I1", f"Stays as typed: {field.replace('_', ' ')}.")]


# Attempts


def attempt(interview_id="I1", **cells):
    return {
        "interview_id": interview_id,
        "attempted_at": "2026-05-12T10:00",
        "method": "phone",
        "contacted": "child",
        "result": "no_answer",
        **cells,
    }


def test_an_attempt_is_known_by_interview_time_method_and_whom_it_tried(tmp_path):
    rows = [
        attempt(note="=will ring back\nat six"),
        attempt(attempted_at="2026-05-12T10:01"),
        attempt(method="text"),
        attempt(contacted="parent"),
    ]
    result = bring(tmp_path, interviews=[interview()], attempts=rows)
    assert tally(result, "attempts.csv") == (4, 0, 0)

    result = bring(tmp_path, attempts=[attempt(attempted_at="2026-05-12T09:00Z", result="left_message")])
    assert tally(result, "attempts.csv") == (0, 1, 0)
    first = Attempt.objects.order_by("pk").first()
    assert (first.result, first.note, first.attempted_at) == (
        "left_message",
        "=will ring back\nat six",
        london("2026-05-12 10:00"),
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"interview_id": "I7"}, "There is no interview 'I7' on record."),
        ({"method": "pigeon"}, "method should be one of email, home_visit, letter, other, phone,"),
        ({"contacted": "neighbour"}, "contacted should be one of child, foster_carer, other, parent,"),
        ({"result": ""}, "result is empty, but needed."),
        ({"attempted_at": "2026-05-12 ten"}, "attempted_at should be a time such as"),
        ({"note": "x" * 20_001}, "note should be at most 20,000 characters;"),
    ],
)
def test_an_attempt_that_cannot_be_is_rejected(tmp_path, cells, reason):
    [said] = reasons(tmp_path, interviews=[interview()], attempts=[attempt(**cells)])

    assert said.startswith(reason)
    assert not Attempt.objects.exists()


def test_a_note_that_a_person_typed_stays(tmp_path):
    bring(tmp_path, interviews=[interview()], attempts=[attempt(note="rang")])
    correct(Attempt.objects.get(), values={"note": "rang twice"}, by=make_person(), now=NOW)
    bring(tmp_path)

    assert Attempt.objects.get().note == "rang twice"
    [(record, detail)] = findings()
    assert record == "attempts.csv I1 2026-05-12T10:00:00+01:00 phone child"
    assert detail == "Stays as typed: note."


def test_an_attempt_moves_the_contact_clock_of_every_episode_that_its_interview_is_about(tmp_path):
    """Also of one that lies in another referral, because it had a record of its own before."""
    apart = [interview("I3", "C3", "E3"), interview("I4", "C3", "E4")]
    bring(tmp_path, children=[child("C3")], episodes=[episode("E3", "C3"), episode("E4", "C3")], interviews=apart)
    bring(tmp_path, interviews=[*apart, interview("I5", "C3", "E3 E4")])
    assert ReferralEpisode.objects.filter(child__child_id="C3").values("referral").distinct().count() == 2

    bring(tmp_path, attempts=[attempt("I5", result="spoke_to_child")])

    met = Deadline.objects.filter(name="contact", child__child_id="C3").values_list("episode__episode_id", "met_at")
    assert sorted(met) == [("E3", london("2026-05-12 10:00")), ("E4", london("2026-05-12 10:00"))]
