"""The page that shows every part of which pages are made."""

from pathlib import Path

import pytest

from staff.models import AuditEvent
from staff.permissions import Role
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"

# What is no visual idea of its own, or can be shown only where it belongs; each with its reason.
ELSEWHERE = {
    "other_ways.html": "a link on the pages where somebody confirms who they are",
    "back.html": "the Design System's back link, above the page's matter",
    "back_to_account.html": "that link, to one's account",
    "background_sendings.html": "the administrator's own table, on the page of work in the background",
    "demonstration_people.html": "the sign-in page of the demonstration",
    "episodes_table.html": "a child's own table, on the child's page",
    "child_actions.html": "links in a panel, on the child's page",
    "child_following.html": "a list of links, on the child's page",
    "task_support.html": "a sentence, on the page of a task and of a child",
    "child_found.html": "the answer to a search, on the page that searches",
    "child_interviews.html": "a list of links, on the child's page",
    "child_referrals.html": "a list of links, on the child's page",
    "changes_areas.html": "names to choose among in a field, without any look of its own",
    "changes_check.html": "the second step of a correction, with its form",
    "changes_form.html": "the first step of a correction, with its form",
    "changes_heading.html": "the heading of those two",
    "involvement_correct.html": "a link, on the child's page",
    "live.html": "what a script rests on; without one nothing is seen of it",
    "memberships.html": "the drawing of a field, on the pages of people and teams",
    "signed_out.html": "opened by a script over the interview's form, which a browser test does",
    "tray_filter.html": "the filters of a tray, which need its choices",
    "answers.html": "a whole interview, made of the parts shown",
    "form_back.html": "the way back from a form",
    "form_missing.html": "links into a form",
    "form_question.html": "one question, drawn by the form",
    "warnings_back.html": "the way back from a warning",
    "chart.html": "the graph of the monthly table, whose figures it is worked out from",
    "chart_mark.html": "a mark of that graph",
}


@pytest.fixture
def page(client):
    client.force_login(make_person(role=Role.CASEWORKER))
    return client.get("/parts/")


def test_every_visual_idea_is_shown(page):
    shown = {Path(template.name).name for template in page.templates if template.name.startswith("components/")}

    assert {path.name for path in COMPONENTS.glob("*.html")} - shown - ELSEWHERE.keys() == set()
    assert {name for name in ELSEWHERE if not (COMPONENTS / name).exists()} == set()


def test_all_six_tones_are_shown(page):
    for tone in ("late", "soon", "running", "met", "missed", "none"):
        assert f'class="rhi-standing rhi-standing--{tone}"' in page.content.decode()


def test_a_form_with_errors_is_shown(page):
    assert list(page.context["sample"].errors) == ["contacted", "at", "because"]
    assert "There is a problem" in page.content.decode()


def test_the_page_shows_nobodys_record_and_costs_no_query_for_its_data(client, django_assert_num_queries):
    client.force_login(make_person())
    client.get("/parts/")

    with django_assert_num_queries(2):  # session, person
        client.get("/parts/")
    assert not AuditEvent.objects.filter(type="child_read").exists()
