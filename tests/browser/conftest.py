"""The site as browsers get it in production: static files under hashed names, and no wrong guesses to begin with."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings

from rhi.settings import STORAGES
from tests.browser.walking import KEYS, MOUSE, Walk
from tests.desk import set_up

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}


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
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        response = page.evaluate("options => axe.run(document, options)", AXE)
        assert response["passes"], "the rules must have looked at something"
        return {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in response["violations"]}

    return found


WAYS = {
    "desktop": {"width": 1280},
    "phone": {"width": 320},
    "no-scripts": {"width": 1280, "scripts": False},
    "keys": {"width": 1280},
}


@pytest.fixture(params=list(WAYS))
def way(request):
    """How somebody goes: with a mouse, on a phone, without scripts, with keys alone."""
    return request.param


@pytest.fixture
def desk(tmp_path):
    return set_up(tmp_path)


@pytest.fixture
def walk(visit, violations, way):
    """Somebody's window: `walk(person)`."""

    def opened(person):
        looks = violations if way in ("desktop", "phone") else None
        walker = Walk(visit("/account/sign-in/", **WAYS[way]), by=KEYS if way == "keys" else MOUSE, violations=looks)
        walker.sign_in(person)
        return walker

    return opened
