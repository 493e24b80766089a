"""A page that stays open, on a machine whose own clock is wrong."""

import re
from datetime import UTC, datetime, timedelta

from django.urls import reverse

from procedures.clocks import state_at
from rhi import wording

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
#: What the clock of the browser's machine shows to begin with: it is wrong.
WRONG = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)


def drawn(due, at):
    """How the server draws an open clock at an instant."""
    standing = wording.standing(state_at(at, due_at=due, settled=None), due_at=due, met_at=None, now=at)
    return [standing.tone, standing.words]


class Open:
    """A page that somebody has opened on a machine whose clock is wrong and stands still until it is moved on."""

    def __init__(self, page):
        self.page = page
        self.shown_at = datetime.fromisoformat(page.locator("[data-rhi-now]").get_attribute("data-rhi-now"))
        self.passed = timedelta()
        self.asked = []
        page.on("request", lambda request: self.asked.append(request.url) if "/news/" in request.url else None)

    @property
    def server_now(self):
        return self.shown_at + self.passed

    def is_left_alone(self):
        """Let nothing answer when it asks: the server's time is the real one, which the test does not move."""
        self.page.route(re.compile("/news/"), lambda route: route.fulfill(status=204))

    def sleeps(self, length):
        """The machine sleeps, or the tab does: what was to happen meanwhile happens once, at the end."""
        self.passed += length
        self.page.clock.fast_forward(round(length.total_seconds() * 1000))

    def clocks(self):
        """Every open clock: when it is due, its tone by its class, and its words."""
        found = self.page.locator("[data-rhi-due]").evaluate_all(
            """each => each.map((one) => [one.dataset.rhiDue, one.className.match(/--(\\w+)/)[1], one.textContent])"""
        )
        assert found, "there must be clocks to look at"
        return [(datetime.fromisoformat(due), tone, words) for due, tone, words in found]

    def differing(self):
        """The clocks that stand otherwise than the server would draw them now."""
        return [each for each in self.clocks() if [each[1], each[2]] != drawn(each[0], self.server_now)]

    @property
    def heard(self):
        """What somebody who listens to the page has been told last."""
        return self.page.locator("[data-rhi-now] [role=status]").inner_text()

    @property
    def offer(self):
        return self.page.locator(".rhi-offer")

    def looks(self, after=MINUTE):
        """Time passes, and the page has asked and been answered."""
        with self.page.expect_response(re.compile("/news/")) as answer:
            self.sleeps(after)
        answer.value.finished()
        self.passed = timedelta()  # its time is the answer's from here on
        self.shown_at = datetime.fromisoformat(answer.value.json()["now"])


def tray(desk):
    return reverse("rhi:tray", args=[desk.tray.pk])
