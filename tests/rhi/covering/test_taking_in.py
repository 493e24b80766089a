"""Taking an episode into an interview: what comes along, what stays, and when it cannot be."""

import pytest

from episodes.models import Access, Episode
from procedures.calendar import LONDON
from rhi.actions import contact
from rhi.actions.contradictions import Settled
from rhi.actions.episodes_covered import CoveringRefused, covering, take_in
from rhi.actions.forms import save_answers
from rhi.actions.outcomes_by_hand import record_held, record_outcomes
from rhi.models import Answer, Appointment, Attempt, EpisodeMoved, Interview, InterviewEpisode, Notice, Offer, Outcome
from routing.models import Deadline, Referral, Task
from staff.models import AuditEvent
from tests.records import bring, child, episode, interview, london
from tests.rhi.covering.conftest import give, of
from tests.rhi.deadlines.books import stored, worked_out
from tests.rhi.writing import member

pytestmark = pytest.mark.django_db

NOW = london("2026-05-20 09:00")
BECAUSE = "The same friend each time."


def take(referral, name, by, *, now=NOW):
    return take_in(referral, episode=pk(name), because=BECAUSE, by=by, now=now)


def pk(name):
    return Episode.objects.get(episode_id=name).pk


def covers(referral):
    return list(referral.covered.order_by("episode__last_seen_at").values_list("episode__episode_id", flat=True))


def offer(referral, by, at="2026-05-19 11:00"):
    return contact.record_offer(
        referral, to="child", offered_at=london(at), route="phone", method="face_to_face", by=by, now=NOW
    )


def attempt(referral, by, at="2026-05-19 10:00"):
    how = {"method": "phone", "contacted": "child", "result": "no_answer"}
    return contact.log_attempt(referral, attempted_at=london(at), **how, by=by, now=NOW)


def hold(referral, by, at="2026-05-19 15:00"):
    return record_held(referral, held_at=london(at), method="face_to_face", by=by, now=NOW)


def answer(referral, question, words, by):
    values = {question: {"answer": words}}
    save_answers(referral, section="N", values=values, shown={}, by=by, now=NOW)


def test_an_episode_of_another_referral_is_taken_in_and_that_one_is_closed(apart, robin):
    take(apart["E1"], "E2", robin)

    assert covers(apart["E1"]) == ["E1", "E2"]
    assert covers(apart["E2"]) == []
    assert Referral.objects.get(pk=apart["E2"].pk).closed_at == NOW
    assert Referral.objects.get(pk=apart["E1"].pk).closed_at is None
    assert stored() == worked_out()
    assert set(stored()[apart["E2"].pk]) == {("assign", None), ("interview", None), ("write_up", None)}


def test_an_episode_in_no_referral_is_taken_in(apart, robin, tmp_path):
    away = {"kind": "away", "last_seen_at": "2026-05-16T20:00", "returned_at": "2026-05-17T07:00"}
    bring(tmp_path / "more", episodes=[episode("E4", **away)])
    assert not Referral.objects.filter(covered__episode__episode_id="E4").exists()

    take(apart["E1"], "E4", robin)

    assert covers(apart["E1"]) == ["E1", "E4"]
    assert stored() == worked_out()


def test_who_took_it_in_and_why_is_kept_and_stands_in_the_trail_without_the_words(apart, robin):
    take(apart["E1"], "E2", robin)

    moved = EpisodeMoved.objects.get()
    assert (moved.episode.episode_id, moved.out_of, moved.into, moved.joined) == ("E2", apart["E2"], apart["E1"], True)
    assert (moved.because, moved.by, moved.at) == (BECAUSE, robin, NOW)
    line = AuditEvent.objects.get(type="episode_joined")
    assert (line.by_id, line.children, line.subject) == (robin.pk, ["C1"], f"routing.Referral:{apart['E1'].pk}")
    assert line.detail == {"episode": "E2", "out_of": apart["E2"].pk, "into": apart["E1"].pk}
    decision = apart["E1"].covered.get(episode__episode_id="E2").decision
    assert decision["because"] == f"Robin Hale took it into this interview: {BECAUSE}"


