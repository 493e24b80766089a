"""What every test may lean on. Settings that differ from the site's are in tests/settings.py."""

import hashlib
import os
import random
import shutil
import sys
import time

import pytest
from django.db import connection
from hypothesis import settings

from tests import soak

LOOPBACK = ("127.", "::1", "localhost")


# How long an example takes hangs on what it is the first to load and on what else the machine does: times are measured
# by make bench, not here.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


def pytest_configure(config):
    soak.choose_seed()  # before xdist starts its processes, which inherit it
    sys.addaudithook(refuse_other_machines)


def pytest_report_header(config):
    return f"soak: seed {soak.choose_seed()} (repeat with SOAK_SEED={soak.choose_seed()})"


def refuse_other_machines(event, args):
    """No test talks to the network; a test that tries learns so at once, not after a time-out."""
    if event == "socket.connect" and isinstance(args[1], tuple) and not str(args[1][0]).startswith(LOOPBACK):
        raise RuntimeError(f"Tests reach no other machine, but this one tried {args[1]}.")


@pytest.fixture(scope="session", autouse=True)
def machine_time_zone():
    """Put the machine elsewhere (MACHINE_TIME_ZONE=Pacific/Auckland): no local time may come from where it stands.

    Setting TZ for the process would be lost, as Django sets it to the project's zone while loading the settings.
    """
    if zone := os.environ.get("MACHINE_TIME_ZONE"):
        os.environ["TZ"] = zone
        time.tzset()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let Django empty the tables after a transactional test although the audit trail refuses to be thinned out.

    The triggers stay in force, as in production, while a test runs. Only the statements with which Django's test
    case empties the tables are framed, within their own transaction, by switching the triggers off and on. The
    product has no such switch.
    """
    with django_db_blocker.unblock():
        off, on = trail_switched_off_and_on()
    operations = type(connection.ops)  # the class: a test in a browser has several connections
    empty_tables = operations.sql_flush

    def empty_tables_and_trail(*args, **kwargs):
        statements = empty_tables(*args, **kwargs)
        return [*off, *statements, *on] if statements else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", empty_tables_and_trail)
        yield


def trail_switched_off_and_on():
    """The statements that lift the append-only triggers of the test database, and those that put them back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'audit_event_is_append_only%'"
            )
            triggers = cursor.fetchall()
            return (
                [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in triggers],
                [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in triggers],
            )
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_event_is_append_only%'"
        )
        triggers = cursor.fetchall()
        return [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]


@pytest.fixture
def soak_seed():
    """The seed for big counts, printed at the head of the run."""
    return soak.choose_seed()


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium; it may reach this machine only."""
    from playwright.sync_api import sync_playwright

    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to put root into its sandbox
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell"), args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, live_server):
    """A fresh browser window, in which addresses are relative to the site under test."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


#: What a test asks for that comes to a database; `world` lays hold of it by itself.
OF_A_DATABASE = {"db", "transactional_db", "live_server", "world"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What comes to no database shows the same on both: once is enough. Big counts have no other turn.

    Lots are drawn when all others have said what the tests are.
    """
    for item in items:
        asks = item.get_closest_marker("django_db") or OF_A_DATABASE & set(item.fixturenames)
        if not asks and not item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.once)
    yield
    draw_lots(config, items)


def drawn(nodeid, seed, share):
    """Whether this run, of this seed, is one of the few in which the test has its turn: one in `share`."""
    return int(hashlib.sha256(f"{seed} {nodeid}".encode()).hexdigest(), 16) % share == 0


def has_its_turn(item, which, seed):
    """Whether a test runs in a stage that has no time for all of them (decision 12).

    `few`: every twelfth of the desk's tests. `rest`: a third of them, none of those, and every eighth quick test.
    `walk`: every sixth stretch of the walk over the desk's pages, of four ways of going a journey two, and all else.
    What one database alone can show (skipif) has no other turn. What is marked `share` says itself of how many such
    tests one has its turn.
    """
    if share := item.get_closest_marker("share"):
        return drawn(item.nodeid, seed, share.args[0])
    if item.get_closest_marker("once") or item.get_closest_marker("skipif"):
        return True
    if which == "few":
        return drawn(item.nodeid, seed, 12)
    if which == "walk":
        if way := getattr(item, "callspec", None) and item.callspec.params.get("way"):
            return way in ways(item.nodeid.partition("[")[0], seed)
        return not item.get_closest_marker("walk") or drawn(item.nodeid, seed, 6)
    if item.get_closest_marker("soak"):
        return True
    if item.get_closest_marker("desk") or item.get_closest_marker("slow"):
        return not drawn(item.nodeid, seed, 12) and drawn(f"rest {item.nodeid}", seed, 3)
    return drawn(item.nodeid, seed, 8)


def ways(nodeid, seed):
    """The two ways in which this run, of this seed, goes a journey: one in which every page is looked at, one not."""
    chance = random.Random(f"{seed} {nodeid}")
    return chance.choice(["desktop", "phone"]), chance.choice(["no-scripts", "keys"])


def draw_lots(config, items):
    """With SHARE=few, rest or walk, leave some tests to another stage or another run, drawn anew by each seed."""
    which = os.environ.get("SHARE")
    if not which:
        return
    seed = config.getoption("randomly_seed")
    left = [item for item in items if not has_its_turn(item, which, seed)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
