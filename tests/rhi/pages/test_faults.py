"""What people see when something goes wrong."""

import pytest
from django.test import Client

from tests.rhi.pages.words import the_words
from tests.staff.people import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "status", "title"),
    [
        ("/nothing-here", 404, "Page not found"),
        ("/refuse", 403, "You may not do this"),
        ("/make-no-sense", 400, "This address does not work"),
        ("/break", 500, "Something went wrong"),
    ],
)
@pytest.mark.urls("tests.rhi.pages.broken")
def test_what_goes_wrong_is_said_in_plain_words(client, address, status, title):
    client.force_login(make_person())
    client.raise_request_exception = False

    response = client.get(address)

    assert response.status_code == status
    assert f'<h1 class="govuk-heading-l">{title}</h1>' in the_words(response)


def test_a_form_from_an_old_page_is_refused_in_plain_words():
    response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"login": "robin.hale@example.org"})

    assert response.status_code == 403
    assert "This page is out of date</h1>" in the_words(response)
    assert "Nothing was saved." in the_words(response)


def test_too_many_attempts_are_answered_in_plain_words(client):
    for _ in range(5):
        client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"})

    response = client.post("/account/password/forgotten/", {"email": "robin.hale@example.org"})

    assert response.status_code == 429
    assert "Too many attempts</h1>" in the_words(response)
