"""Whether the interviewer is independent: asked wherever an interview was held, and checked against the records."""

import pytest
from django.urls import reverse

from rhi import independence
from rhi.actions.signing import WriteUpRefused, send_back, write_up
from rhi.codes import Independence
from rhi.independence import Interviewer, Involved
from rhi.models import Interview
from rhi.questions.before import INDEPENDENCE
from staff.permissions import Role
from tests.records import bring, involvement
from tests.rhi.interview.cases import NOW, give, held, ready, say, settle
from tests.rhi.writing import member, words

pytestmark = pytest.mark.django_db

ANN = Interviewer(7, "Ann Lee", ["Harbour House"])


def test_the_codes_of_the_question_are_those_of_the_figures():
    assert [(option.code, option.words) for option in INDEPENDENCE] == Independence.choices


@pytest.mark.parametrize(
    ("involved", "as_what"),
    [
        ([], ""),
        ([Involved("Child in need", worker=8)], ""),
        ([Involved("Child in need", worker=None)], ""),
        (
            [Involved("Child in need", worker=8), Involved("Looked after", worker=7)],
            "the child’s worker (Looked after)",
        ),
        ([Involved("Looked after", worker=8, placement="Harbour house")], "of the placement (Harbour house)"),
        ([Involved("Looked after", worker=8, placement="Hill House")], ""),
    ],
)
def test_an_interviewer_works_with_the_child_by_a_record(involved, as_what):
    assert independence.works_with(ANN, involved) == as_what
    assert bool(independence.contradiction("independent", ANN, involved)) == bool(as_what)


@pytest.mark.parametrize("said", [each for each in Independence.values if each != "independent"])
def test_every_other_answer_is_or_has_a_reason(said):
    assert independence.contradiction(said, ANN, [Involved("Looked after", worker=7)]) == ""


def test_of_an_interviewer_whom_nobody_knows_nothing_is_known():
    assert independence.contradiction("independent", None, [Involved("Looked after", worker=None)]) == ""


@pytest.fixture
def allocated(referral, robin, tmp_path):
    """Robin is the child's social worker, and holds the interview."""
    row = involvement("child_in_need", worker_email=robin.email, team="")
    bring(tmp_path / "more", involvements=[row])
    held(referral, robin)
    settle(referral, robin, "completed")
    ready(referral, robin)
    return referral


def test_the_allocated_worker_is_not_written_up_as_independent(client, allocated, robin):
    with pytest.raises(WriteUpRefused, match=r"Robin Hale, who held the interview, was the child’s worker"):
        write_up(allocated, by=robin, now=NOW)

    client.force_login(robin)
    page = client.get(reverse("rhi:submit", args=[allocated.pk]))
    assert "So “Independent” cannot stand: choose one of the other answers" in words(page)
    address = reverse("rhi:form_section", args=[allocated.pk, "need-and-independence"])
    assert f'href="{address}#question-independence"' in page.content.decode()
    assert Interview.objects.get().written_up_at is None


def test_the_reason_why_the_interviewer_is_not_independent_is_demanded(allocated, robin):
    say("independence", answer="not_independent")
    with pytest.raises(WriteUpRefused, match="1 answer is still needed: Is the interviewer independent"):
        write_up(allocated, by=robin, now=NOW)

    say("independence", answer="not_independent", detail="Nobody else could be found in time.")
    write_up(allocated, by=robin, now=NOW)

    assert Interview.objects.get().independence == "not_independent"


def test_that_the_child_asked_for_their_own_worker_is_a_reason(allocated, robin):
    say("independence", answer="asked_for")

    write_up(allocated, by=robin, now=NOW)

    assert Interview.objects.get().independence == "asked_for"


def test_a_colleague_who_held_it_is_independent_although_the_allocated_worker_holds_the_referral(
    referral, robin, nia, tray, tmp_path
):
    bring(tmp_path / "more", involvements=[involvement("child_in_need", worker_email=robin.email, team="")])
    give(referral, robin, tray)
    held(referral, robin, held_by=nia)
    settle(referral, robin, "completed")
    ready(referral, robin)

    write_up(referral, by=robin, now=NOW)

    assert Interview.objects.get().independence == "independent"


@pytest.mark.parametrize(("start", "end"), [("2026-01-05", "2026-05-12"), ("2026-05-14", "")])
def test_what_counts_is_what_was_open_when_the_interview_was_held(referral, robin, tmp_path, start, end):
    row = involvement("child_in_need", worker_email=robin.email, team="", start=start, end=end)
    bring(tmp_path / "more", involvements=[row])
    held(referral, robin)
    settle(referral, robin, "completed")
    ready(referral, robin)

    write_up(referral, by=robin, now=NOW)

    assert Interview.objects.get().independence == "independent"


def test_sent_back_it_is_asked_anew(allocated, robin):
    sam = member("sam.okoro@example.org", "Sam Okoro", Role.TEAM_LEADER)
    say("independence", answer="asked_for")
    write_up(allocated, by=robin, now=NOW)

    send_back(allocated, because="Say more.", by=sam, now=NOW)

    assert Interview.objects.get().independence == ""


def test_where_nobody_held_an_interview_it_is_not_asked(referral, robin):
    settle(referral, robin, "no_contact no_answer")
    ready(referral, robin)

    write_up(referral, by=robin, now=NOW)

    assert Interview.objects.get().independence == ""
