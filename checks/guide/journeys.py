"""What each person of the guide does, page by page, and where a picture is taken.

A journey goes by the words on the pages, so it fails when the guide would no longer be true of them.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

from checks.guide.camera import WIDTH, Camera
from staff.demonstration import PASSWORD, PEOPLE
from staff.permissions import Role

TO_MOVE = 10
"""The referrals that the leader moves at once, or all when the tray holds fewer."""

Journey = Callable[[Camera], None]


def caseworker(robin: Camera) -> None:
    robin.sees("My work")
    robin.take("caseworker-my-work", height=1000)

    # The referral whose deadline is furthest away: there is still time for all that follows.
    row = robin.page.locator(".rhi-work__row").last
    name = row.get_by_role("heading").inner_text().split(",")[0]
    robin.follow("Log attempt", within=row)
    robin.sees("Log an attempt")
    robin.press("Save")
    robin.page.get_by_role("alert").wait_for()
    robin.take("caseworker-mistake", height=720)
    robin.page.goto(robin.page.url)
    robin.choose("No answer")
    robin.take("caseworker-attempt", height=900)
    robin.press("Save")
    robin.sees("My work")
    robin.page.get_by_text("Logged: no answer.").wait_for()

    robin.follow(name, within=robin.page.locator(".rhi-work__name"))
    robin.sees("Return home interview")
    robin.take("caseworker-referral", height=1100)

    robin.follow("Record an offer")
    robin.sees("Record an offer")
    robin.choose("Child", among="Offered to")
    robin.choose("Phone", among="How was it put")
    robin.choose("Face to face", among="How would it be held")
    robin.press("Save")
    robin.follow("Accepted")
    robin.sees("Record the response")
    robin.press("Save")
    robin.sees("Return home interview")
    robin.follow("Book the interview")
    robin.sees("Book the interview")
    robin.write("When", f"{robin.at + timedelta(days=1):%Y-%m-%dT%H:%M}")
    robin.choose("Face to face", among="How")
    robin.write("Where", "At school")
    robin.press("Book it")
    robin.sees("Return home interview")
    robin.page.get_by_text("The interview is booked").wait_for()
    robin.take("caseworker-booked", height=900)

    robin.follow("Record that it was held")
    robin.sees("Record that the interview was held")
    robin.write("When did it begin?", f"{robin.at - timedelta(minutes=20):%Y-%m-%dT%H:%M}")
    robin.choose("Face to face")
    robin.press("Save")
    robin.sees("Interview form")
    robin.take("caseworker-form", height=1000)
    robin.follow("Write up")
    robin.sees("Write up")
    robin.page.get_by_text("Before it can be written up, these are needed").wait_for()
    robin.take("caseworker-write-up", height=900)


def team_leader(sam: Camera) -> None:
    sam.sees("My work")
    sam.menu("Trays")
    sam.page.get_by_role("button", name="Assign the ticked").first.wait_for()
    sam.take("leader-tray", height=1000)

    for box in sam.page.get_by_role("checkbox", name="Choose ").all()[:TO_MOVE]:
        box.check()
    sam.press("Assign the ticked")
    sam.sees("Assign several at once")
    sam.page.get_by_role("radio").first.check()
    sam.page.get_by_role("textbox", name="Reason").fill("Robin is on leave until Thursday")
    sam.take("leader-move", height=1320)
    sam.press("Save")
    sam.page.get_by_role("button", name="Assign the ticked").first.wait_for()
    sam.take("leader-moved", height=700)
    sam.page.locator(".rhi-tray").get_by_role("link").first.click()
    sam.sees("Return home interview")
    sam.page.get_by_text("Why it came here").click()
    sam.take("leader-why", height=760, at=sam.page.get_by_text("Why it came here"))


def coordinator(priya: Camera) -> None:
    priya.sees("My work")
    priya.menu("Trays")
    priya.sees("Trays")
    priya.take("coordinator-trays", height=700)
    # The fullest tray, and there, if it can be, a child who went missing more than once.
    rows = priya.page.locator(".rhi-trays tbody tr").all()
    fullest = max(rows, key=lambda row: int(re.findall(r"\d+", row.locator("td").first.inner_text())[0]))
    fullest.get_by_role("rowheader").get_by_role("link").click()
    referrals = priya.page.locator(".rhi-tray > li")
    referrals.first.wait_for()
    often = referrals.filter(has_text=re.compile(r"\b[2-9] episodes"))
    (often if often.count() else referrals).first.get_by_role("link").first.click()
    priya.sees("Return home interview")
    priya.page.locator(".rhi-identity").get_by_role("link").first.click()
    priya.page.get_by_role("heading", name="Episodes").wait_for()
    name = priya.page.get_by_role("heading", level=1).inner_text()

    priya.menu("Find a child")
    priya.sees("Find a child")
    priya.write("Name, person ID or police reference", name.strip())
    priya.press("Find")
    priya.page.get_by_role("main").get_by_role("link", name=name.split()[-1]).first.wait_for()
    priya.take("coordinator-find", height=700)
    priya.follow(name.split()[-1])
    priya.page.get_by_role("heading", name="Episodes").wait_for()
    priya.take("coordinator-child", height=1100)
    priya.follow("Record an episode")
    priya.sees("Record an episode")
    priya.take("coordinator-episode", height=1000)


def manager(morgan: Camera) -> None:
    morgan.sees("My work")
    morgan.follow("Reports")
    morgan.sees("Monthly table")
    morgan.take("manager-table", height=1000)
    morgan.take("manager-graph", height=900, at=morgan.page.get_by_role("heading", name="Graph"))
    row = morgan.page.get_by_role("row", name="Missing episodes", exact=False).first
    row.get_by_role("link").last.click()
    morgan.sees("Missing episodes")
    morgan.take("manager-cases", height=900)
    morgan.follow("Back to the table")
    morgan.sees("Monthly table")
    morgan.press("PDF")
    morgan.page.get_by_text("Waiting to be made").wait_for()
    morgan.take("manager-download", height=620)
    morgan.follow("Back")
    morgan.sees("Monthly table")
    morgan.follow("All figures, their units")
    morgan.sees("What the figures mean")
    morgan.take("manager-measures", height=900)


def interviewer(jo: Camera) -> None:
    jo.sees("My work")
    jo.take("interviewer-my-work", height=700)
    jo.page.locator(".rhi-work__name").get_by_role("link").last.click()
    jo.sees("Return home interview")
    jo.take("interviewer-referral", height=1000)


def administrator(alex: Camera) -> None:
    alex.menu("People and teams")
    alex.sees("People and teams")
    alex.take("administrator-people", height=1000)
    alex.follow("Invite somebody")
    alex.sees("Invite somebody")
    alex.take("administrator-invite", height=900)


def auditor(chris: Camera) -> None:
    chris.menu("Trail")
    chris.sees("Trail")
    chris.take("auditor-trail", height=1100)


JOURNEYS: dict[Role, Journey] = {
    Role.CASEWORKER: caseworker,
    Role.TEAM_LEADER: team_leader,
    Role.COORDINATOR: coordinator,
    Role.MANAGER: manager,
    Role.INTERVIEWER: interviewer,
    Role.ADMINISTRATOR: administrator,
    Role.AUDITOR: auditor,
}
"""In this order, for what one person does another one sees."""


def take_all(browser: Browser, address: str, folder: Path, *, at: datetime, clock_stands: bool = False) -> None:
    """Go through every journey on the demonstration at the address, leaving the pictures in the folder.

    `at` is what the site takes for now; `clock_stands` lets the browser believe the same.
    """
    for person in PEOPLE:
        with browser.new_context(
            base_url=address, viewport={"width": WIDTH, "height": 900}, locale="en-GB", timezone_id="Europe/London"
        ) as window:
            window.set_default_timeout(30_000)  # milliseconds; a busy machine draws a page's first view slowly
            if clock_stands:
                window.clock.set_fixed_time(at)
            page = window.new_page()
            page.goto("/account/sign-in/")
            page.get_by_label("Email address").fill(person.email)
            page.get_by_label("Password", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            JOURNEYS[person.role](Camera(page, folder, at))
