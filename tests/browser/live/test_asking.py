"""When a page that stays open asks for what has come."""

import re

import pytest
from django.contrib.sessions.models import Session

from tests.browser.live.open_page import HOUR, MINUTE, tray
from tests.browser.walking import Walk

pytestmark = [pytest.mark.slow]


def test_it_asks_once_a_minute_and_less_often_while_there_is_no_network(opens, desk):
    window = opens(desk.leader, tray(desk))
    window.looks()
    window.looks()
    assert len(window.asked) == 2
    window.page.route(re.compile("/news/"), lambda route: route.abort())

    for pause in (1, 2, 4, 8, 16, 16):
        before = len(window.asked)
        window.page.clock.run_for(pause * 60_000 - 1000)
        assert len(window.asked) == before
        with window.page.expect_event("requestfailed"):
            window.page.clock.run_for(1000)
        window.page.wait_for_timeout(50)  # what follows the failure is the page's own

    window.page.unroute(re.compile("/news/"))
    window.looks(after=16 * MINUTE)
    window.looks()
    assert window.page.locator(".govuk-error-summary, .rhi-offer:not([hidden])").count() == 0


def test_it_asks_nothing_while_nobody_looks_and_at_once_when_somebody_does_again(opens, desk):
    window = opens(desk.leader, tray(desk))
    out_of_sight = """hidden => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""

    window.page.evaluate(out_of_sight, arg=True)
    window.sleeps(10 * HOUR)
    assert window.asked == []

    with window.page.expect_response(re.compile("/news/")):
        window.page.evaluate(out_of_sight, arg=False)
        window.page.clock.run_for(1)
    assert len(window.asked) == 1


@pytest.mark.parametrize("how", ["signed out in another tab", "idle for too long"])
def test_it_stops_asking_once_the_person_is_signed_out(opens, desk, how):
    window = opens(desk.leader, tray(desk))
    window.looks()
    if how == "idle for too long":
        Session.objects.all().delete()
    else:
        other = window.page.context.new_page()
        other.goto("/account/")
        other.get_by_role("button", name="Sign out").click()

    with window.page.expect_response(re.compile("/news/")) as answer:
        window.page.clock.run_for(60_000)
    assert answer.value.status == 302
    window.page.wait_for_timeout(50)
    asked = len(window.asked)
    window.page.clock.run_for(3 * 60 * 60_000)

    assert len(window.asked) == asked


def test_without_scripts_a_tray_is_what_it_was_when_it_was_opened(visit, desk):
    walker = Walk(visit("/account/sign-in/", scripts=False))
    walker.sign_in(desk.leader)
    page = walker.page
    page.goto(tray(desk))

    clocks = page.locator(".rhi-standing")
    assert clocks.count() == len(desk.referrals)
    assert page.locator(".rhi-offer").count() == 0
    assert walker.complaints == []
