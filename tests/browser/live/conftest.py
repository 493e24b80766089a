"""Opening a page that stays open."""

import pytest

from tests.browser.live.open_page import MINUTE, WRONG, Open
from tests.browser.walking import Walk


@pytest.fixture
def opens(visit, desk):
    """Open an address as somebody: opens(person, address)."""

    def opened(person, address, **how):
        walker = Walk(visit("/account/sign-in/", **how))
        walker.sign_in(person)
        page = walker.page
        page.clock.install(time=WRONG)
        page.clock.pause_at(WRONG + MINUTE)
        page.goto(address)
        page.wait_for_selector("[data-rhi-now] [role=status]", state="attached")
        window = Open(page)
        window.complaints = walker.complaints
        return window

    return opened
