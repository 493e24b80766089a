"""Which letters are proposed when nobody was reached, to whom, and once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import sweep, work
from jobs.models import Job
from rhi.actions import letters, proposing
from rhi.actions.letter_facts import around
from rhi.actions.letters_due import due
from rhi.models import Interview, Letter, Notice
from rhi.views.contact_panel import contact_panel
from routing.models import Referral
from staff import audit
from staff.models import AuditEvent
from tests.records import NOW, bring, child, episode, interview, involvement, london, publish
from tests.rhi.letters.families import (
    HOME,
    OVER,
    carer,
    family,
    give,
    member,
    proposed,
    run,
    settle,
    stranger,
    tried,
    use_up,
)

pytestmark = pytest.mark.django_db


# No contact


@pytest.mark.clause("SOM-4.6a")
def test_when_attempts_and_days_are_used_up_a_letter_is_proposed_once_also_after_running_again(tmp_path):
    referral = family(tmp_path, date_of_birth="2015-01-15")
    use_up(referral, member())

    run()
    run()
    run(OVER + timedelta(days=3))

    letter = Letter.objects.get()
    assert (letter.kind, letter.state, letter.to, letter.carer.name) == (
        "no_contact",
        "proposed",
        "carer",
        "Sam Example",
    )
    assert letter.proposed_by is None
    assert letter.because == (
        "Nobody was reached in 3 attempts, and the days for it ended on Tue 19 May."
        " Aged 11: under 13, only a parent or carer gets a letter. Marked as safe to contact."
    )


@pytest.mark.clause("SOM-4.6a")
def test_the_sweep_proposes_it_as_the_job_that_it_is(tmp_path):
    use_up(family(tmp_path), member())

    for _ in range(2):
        for job in sweep.sweep(now=OVER):
            work.do(job, now=OVER)

    assert Job.objects.filter(name="rhi.actions.proposing.propose_due", state="done").count() == 1
    assert proposed() == ["child", "Sam Example"]


@pytest.mark.clause("SOM-4.5b")
def test_no_letter_is_proposed_before_the_day_until_which_the_panel_says_to_go_on(tmp_path):
    back = episode(last_seen_at="2026-04-01T20:00", returned_at="2026-04-02T07:00", notified_at="2026-04-02T09:00")
    referral = family(tmp_path, episodes=[back])
    ann = member()
    tried(referral, ann, "2026-04-07 10:00")
    tried(referral, ann, "2026-04-08 14:00", contacted="parent")
    tried(referral, ann, "2026-04-09 18:00")

    # Friday 3 and Monday 6 April are bank holidays: the five working days are 7, 8, 9, 10 and 13 April.
    until = london("2026-04-13 23:59:59")
    assert contact_panel(referral, now=until).until == until
    run(until)
    assert proposed() == []
    run(until + timedelta(seconds=1))
    assert proposed() == ["child", "Sam Example"]


def test_no_letter_is_proposed_while_an_attempt_is_missing(tmp_path):
    referral = family(tmp_path)
    ann = member()
    tried(referral, ann, "2026-05-13 10:00")
    tried(referral, ann, "2026-05-14 14:00", contacted="parent")

    run()
    assert proposed() == []

    tried(referral, ann, "2026-05-15 18:00")
    run()
    assert proposed() == ["child", "Sam Example"]


@pytest.mark.parametrize("result", ["spoke_to_child", "spoke_to_carer", "appointment_made"])
def test_no_letter_is_proposed_once_somebody_was_reached(tmp_path, result):
    referral = family(tmp_path)
    ann = member()
    use_up(referral, ann)
    tried(referral, ann, "2026-05-18 10:00", contacted="parent", result=result)

    run()

    assert proposed() == []


def test_no_letter_is_proposed_once_an_outcome_is_recorded(tmp_path):
    referral = family(tmp_path)
    ann = member()
    use_up(referral, ann)
    settle(referral, ann, "not_offered", "abroad")

    run()

    assert proposed() == []


def test_no_letter_is_proposed_while_the_child_is_missing_again_and_it_is_once_they_are_back(tmp_path):
    referral = family(tmp_path)
    use_up(referral, member())
    bring(tmp_path / "more", episodes=[episode("E2", last_seen_at="2026-05-19T20:00", returned_at="", notified_at="")])

    run()

    assert proposed() == []


def test_no_letter_is_proposed_for_what_was_brought_over_as_history(tmp_path):
    publish("somerset")
    attempts = [
        {"interview_id": "I1", "attempted_at": at, "method": "phone", "contacted": whom, "result": "no_answer"}
        for at, whom in [("2026-05-13T10:00", "child"), ("2026-05-14T14:00", "parent"), ("2026-05-15T18:00", "child")]
    ]
    files = {"children": [child(**HOME)], "episodes": [episode()], "interviews": [interview()], "attempts": attempts}
    bring(tmp_path, **files, history_before=london("2026-05-13 00:00").date())

    run()

    assert Interview.objects.count() == 1
    assert proposed() == []


def test_records_that_are_not_history_are_proposed_for_like_what_is_recorded_here(tmp_path):
    publish("somerset")
    attempts = [
        {"interview_id": "I1", "attempted_at": at, "method": "phone", "contacted": whom, "result": "no_answer"}
        for at, whom in [("2026-05-13T10:00", "child"), ("2026-05-14T14:00", "parent"), ("2026-05-15T18:00", "child")]
    ]
    bring(tmp_path, children=[child(**HOME)], episodes=[episode()], interviews=[interview()], attempts=attempts)

    run()

    assert proposed() == ["child"]


def test_nothing_is_proposed_for_another_authoritys_child_under_a_procedure_that_leaves_them_to_it(tmp_path):
    referral = family(tmp_path, procedure="croydon", responsible_authority="E09000001")
    assert referral.destination == "authority"
    Interview.objects.create(reference="I1", child=referral.child, referral=referral).about.create(
        child=referral.child, episode=referral.covered.get().episode
    )
    Interview.objects.get().attempts.create(
        child=referral.child,
        attempted_at=london("2026-05-13 10:00"),
        method="phone",
        contacted="child",
        result="no_answer",
    )

    run(london("2026-06-10 10:00"))

    assert proposed() == []


def test_nothing_is_proposed_for_a_child_under_eight_whom_social_care_sees_to(tmp_path):
    referral = family(tmp_path, date_of_birth="2019-01-15")
    assert referral.destination == "social_care"
    use_up(referral, stranger())

    run()

    assert proposed() == []
    assert due(around([referral.pk], now=OVER)[referral.pk], now=OVER) == []


# Ages on the day of return


@pytest.mark.clause("SOM-4.6b")
@pytest.mark.parametrize(
    ("born", "whom"),
    [
        ("2015-01-15", ["Sam Example"]),  # 11
        ("2013-01-15", ["child", "Sam Example"]),  # 13
        ("2011-01-15", ["child", "Sam Example"]),  # 15
        ("2009-01-15", ["child", "Sam Example"]),  # 17
    ],
)
def test_at_home_two_separate_letters_go_out_from_thirteen_on(tmp_path, born, whom):
    use_up(family(tmp_path, date_of_birth=born), member())

    run()

    assert proposed() == whom
    assert Letter.objects.values("reference").distinct().count() == len(whom)


@pytest.mark.clause("SOM-4.6c")
@pytest.mark.parametrize(
    ("born", "independent", "whom"),
    [
        ("2009-01-15", "Y", ["child"]),
        ("2011-01-15", "Y", ["child", "Sam Example"]),
        ("2009-01-15", "N", ["child", "Sam Example"]),
    ],
)
def test_only_the_young_person_who_lives_independently(tmp_path, born, independent, whom):
    use_up(family(tmp_path, date_of_birth=born, living_independently=independent), member())

    run()

    assert proposed() == whom


@pytest.mark.clause("SOM-4.6d")
@pytest.mark.parametrize(
    ("born", "independent", "whom"),
    [
        ("2014-05-12", "N", ["Sam Example"]),  # 12 on the day of return, 12 May
        ("2013-05-13", "N", ["Sam Example"]),  # 13 the day after
        ("2013-05-12", "N", ["child", "Sam Example"]),
        ("2010-05-13", "Y", ["child", "Sam Example"]),  # the day before the 16th birthday
        ("2010-05-12", "Y", ["child"]),  # on the day
    ],
)
def test_the_age_is_that_of_the_day_of_return(tmp_path, born, independent, whom):
    use_up(family(tmp_path, date_of_birth=born, living_independently=independent), member())

    run()

    assert proposed() == whom


def test_of_several_episodes_the_first_return_decides(tmp_path):
    second = episode(
        "E2", last_seen_at="2026-05-12T20:00", returned_at="2026-05-13T07:00", notified_at="2026-05-13T08:00"
    )
    use_up(family(tmp_path, date_of_birth="2013-05-13", episodes=[episode(), second]), member())

    run(london("2026-05-25 10:00"))

    assert proposed() == ["Sam Example"]


# Whom it is safe to write to


def test_only_carers_who_are_marked_as_safe_get_a_letter(tmp_path):
    carers = [
        carer(),
        carer("Alex Example", "father", "N", reason="Court order."),
        carer("Jo Example", "aunt", ""),
        carer("Pat Example", "grandmother", "Y"),
    ]
    use_up(family(tmp_path, carers=carers), member())

    run()

    assert proposed() == ["child", "Pat Example", "Sam Example"]


def test_the_family_of_a_looked_after_child_gets_nothing_unless_a_worker_chooses(tmp_path):
    carers = [carer(), carer("Robin Frost", "foster carer", "Y")]
    placed = involvement("looked_after", placement_kind="foster_care", placement_area="in_area")
    referral = family(tmp_path, carers=carers, involvements=[placed])
    ann = member()
    use_up(referral, ann)

    run()

    assert proposed() == ["child", "Robin Frost"]
    mother = referral.child.carers.get(name="Sam Example")
    with pytest.raises(letters.LetterRefused, match="only when a worker chooses so"):
        letters.propose(Interview.objects.get(), "no_contact", to="carer", carer=mother, because="Due.", now=OVER)
    chosen = letters.propose(
        Interview.objects.get(), "no_contact", to="carer", carer=mother, because="Agreed.", by=ann, now=OVER
    )
    assert chosen.proposed_by == ann
    assert letters.blocks(chosen, now=OVER) == []


def test_a_letter_that_nobody_may_get_is_told_to_whoever_holds_the_referral_once(tmp_path):
    referral = family(tmp_path, date_of_birth="2015-01-15", carers=[carer(safe="N")])
    ann = member()
    give(referral, ann)
    use_up(referral, ann)

    run()
    run()

    assert proposed() == []
    notice = Notice.objects.get(to=ann)
    assert (notice.kind, notice.referral) == ("no_addressee", referral)
    assert notice.about == (
        "A letter is due (“We could not reach you”), and nobody may get it. Look at who is on record."
    )


def test_it_is_proposed_as_soon_as_somebody_is_found_to_be_safe(tmp_path):
    referral = family(tmp_path, date_of_birth="2015-01-15", carers=[carer(safe="")])
    use_up(referral, member())
    run()
    assert proposed() == []

    referral.child.carers.update(safe_to_contact=True)
    run()

    assert proposed() == ["Sam Example"]


# How it is done


def test_a_run_leaves_one_line_in_the_trail_with_every_child(tmp_path):
    use_up(family(tmp_path), member())

    run()

    line = AuditEvent.objects.get(type=audit.Type.LETTER_PROPOSED)
    assert (line.by_id, line.children) == (None, ["C1"])
    assert line.detail == {"letters": list(Letter.objects.order_by("pk").values_list("pk", flat=True))}


@pytest.mark.parametrize("batch", [1, 2, 200])
def test_many_referrals_are_looked_through_in_batches_of_their_own_transactions(tmp_path, monkeypatch, batch):
    monkeypatch.setattr(proposing, "BATCH", batch)
    several(tmp_path, 5)

    for _ in range(7):
        for job in sweep.sweep(now=OVER):
            work.do(job, now=OVER)

    assert Letter.objects.count() == 5
    assert not Job.objects.exclude(state="done").filter(name__startswith="rhi.actions.proposing").exists()


def several(folder, number):
    """Referrals on which everything has been tried, each of a child of 11 with a mother."""
    publish("somerset")
    keys = [f"C{key}" for key in range(number)]
    bring(
        folder,
        children=[child(key, **HOME, date_of_birth="2015-01-15") for key in keys],
        carers=[carer(child_id=key) for key in keys],
        episodes=[episode(f"E{key}", key) for key in keys],
    )
    ann = member()
    for referral in Referral.objects.select_related("child", "version"):
        use_up(referral, ann)


def test_a_run_costs_the_same_queries_for_one_referral_and_for_many(tmp_path):
    counts = []
    for number in (1, 4):
        make = several if number == 1 else more
        make(tmp_path / str(number), number)
        with CaptureQueriesContext(connection) as queries:
            run()
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Letter.objects.count() == 5


def more(folder, number):
    """More of them."""
    keys = [f"D{key}" for key in range(number)]
    bring(
        folder,
        now=NOW,
        children=[child(key, **HOME, date_of_birth="2015-01-15") for key in keys],
        carers=[carer(child_id=key) for key in keys],
        episodes=[episode(f"E{key}", key) for key in keys],
    )
    ann = member("Bo")
    for referral in Referral.objects.filter(child__child_id__in=keys).select_related("child", "version"):
        use_up(referral, ann)
