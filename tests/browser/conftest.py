"""The site as browsers get it in production: static files under hashed names, and no wrong guesses to begin with."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings

from rhi.settings import STORAGES

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def collected_files(tmp_path_factory):
    """The static files as `make run` collects them, gathered once."""
    folder = tmp_path_factory.mktemp("static")
    with override_settings(STORAGES=STORAGES, STATIC_ROOT=folder):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


@pytest.fixture(autouse=True)
def as_in_production(settings, collected_files, transactional_db):
    settings.STORAGES = STORAGES
    settings.STATIC_ROOT = collected_files
    settings.STATICFILES_DIRS = [collected_files]  # where the test server looks
    cache.clear()


@pytest.fixture
def visit(browser, live_server):
    """Open a window of one's own choice: visit("/account/", width=320, scripts=False)."""
    contexts = []

    def opened(address, *, width=1280, scripts=True):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def violations():
    """What the accessibility rules of WCAG 2.2 AA find on a page, as rule and offending elements."""

    def found(page):
        response = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response
        assert response["passes"], "the rules must have looked at something"
        return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in response["violations"]}

    return found
