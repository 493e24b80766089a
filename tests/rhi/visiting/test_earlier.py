"""What was said before, at hand while somebody writes: earlier episodes and interviews, marked, never copied."""

import pytest

from rhi.actions import signing
from rhi.actions.form_facts import case_of
from rhi.models import Answer
from routing.models import Referral
from staff.models import AuditEvent, Membership, Team
from staff.permissions import Role
from tests.records import NOW, bring, child, episode, london
from tests.rhi import case_work
from tests.rhi.writing import address, answer_all, hold, stored, words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

WORDS = "I wanted to see my sister."


def write_up(referral, by, *, own_account=WORDS, at=NOW):
    """Hold it, complete it, fill its form in and write it up."""
    hold(referral, by)
    case_work.complete(referral, by)
    answer_all(referral, by, case_of(referral).situation, at=at)
    Answer.objects.filter(question="child_own_account").update(value={"answer": own_account})
    signing.write_up(referral, by=by, now=at)


def again(tmp_path, number=2, day=20):
    """The child goes missing again in May; a referral of its own."""
    bring(
        tmp_path / f"again{number}",
        children=[child()],
        episodes=[
            episode(
                f"E{number}",
                last_seen_at=f"2026-05-{day}T20:00",
                returned_at=f"2026-05-{day + 1}T07:00",
                notified_at=f"2026-05-{day + 1}T09:00",
            )
        ],
    )
    return Referral.objects.select_related("child", "version").get(covered__episode__episode_id=f"E{number}")


@pytest.fixture
def later(referral, robin, tmp_path):
    """An interview that was written up, and the child's next referral."""
    write_up(referral, robin)
    later = again(tmp_path)
    hold_later(later, robin)
    return later


def hold_later(referral, by):
    case_work.outcomes_by_hand.record_held(
        referral, held_at=london("2026-05-22 10:00"), method="face_to_face", place="home", by=by, now=NOW
    )


def test_the_same_sections_answers_of_an_earlier_interview_stand_beside_the_form(signed_in, later, referral):
    response = signed_in.get(address(later, "G"))

    (before,) = response.context["earlier"].interviews
    assert (before.referral, before.by) == (referral.pk, "Robin Hale")
    assert WORDS in words(response)
    assert "Earlier answers to “Before: why”, by Robin Hale." in words(response)
    assert f'href="/referrals/{referral.pk}/record/"' in response.content.decode()


def test_another_section_shows_its_own(signed_in, later):
    assert WORDS not in words(signed_in.get(address(later, "H")))


def test_nothing_of_it_is_copied_into_this_form(signed_in, later):
    signed_in.get(address(later, "G"))

    typed = signed_in.get(address(later, "G")).context["form"]
    assert typed["child_own_account"].value() is None
    assert not Answer.objects.filter(interview__referral=later, question="child_own_account").exists()
    assert stored()["child_own_account"] == {"answer": WORDS}


def test_earlier_episodes_say_when_how_long_from_where_and_how_they_ended(signed_in, later):
    (absence,) = signed_in.get(address(later, "G")).context["earlier"].absences

    assert (absence.episode.episode_id, absence.length, absence.outcome) == ("E1", "11 hours", "Completed")
    assert "1 earlier episode" in words(signed_in.get(address(later, "G")))


def test_the_form_of_the_earlier_one_knows_nothing_of_what_came_later(signed_in, later, referral):
    shown = signed_in.get(address(referral, "G")).context["earlier"]

    assert (shown.absences, shown.interviews) == ([], [])


def test_a_draft_of_somebody_elses_is_nothing_that_was_said(signed_in, referral, robin, tmp_path):
    hold(referral, robin)
    case_work.complete(referral, robin)
    Answer.objects.create(
        child=referral.child,
        interview=referral.interviews.get(),
        question="child_own_account",
        value={"answer": WORDS},
        by=robin,
        at=NOW,
    )
    later = again(tmp_path)
    hold_later(later, robin)

    response = signed_in.get(address(later, "G"))

    assert response.context["earlier"].interviews == []
    assert WORDS not in words(response)


def test_whoever_may_not_see_the_earlier_referral_sees_nothing_of_it(client, later):
    provider = Team.objects.create(name="Listening Ear", kind=Team.Kind.PROVIDER, opened_on=NOW.date())
    jo = make_person("jo.lindley@example.org", "Jo Lindley", Role.INTERVIEWER)
    Membership.objects.create(user=jo, team=provider)
    case_work.give(later, jo, team="Listening Ear")
    client.force_login(jo)

    response = client.get(address(later, "G"))

    shown = response.context["earlier"]
    assert (shown.absences, shown.interviews) == ([], [])
    assert WORDS not in words(response)


def test_the_trail_says_which_earlier_interviews_were_shown(signed_in, later, referral):
    signed_in.get(address(later, "G"))

    assert AuditEvent.objects.filter(type="form_read").last().detail == {"earlier": [referral.pk]}


def test_without_anything_earlier_the_panel_says_so(signed_in, referral):
    assert "Nothing earlier is on record here" in words(signed_in.get(address(referral, "A")))


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_however_much_was_before(
    signed_in, referral, robin, tmp_path, django_assert_num_queries, rows
):
    write_up(referral, robin)
    for number in range(2, rows + 1):
        one = again(tmp_path, number, day=12 + 2 * number)
        case_work.outcomes_by_hand.record_held(
            one, held_at=london("2026-05-22 10:00"), method="face_to_face", place="home", by=robin, now=NOW
        )
        case_work.complete(one, robin)
        answer_all(one, robin, case_of(one).situation, at=NOW)
        signing.write_up(one, by=robin, now=NOW)
    last = again(tmp_path, 9, day=25)
    signed_in.get(address(last, "A"))

    with django_assert_num_queries(18):
        response = signed_in.get(address(last, "A"))
    assert len(response.context["earlier"].interviews) == rows
    assert len(response.context["earlier"].absences) == rows
