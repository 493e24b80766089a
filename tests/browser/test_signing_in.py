import pytest

from tests.staff.people import PASSWORD, code, make_person

EMAIL = "robin.hale@example.org"


def sign_in(page, password=PASSWORD):
    page.goto("/account/sign-in/")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def focused(page):
    """The words or the label of what has the focus."""
    return page.evaluate(
        "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim().replace(/\\s+/g, ' ')"
    )


def heading(page):
    return page.get_by_role("heading", level=1).inner_text()


def test_signing_in_and_out(page):
    make_person()

    sign_in(page)
    assert heading(page) == "My work"
    assert page.title() == "My work – Return home interviews"

    page.get_by_role("button", name="Sign out").click()
    assert heading(page) == "Sign in"
    assert page.get_by_role("alert").inner_text().splitlines()[-1] == "You have signed out."


def test_after_signing_out_going_back_shows_nothing(page):
    make_person()
    sign_in(page)
    page.get_by_role("button", name="Sign out").click()

    page.go_back()

    assert heading(page) == "Sign in"


def test_the_whole_way_in_and_out_by_keyboard(visit):
    make_person()
    page = visit("/account/sign-in/")

    for expected in ["Skip to main content", "Return home interviews", "Email address"]:
        page.keyboard.press("Tab")
        assert focused(page) == expected
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    assert focused(page) == "Password"
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    assert focused(page) == "Show"
    page.keyboard.press("Tab")
    assert focused(page) == "Sign in"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="My work").wait_for()

    for expected in [
        "Skip to main content",
        "Return home interviews",
        "Notices",
        "Your account: Robin Hale",
        "Sign out",
    ]:
        page.keyboard.press("Tab")
        assert focused(page) == expected
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sign in").wait_for()


def test_the_first_key_offers_to_skip_what_stands_on_every_page(visit):
    page = visit("/account/sign-in/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert focused(page) == "Email address"


def test_a_wrong_password_is_explained_where_one_looks_and_listens(page):
    make_person()

    sign_in(page, "cloud-ladder-knife")

    assert page.title() == "Error: Sign in – Return home interviews"
    summary = page.locator(".govuk-error-summary")
    assert summary.inner_text().split("\n") == [
        "There is a problem",
        "The email address or the password is not right. Check both and try again.",
    ]
    assert summary.evaluate("element => element === document.activeElement")
    assert page.get_by_label("Email address").input_value() == EMAIL
    assert page.get_by_label("Password", exact=True).input_value() == ""

    summary.get_by_role("link").click()
    assert focused(page) == "Email address"


def test_what_is_missing_is_said_beside_the_field_and_leads_to_it(page):
    page.goto("/account/sign-in/")
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Enter your password").click()

    assert focused(page) == "Password"
    described = page.get_by_label("Password", exact=True).get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text().split() == ["Error:", "Enter", "your", "password"]


def test_a_password_can_be_shown_and_hidden(page):
    page.goto("/account/sign-in/")
    password = page.get_by_label("Password", exact=True)

    page.get_by_role("button", name="Show password").click()
    assert password.get_attribute("type") == "text"

    page.get_by_role("button", name="Hide password").click()
    assert password.get_attribute("type") == "password"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
@pytest.mark.parametrize("width", [1280, 320])
def test_setting_up_and_using_the_second_step(visit, width, scripts):
    make_person()
    page = visit("/account/sign-in/", width=width, scripts=scripts)
    sign_in(page)
    page.goto("/account/")
    page.get_by_role("link", name="Set up a second step").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    secret = page.locator("strong.rhi-code").inner_text().replace(" ", "")

    page.get_by_label("Code from your app").fill(code(secret))
    page.get_by_role("button", name="Turn on the second step").click()

    assert heading(page) == "Your recovery codes"
    assert page.locator(".rhi-recovery-codes li").count() == 10

    page.get_by_role("button", name="Sign out").click()
    sign_in(page)
    assert heading(page) == "Enter your code"
    page.get_by_label("Code from your app").fill("12345")
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert "That code is not right." in page.locator(".govuk-error-summary").inner_text()

    page.get_by_label("Code from your app").fill(code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert heading(page) == "My work"


def test_without_scripts_no_button_is_shown_that_needs_them(visit):
    page = visit("/account/sign-in/", scripts=False)

    assert [button.inner_text() for button in page.get_by_role("button").all()] == ["Sign in"]


def test_a_forgotten_password_can_be_replaced(page, live_server, mailoutbox):
    make_person()
    page.goto("/account/sign-in/")
    page.get_by_role("link", name="I have forgotten my password").click()
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_role("button", name="Send the link").click()
    assert heading(page) == "Check your email"

    link = next(line for line in mailoutbox[0].body.splitlines() if "/password/new/" in line)
    assert link.startswith(live_server.url)
    page.goto(link)
    page.get_by_label("New password", exact=True).fill("river-candle-moth")
    page.get_by_label("New password again").fill("river-candle-moth")
    page.get_by_role("button", name="Save the new password").click()
    assert heading(page) == "Sign in with your new password"

    sign_in(page, "river-candle-moth")
    assert heading(page) == "My work"
