"""The clocks of a page that stays open go on as the server would draw them."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.urls import reverse

from tests.browser.live.open_page import HOUR, MINUTE, drawn, tray
from tests.soak import evidence, soak_count

pytestmark = [pytest.mark.slow]


def milliseconds(instant):
    return round(instant.timestamp() * 1000)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_the_script_says_of_a_clock_what_the_server_says_at_any_instant(visit, soak_seed):
    """All thresholds to the second, and many instants by chance, up to two months before and after."""
    chance = random.Random(soak_seed)
    due = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    thresholds = [
        timedelta(days=days, hours=hours, minutes=minutes)
        for days in (0, 1, 2, 3, 10)
        for hours in (0, 1, 2, 3, 23)
        for minutes in (0, 1, 2, 59)
    ]
    lengths = [each + timedelta(seconds=second) for each in thresholds for second in (-1, 0, 1)]
    lengths += [timedelta(seconds=chance.randrange(60 * 24 * 60 * 60)) for _ in range(soak_count(100_000))]
    instants = [due - length for length in lengths] + [due + length for length in lengths]
    page = visit("/account/sign-in/")

    said = page.evaluate(
        """async ([script, due, instants]) => {
          const { standing } = await import(script);
          return instants.map((now) => { const { tone, words } = standing(due, now); return [tone, words]; });
        }""",
        [staticfiles_storage.url("js/desk/standing.js"), milliseconds(due), [milliseconds(each) for each in instants]],
    )

    assert len(said) > 1000
    wrong = [
        (each, said, drawn(due, each)) for each, said in zip(instants, said, strict=True) if said != drawn(due, each)
    ]
    assert wrong == []
    evidence("live_page_clocks", seed=soak_seed, n=len(said), result="words and colour as the server draws them")


def test_words_and_colour_stay_as_long_as_the_script_says_and_then_change(visit, soak_seed):
    chance = random.Random(soak_seed)
    due = milliseconds(datetime(2026, 6, 15, 12, tzinfo=UTC))
    instants = [due + chance.randrange(-(3 * 86_400_000), 3 * 86_400_000) for _ in range(500)]
    instants += [due + minutes * 60_000 + off for minutes in (-1441, -1440, -1, 0, 1) for off in (-1, 0, 1)]
    page = visit("/account/sign-in/")

    early = page.evaluate(
        """async ([script, due, instants]) => {
          const { standing, steady } = await import(script);
          const at = (now) => JSON.stringify(standing(due, now));
          return instants.filter((now) => steady(due, now) < 1 || at(now) !== at(now + steady(due, now) - 1));
        }""",
        [staticfiles_storage.url("js/desk/standing.js"), due, instants],
    )

    assert early == []


@pytest.mark.parametrize("name", ["tray", "work", "referral"])
def test_clocks_count_on_through_hours_of_sleep_on_a_machine_whose_own_clock_is_wrong(opens, desk, name):
    desk.hand(desk.referrals[0], desk.caseworker)
    address = {"tray": tray(desk), "work": "/", "referral": reverse("rhi:referral", args=[desk.referrals[0].pk])}[name]
    window = opens(desk.caseworker, address)
    window.is_left_alone()
    before = window.clocks()

    assert window.differing() == []
    for length in [MINUTE, 3 * HOUR, 21 * HOUR, 40 * HOUR, 300 * HOUR]:
        window.sleeps(length)
        assert window.differing() == []
    after = window.clocks()

    assert {tone for _, tone, _ in before} >= {"running"}
    assert {tone for _, tone, _ in after} == {"late"}
    assert window.complaints == []


def test_a_breach_is_said_once_and_politely_and_old_ones_are_not(opens, desk):
    desk.hand(desk.referrals[0], desk.caseworker)
    window = opens(desk.caseworker, "/")
    window.is_left_alone()
    ((due, _, _),) = window.clocks()
    window.page.evaluate(
        """() => {
          window.said = [];
          const heard = document.querySelector("[data-rhi-now] [role=status]");
          new MutationObserver(() => window.said.push(heard.textContent)).observe(heard, { childList: true });
        }"""
    )
    assert window.heard == ""

    window.sleeps(due - window.server_now - timedelta(seconds=30))
    assert window.heard == ""
    window.page.clock.run_for(31_000)
    words = window.heard
    window.page.clock.run_for(600_000)

    assert re.fullmatch(r"[A-Z][\w ]+, Ash Ferris: the time has run out\.", words)
    assert window.page.evaluate("said") == [words]
    assert window.page.locator("[data-rhi-now] [role=status]").get_attribute("aria-live") in (None, "polite")


def test_many_breaches_at_once_are_counted_and_not_read_out(opens, desk):
    window = opens(desk.leader, tray(desk))
    window.is_left_alone()

    window.sleeps(200 * HOUR)

    assert re.fullmatch(r"\d+ clocks have run out\.", window.heard)
