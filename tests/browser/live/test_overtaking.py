"""A saving of the form that nobody answers does not hold up what is typed after it."""

import pytest

from rhi.models import Answer
from tests.browser.walking import Walk
from tests.rhi.writing import SLUGS


@pytest.mark.slow  # waits for the page's own pauses
def test_a_saving_that_hangs_is_overtaken_before_it_is_given_up(desk, visit):
    desk.hand(desk.referrals[0], desk.caseworker)
    page = visit("/account/sign-in/")
    Walk(page).sign_in(desk.caseworker)
    page.goto(f"/referrals/{desk.referrals[0].pk}/form/{SLUGS['N']}/")
    hung = []

    def hang_the_first(route):
        if hung:
            route.continue_()
        else:
            hung.append(route)

    given_up = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    page.route("**/keep/", hang_the_first)
    written = page.get_by_role("textbox", name="Summary and analysis")
    with page.expect_request("**/keep/"):
        written.fill("Half a")
    with page.expect_response("**/keep/"):
        with page.expect_request("**/keep/"):
            written.fill("Half a sentence")
        assert given_up == []
    assert Answer.objects.get(question="analysis").value == {"answer": "Half a sentence"}
    page.wait_for_function("document.querySelector('[data-rhi-line]').textContent.startsWith('Saved ')")
