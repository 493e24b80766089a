"""Two people wrote the same answer: the version that lost is kept until somebody decides, and the form says so."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rhi.actions.contradictions import Settled
from rhi.actions.form_facts import case_of
from rhi.actions.outcomes_by_hand import record_outcomes
from rhi.models import OtherVersion
from routing.models import Referral
from staff.models import AuditEvent
from tests.records import bring, child, episode, publish
from tests.rhi.form_windows import Window
from tests.rhi.writing import address, answer_all, hold, member, stored, words
from tests.staff.people import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(tmp_path):
    publish("somerset")
    bring(tmp_path, children=[child()], episodes=[episode()])
    return Referral.objects.get()


@pytest.fixture
def robin(referral):
    return member("robin.hale@example.org", "Robin Hale")


@pytest.fixture
def nia(referral):
    return member("nia.frost@example.org", "Nia Frost")


@pytest.fixture
def lost(referral, robin, nia):
    """Nia's words stand, and Robin closed the page that had asked which stands."""
    hers, his = Window(Client(), referral, nia), Window(Client(), referral, robin)
    hers.keep({"analysis": "Nia’s words"})
    his.keep({"analysis": "Robin’s"})
    his.keep({"analysis": "Robin’s words"})
    return his


def offered(client, referral, stands):
    """The choice that the page offers for the kept version."""
    page = client.get(address(referral, "N")).content.decode()
    return re.search(rf'name="version__analysis" [^>]*value="([^"]*\.{stands})"', page.replace("\n", " "))[1]


def details():
    return [line.detail for line in AuditEvent.objects.filter(type="form_saved").order_by("pk")]


def test_what_lost_is_kept_as_it_was_written_last_and_the_trail_says_so_once(lost, robin):
    version = OtherVersion.objects.get()
    assert (version.by, version.question, version.value) == (robin, "analysis", {"answer": "Robin’s words"})
    assert stored() == {"analysis": {"answer": "Nia’s words"}}
    assert [line["kept_beside"] for line in details() if "kept_beside" in line] == [["analysis"]]


def test_what_arrives_late_does_not_undo_the_kept_words(lost):
    lost.send({"analysis": "Rob"}, turn="0")

    assert OtherVersion.objects.get().value == {"answer": "Robin’s words"}


def test_every_page_that_is_opened_later_shows_both_and_asks(client, referral, lost, robin, nia):
    for person in (nia, robin):
        client.force_login(person)
        page = words(client.get(address(referral, "N")))
        assert "Robin Hale wrote another answer to this" in page
        assert "Robin’s words" in page
        assert "Nia’s words" in page
    overview = words(client.get(reverse("rhi:form", args=[referral.pk])))
    assert re.search(r"somebody has to say which stands: Summary and analysis.*? \(Robin Hale, .*?\)", overview)


@pytest.mark.parametrize(("stands", "text"), [("theirs", "Robin’s words"), ("mine", "Nia’s words")])
def test_either_can_be_chosen_and_the_trail_says_which(client, referral, lost, nia, stands, text):
    client.force_login(nia)
    choice = offered(client, referral, stands)
    said = Window(client, referral, nia).keep({"analysis": "Nia’s words", "version__analysis": choice}).json()

    assert said["decided"] == ["analysis"]
    assert list(said["settled"]) == (["analysis"] if stands == "theirs" else [])
    assert (stored(), OtherVersion.objects.count()) == ({"analysis": {"answer": text}}, 0)
    assert details()[-1]["decided"] == {"analysis": "kept" if stands == "theirs" else "standing"}


def test_a_decision_holds_only_for_the_words_that_were_shown(client, referral, lost, nia):
    client.force_login(nia)
    choice, hers = offered(client, referral, "mine"), Window(client, referral, nia)
    lost.keep({"analysis": "Robin’s words, written on"})
    answer = hers.keep({"analysis": "Nia’s words", "version__analysis": choice}).json()

    assert answer["decided"] == []
    assert OtherVersion.objects.get().value == {"answer": "Robin’s words, written on"}
    response = client.post(address(referral, "N"), {"analysis": "Nia’s words", "version__analysis": choice})
    assert "has changed. Read it, and choose again" in words(response)


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_whoever_lost_may_decide_on_the_page_that_asked(lost, choice):
    lost.keep({"analysis": "Robin’s words", "keep__analysis": choice})

    assert OtherVersion.objects.count() == 0
    assert stored() == {"analysis": {"answer": "Robin’s words" if choice == "mine" else "Nia’s words"}}
    assert details()[-1]["decided"] == {"analysis": "kept" if choice == "mine" else "standing"}


def test_a_form_with_an_undecided_version_is_not_written_up_and_says_why(client, referral, lost, robin, nia):
    hold(referral, robin)
    [cover] = referral.covered.all()
    settled = {cover.episode_id: Settled("completed", "")}
    record_outcomes(referral, settled=settled, although=True, by=robin, now=now())
    version = OtherVersion.objects.get()
    answer_all(referral, nia, case_of(referral).situation, at=now())
    client.force_login(nia)
    for send in (client.get, client.post):
        page = words(send(reverse("rhi:submit", args=[referral.pk])))
        assert "somebody has to say which stands: Summary and analysis" in page
    assert "Two versions wait for a decision. Say in the form which stands: “Summary and analysis" in page
    assert not referral.interviews.get().written_up_at

    version.delete()
    client.post(reverse("rhi:submit", args=[referral.pk]))
    assert referral.interviews.get().written_up_at


def test_the_page_costs_the_same_however_many_versions_wait(client, referral, lost, robin, django_assert_num_queries):
    client.force_login(robin)
    interview = referral.interviews.get()
    client.get(address(referral, "N"))
    with CaptureQueriesContext(connection) as one:
        client.get(address(referral, "N"))
    for number in range(3):
        more = {"child": referral.child, "question": "protective_factors", "page": f"p{number}", "at": now()}
        OtherVersion.objects.create(interview=interview, value={"answer": f"Version {number}"}, by=robin, **more)
    with django_assert_num_queries(len(one)):
        client.get(address(referral, "N"))
