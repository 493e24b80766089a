"""A page that stays open offers what has come since, in its place."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rhi.actions import contact
from routing.models import Referral
from tests.browser.live.open_page import HOUR, tray
from tests.desk import local
from tests.records import bring, child, episode
from tests.soak import evidence
from tests.staff.people import now

pytestmark = [pytest.mark.slow]


def come_back(folder, number=1):
    """One more child comes back: the referral goes into the tray."""
    at = now() - timedelta(hours=number)
    bring(
        folder / f"more{number}",
        now=now(),
        children=[child(f"M{number}", first_name="Newly", last_name=f"Arrived{number}")],
        episodes=[episode(f"ME{number}", f"M{number}", last_seen_at=local(at - 5 * HOUR), returned_at=local(at))],
    )
    return Referral.objects.get(child__child_id=f"M{number}")


@pytest.mark.soak
def test_a_tray_offers_what_has_come_without_moving_anything_and_shows_it_when_asked(
    opens, desk, tmp_path, violations, soak_seed
):
    window = opens(desk.leader, tray(desk))
    where = """each => each.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [x, y, width, height];
    })"""
    everything = window.page.locator("main *:not(.rhi-offer, .rhi-offer *, [role=status])")
    stood = everything.evaluate_all(where)
    for number in (1, 2, 3):
        come_back(tmp_path, number)
    assert not window.offer.is_visible()

    window.looks()
    window.offer.wait_for(state="visible")

    assert window.offer.locator("p").inner_text() == "3 new in this tray"
    assert window.heard == "3 new in this tray."
    assert everything.evaluate_all(where) == stood
    window.page.clock.resume()  # the rules wait for moments to pass
    assert violations(window.page) == {}
    with window.page.expect_navigation():
        window.page.get_by_role("button", name="Show the tray as it is now").click()
    assert "Newly Arrived1" in window.page.locator(".rhi-tray").inner_text()
    assert window.complaints == []
    evidence("live_page_offer", seed=soak_seed, n=len(stood), result="3 new offered, no element of the page moved")


def test_on_a_phone_the_offer_fits_and_on_paper_there_is_none(opens, desk, tmp_path, violations):
    window = opens(desk.leader, tray(desk), width=320)
    come_back(tmp_path)

    window.looks()
    window.offer.wait_for(state="visible")

    box = window.offer.bounding_box()
    assert (box["x"], box["width"] <= 320, box["y"] + box["height"]) == (0, True, 800)
    assert window.page.evaluate("document.documentElement.scrollWidth") == 320
    window.page.clock.resume()  # the rules wait for moments to pass
    assert violations(window.page) == {}
    window.page.emulate_media(media="print")
    assert not window.offer.is_visible()


def test_the_offer_waits_while_the_pointer_rests_where_it_would_appear(opens, desk, tmp_path):
    window = opens(desk.leader, tray(desk))
    come_back(tmp_path)
    window.page.mouse.move(40, 780)

    window.looks()
    window.page.wait_for_function("document.querySelector('[data-rhi-now] [role=status]').textContent")
    assert not window.offer.is_visible()
    window.page.mouse.move(45, 785)
    assert not window.offer.is_visible()
    window.page.mouse.move(600, 300)

    window.offer.wait_for(state="visible")


@pytest.mark.parametrize(("motion", "animation"), [("reduce", "none"), ("no-preference", "rhi-offer")])
def test_the_offer_fades_in_only_for_whom_motion_is_no_harm(opens, desk, tmp_path, motion, animation):
    window = opens(desk.leader, tray(desk))
    window.page.emulate_media(reduced_motion=motion)
    come_back(tmp_path)

    window.looks()
    window.offer.wait_for(state="visible")

    assert window.offer.evaluate("one => getComputedStyle(one).animationName") == animation


def test_my_work_offers_what_was_given_meanwhile(opens, desk):
    window = opens(desk.caseworker, "/")
    desk.hand(desk.referrals[3], desk.caseworker)

    window.looks()
    window.offer.wait_for(state="visible")

    assert window.offer.locator("p").inner_text() == "1 new for you"
    with window.page.expect_navigation():
        window.page.get_by_role("button", name="Show my work as it is now").click()
    assert "Devon Marsh" in window.page.locator("main").inner_text()


def test_a_referral_says_that_somebody_has_changed_it(opens, desk):
    referral = desk.referrals[0]
    window = opens(desk.caseworker, reverse("rhi:referral", args=[referral.pk]))
    contact.log_attempt(
        referral,
        attempted_at=now(),
        method="phone",
        contacted="child",
        result="no_answer",
        by=desk.colleague,
        now=now(),
    )

    window.looks()
    window.offer.wait_for(state="visible")

    assert window.offer.locator("p").inner_text() == "Somebody has changed this referral"
    with window.page.expect_navigation():
        window.page.get_by_role("button", name="Show the change").click()
    assert "Attempt: No answer" in window.page.locator("main").inner_text()
