"""What holds for every page there is: add a page, add its address."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from tests.staff.people import PASSWORD, code, make_person

WIDTHS = [1280, 320]  # a desktop; a phone, or the desktop at 400% zoom

SIGNED_OUT = {
    "/account/sign-in/": "Sign in",
    "/account/closed/": "Your account is closed",
    "/account/password/forgotten/": "Choose a new password",
    "/account/password/forgotten/sent/": "Check your email",
    "/account/password/new/1-not-a-key/": "This link no longer works",
    "/account/password/new/done/": "Sign in with your new password",
    "/health": "Part of the service is not working",
}
SIGNED_IN = {
    "/": "My work",
    "/account/": "Your account",
    "/account/sign-out/": "Do you want to sign out?",
    "/account/password/": "Change your password",
    "/account/confirm/": "Confirm that it is you",
    "/nothing-here": "Page not found",
    "/refuse": "You may not do this",
    "/make-no-sense": "This address does not work",
    "/break": "Something went wrong",
}


@pytest.fixture
def is_sound(violations):
    """That a page reads well at its width, breaks no accessibility rule and nothing that its own policy forbids."""

    def check(page, title):
        assert page.get_by_role("heading", level=1).inner_text() == title
        assert violations(page) == {}
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    return check


def watch(page):
    """What the browser itself complains about from now on: refused scripts and styles, errors, files not found."""
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    return complaints


def sign_in(page):
    page.goto("/account/sign-in/")
    page.get_by_label("Email address").fill("robin.hale@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_before_signing_in(visit, is_sound, width):
    call_command("demo_people", stdout=StringIO())
    page = visit("/account/sign-in/", width=width)
    for address, title in SIGNED_OUT.items():
        page.goto(address)
        is_sound(page, title)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.urls("tests.rhi.pages.broken")
def test_pages_after_signing_in_and_those_of_errors(visit, is_sound, width):
    make_person()
    page = visit("/account/sign-in/", width=width)
    sign_in(page)
    for address, title in SIGNED_IN.items():
        page.goto(address)
        is_sound(page, title)


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_the_second_step(visit, is_sound, width):
    make_person()
    page = visit("/account/sign-in/", width=width)
    sign_in(page)
    page.goto("/account/second-step/")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    is_sound(page, "Set up the second step")

    page.get_by_role("button", name="Turn on the second step").click()
    page.get_by_role("link", name="Enter the code from your app").wait_for()
    is_sound(page, "Set up the second step")

    secret = page.locator("strong.rhi-code").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(code(secret))
    page.get_by_role("button", name="Turn on the second step").click()
    page.wait_for_url("**/recovery-codes/")
    is_sound(page, "Your recovery codes")

    for address, title in {
        "/account/": "Your account",
        "/account/confirm/code/": "Confirm that it is you",
        "/account/recovery-codes/new/": "Do you want new recovery codes?",
        "/account/second-step/off/": "Do you want to turn off the second step?",
    }.items():
        page.goto(address)
        is_sound(page, title)

    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    page.get_by_text("I do not have my phone").click()
    is_sound(page, "Enter your code")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_with_errors(visit, is_sound, width):
    page = visit("/account/sign-in/", width=width)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Enter your password").wait_for()

    is_sound(page, "Sign in")


def test_a_new_password_page(visit, is_sound, mailoutbox):
    make_person()
    page = visit("/account/password/forgotten/", width=320)
    page.get_by_label("Email address").fill("robin.hale@example.org")
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/sent/")

    page.goto(re.search(r"http\S+/password/new/\S+", mailoutbox[0].body)[0])

    is_sound(page, "Choose a new password")


def test_an_old_page_is_refused_in_a_sound_page(visit, is_sound):
    page = visit("/account/sign-in/", width=320)
    page.context.clear_cookies()
    page.get_by_role("button", name="Sign in").click()

    is_sound(page, "This page is out of date")


def test_the_browser_has_nothing_to_complain_of(visit):
    make_person()
    page = visit("/account/sign-in/")
    complaints = watch(page)

    sign_in(page)
    for address in ["/account/", "/account/password/", "/account/second-step/", "/health"]:
        page.goto(address)
        page.wait_for_load_state("networkidle")

    assert complaints == []


def test_browsers_may_keep_every_static_file_for_good_because_its_name_has_a_hash(visit):
    page = visit("/account/sign-in/")
    page.wait_for_load_state("networkidle")

    files = page.evaluate("performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname)")

    assert len(files) >= 6
    assert [file for file in files if not re.search(r"\.[0-9a-f]{12}\.", file)] == []