def test_what_was_done_for_a_referral_left_empty_comes_along(apart, robin):
    hold_on = apart["E2"]
    attempt(hold_on, robin)
    offer(hold_on, robin)
    at = london("2026-05-21 15:30")
    contact.book(hold_on, at=at, place="School", method="face_to_face", by=robin, now=NOW)
    answer(hold_on, "analysis", "Begun on the second form.", robin)

    take(apart["E1"], "E2", robin)

    rows = [Attempt.objects.get(), Offer.objects.get(), Appointment.objects.get(), Answer.objects.get()]
    assert [row.interview.referral for row in rows] == [apart["E1"]] * 4
    about = InterviewEpisode.objects.values_list("interview__referral", "episode__episode_id")
    assert sorted(about) == [(apart["E1"].pk, "E1"), (apart["E1"].pk, "E2")]
    assert stored() == worked_out()
    assert Deadline.objects.get(name="offer", episode__episode_id="E2").met_at == london("2026-05-19 11:00")


def test_where_both_were_offered_both_offers_stand_and_bear_on_the_clocks(apart, robin):
    offer(apart["E1"], robin, "2026-05-12 11:00")
    offer(apart["E2"], robin, "2026-05-15 11:00")

    take(apart["E1"], "E2", robin)

    assert sorted(offer.interview.referral_id for offer in Offer.objects.all()) == [apart["E1"].pk, apart["E2"].pk]
    assert stored() == worked_out()
    met = Deadline.objects.get(name="offer", episode__episode_id="E2").met_at
    assert met == london("2026-05-12 11:00")


def test_what_was_done_for_a_referral_that_keeps_another_episode_stays_there(apart, robin):
    take(apart["E2"], "E3", robin)
    offer(apart["E2"], robin, "2026-05-19 11:00")

    take(apart["E1"], "E3", robin)

    assert covers(apart["E2"]) == ["E2"]
    assert Referral.objects.get(pk=apart["E2"].pk).closed_at is None
    assert Offer.objects.get().interview.referral == apart["E2"]
    assert Deadline.objects.get(name="offer", episode__episode_id="E3").met_at is None
    hold(apart["E2"], robin)
    assert Deadline.objects.get(name="seventy_two_hours", episode__episode_id="E3").met_at is None
    assert stored() == worked_out()


def test_two_forms_that_answer_one_question_differently_are_not_put_together(apart, robin):
    answer(apart["E1"], "analysis", "First.", robin)
    answer(apart["E2"], "analysis", "Second.", robin)

    with pytest.raises(CoveringRefused, match=r"were both begun and answer the same questions: Summary and analysis\."):
        take(apart["E1"], "E2", robin)

    assert covers(apart["E2"]) == ["E2"]
    assert [answer.value["answer"] for answer in Answer.objects.order_by("pk")] == ["First.", "Second."]


def test_two_families_are_not_left_waiting(apart, robin):
    for name in ("E1", "E2"):
        at = london("2026-05-21 15:30")
        contact.book(apart[name], at=at, place="School", method="face_to_face", by=robin, now=NOW)

    with pytest.raises(CoveringRefused, match="Cancel one of the two first"):
        take(apart["E1"], "E2", robin)


def test_an_interview_held_before_the_child_was_back_is_not_about_the_episode(apart, robin):
    hold(apart["E1"], robin, "2026-05-13 10:00")

    with pytest.raises(CoveringRefused, match=r"held Wed 13 May, 10:00, before the child was back from this episode"):
        take(apart["E1"], "E2", robin)


def test_an_interview_held_after_the_return_is_about_the_episode_at_once(apart, robin):
    hold(apart["E1"], robin)

    take(apart["E1"], "E2", robin)

    met = Deadline.objects.get(name="seventy_two_hours", episode__episode_id="E2").met_at
    assert met == london("2026-05-19 15:00")
    assert stored() == worked_out()


def test_an_episode_with_an_interview_of_its_own_is_not_taken_in(apart, robin):
    hold(apart["E2"], robin)

    with pytest.raises(CoveringRefused, match=r"An interview about it was held Tue 19 May, 15:00"):
        take(apart["E1"], "E2", robin)


def test_an_episode_with_an_outcome_is_not_taken_in(apart, robin):
    settled = {pk("E2"): Settled("not_required", "agreed_exception")}
    record_outcomes(apart["E2"], settled=settled, although=True, by=robin, now=NOW)

    with pytest.raises(CoveringRefused, match="Somebody has moved or settled this episode since"):
        take(apart["E1"], "E2", robin)

    assert Outcome.objects.get().episode.episode_id == "E2"


def test_a_closed_referral_takes_no_episode_in(apart, robin):
    settled = {pk("E1"): Settled("not_required", "agreed_exception")}
    record_outcomes(apart["E1"], settled=settled, although=True, by=robin, now=NOW)

    with pytest.raises(CoveringRefused, match="This referral is closed"):
        take(apart["E1"], "E2", robin)


def test_an_interview_that_is_written_up_takes_no_episode_in(apart, robin):
    held = hold(apart["E1"], robin)
    Interview.objects.filter(pk=held.pk).update(written_up_at=NOW, written_up_by=robin)

    with pytest.raises(CoveringRefused, match="Robin Hale has written this interview up"):
        take(apart["E1"], "E2", robin)


def test_an_episode_that_a_record_names_stays_with_its_record(apart, robin, tmp_path):
    bring(tmp_path / "more", interviews=[interview("I7", episode_ids="E2", offered_at="2026-05-15T12:00")])

    with pytest.raises(CoveringRefused, match="The interview record I7 names it"):
        take(apart["E1"], "E2", robin)


@pytest.mark.parametrize(
    "facts",
    [
        {"withdrawn_at": NOW, "withdrawn_because": "A duplicate."},
        {"returned_at": None, "return_precision": ""},
        {"history": True},
    ],
    ids=["withdrawn", "not back", "history"],
)
def test_only_a_return_that_waits_for_its_outcome_is_taken_in(apart, robin, facts):
    Episode.objects.filter(episode_id="E2").update(**facts)

    with pytest.raises(CoveringRefused, match="Somebody has moved or settled this episode since"):
        take(apart["E1"], "E2", robin)

    assert covers(apart["E1"]) == ["E1"]


def test_another_childs_episode_is_never_taken_in(apart, robin, tmp_path):
    bring(tmp_path / "more", children=[child("C9")], episodes=[episode("E9", "C9")])

    with pytest.raises(CoveringRefused):
        take(apart["E1"], "E9", robin)

    assert covers(of("E9")) == ["E9"]


def test_whoever_held_the_emptied_referral_is_told_and_no_longer_sees_the_child_by_it(apart, robin):
    nia = member("nia.frost@example.org", "Nia Frost")
    give(apart["E2"], nia)

    take(apart["E1"], "E2", robin)

    notice = Notice.objects.get(kind="episode_moved")
    assert (notice.to, notice.referral) == (nia, apart["E2"])
    assert notice.about == (
        f"An episode of {apart['E2']} was taken into the interview of {apart['E1']}. The referral says why."
    )
    until = Access.objects.get(user=nia, basis="allocation").until
    assert until.astimezone(LONDON) == london("2026-06-03 09:00")


def test_nobody_is_told_of_what_they_did_themselves(apart, robin):
    give(apart["E2"], robin)

    take(apart["E1"], "E2", robin)

    assert not Notice.objects.filter(kind="episode_moved").exists()


def test_what_is_still_to_be_done_comes_along(apart, robin):
    task = Task.objects.create(
        child=apart["E2"].child,
        referral=apart["E2"],
        kind=Task.Kind.TELL_AUTHORITY,
        about="Tell them.",
        opened_at=NOW,
    )

    take(apart["E1"], "E2", robin)

    task.refresh_from_db()
    assert task.referral == apart["E1"]


def test_the_page_of_a_referral_lists_what_can_be_taken_in(apart, robin):
    hold(apart["E1"], robin, "2026-05-16 10:00")

    others = covering(apart["E1"], now=NOW).others

    assert [(place.episode.episode_id, bool(place.why_not)) for place in others] == [("E2", False), ("E3", True)]
    assert [place.referral for place in others] == [apart["E2"], apart["E3"]]
