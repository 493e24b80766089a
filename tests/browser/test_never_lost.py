"""Somebody types in the interview's form, and at a random moment something dies: five seconds of typing at the most.

What dies is the page, the browser, the server, the network or the session. Where the page lives on, nothing at all is
lost: it says that it is not saved, and saves when it can.
"""

import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application

from checks.servers import free_port
from rhi.models import Answer
from tests.jobs.conftest import Elsewhere
from tests.rhi.writing import SLUGS
from tests.soak import evidence, full
from tests.staff.people import PASSWORD

AT_MOST = 5.0  # seconds of typing that may be lost
PATIENCE = 30.0  # seconds until what lives on has saved everything
RUNS = 100
FEW = 4
WORDS = ["I went ", "to the park ", "after school ", "because we had ", "argued ", "and nobody ", "asked me where "]
BLOWS = ["tab", "browser", "server", "network", "session"]


def serve(port):
    """The site in a process of its own, that can be killed."""
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    server.serve_forever()


def written():
    """What the site has of the answer."""
    return Answer.objects.filter(question="analysis").values_list("value__answer", flat=True).first() or ""


def forget_sessions():
    Session.objects.all().delete()


def forget_answers():
    Answer.objects.all().delete()


def wait_for_port(port):
    """Wait until something answers there."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nothing answers at port {port}")


class Site:
    """The site in a process of its own, on the test's database."""

    def __init__(self, folder):
        self.elsewhere, self.port, self.process = Elsewhere(folder / "copy.sqlite3"), free_port(), None

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = self.elsewhere.start(serve, self.port)
        wait_for_port(self.port)

    def kill(self):
        self.process.kill()
        self.process.join()


@contextmanager
def browser_of_ones_own(browser):
    """A browser in a process that can be killed; beside it the process."""
    port, profile = free_port(), tempfile.mkdtemp()
    command = [shutil.which("chromium-headless-shell"), "--no-sandbox", f"--remote-debugging-port={port}"]
    command += [f"--user-data-dir={profile}", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}"), process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)


class Typist:
    """Somebody who types on, and remembers when which letter was typed."""

    def __init__(self, page, chance):
        self.page, self.chance, self.text, self.times = page, chance, "", []

    def type(self, seconds):
        """Type for so long, in bursts, with pauses to think."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            word = self.chance.choice(WORDS)
            self.page.keyboard.insert_text(word)
            self.text += word
            self.times.append((time.monotonic(), len(self.text)))
            time.sleep(self.chance.choice([0.02, 0.1, 0.3]))

    def typed_until(self, instant):
        """How much had been typed by then."""
        return max((length for at, length in self.times if at <= instant), default=0)


def sign_in(page):
    page.get_by_label("Email address").fill("robin.hale@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # The window that was opened for it is closed by the page itself, as soon as somebody is signed in.
    page.get_by_role("button", name="Sign in").click(no_wait_after=True)


def settle(site, typist):
    """Wait until the site has everything; how long that took, in seconds."""
    began = time.monotonic()
    while site.elsewhere.call(written) != typist.text.strip():
        assert time.monotonic() - began < PATIENCE, "what was typed never reached the site"
        time.sleep(0.3)
    return time.monotonic() - began


def strike(blow, site, context, page, typist, chance, process):
    """Let it die; answers the instant, and whether the page lives on."""
    at = time.monotonic()
    match blow:
        case "tab":
            page.close(run_before_unload=False)
            return at, False
        case "browser":
            process.kill()
            return at, False
        case "server":
            site.kill()
            typist.type(chance.uniform(0.5, 4))
            site.start()
        case "network":
            context.set_offline(True)
            typist.type(chance.uniform(0.5, 4))
            context.set_offline(False)
        case "session":
            site.elsewhere.call(forget_sessions)
            typist.type(chance.uniform(0.5, 2))
            button = page.get_by_role("button", name="Sign in again")
            button.wait_for(timeout=PATIENCE * 1000)
            with context.expect_page() as opened:
                button.click()
            sign_in(opened.value)
            page.locator("[data-rhi-signed-out]").wait_for(state="hidden", timeout=PATIENCE * 1000)
    typist.type(chance.uniform(0, 2))
    return at, True


def one_run(blow, site, browser, referral, chance, process=None):
    """Type, be struck, and see what the site has: how many seconds of typing are lost, and how long the rest took."""
    site.elsewhere.call(forget_answers)
    context = browser.new_context(base_url=site.address)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto("/account/sign-in/")
    sign_in(page)
    page.wait_for_url(f"{site.address}/")
    page.goto(f"/referrals/{referral.pk}/form/{SLUGS['N']}/")
    page.get_by_role("textbox", name="Summary and analysis").focus()
    typist = Typist(page, chance)
    typist.type(chance.uniform(0.5, 8))
    at, lives = strike(blow, site, context, page, typist, chance, process)
    if lives:
        waited = settle(site, typist)
        assert re.fullmatch(r"Saved \d\d:\d\d", page.locator("[data-rhi-line]").inner_text())
        context.close()
        return 0.0, waited
    time.sleep(1)  # what was on its way arrives
    stored = site.elsewhere.call(written)
    assert typist.text.startswith(stored)
    safe = [instant for instant, length in typist.times if length > len(stored) + 1]
    return (at - min(safe) if safe else 0.0), 0.0


@pytest.mark.soak
@pytest.mark.whole
@pytest.mark.timeout(3600)
def test_at_most_five_seconds_of_typing_are_lost(desk, browser, tmp_path, soak_seed):
    desk.hand(desk.referrals[0], desk.caseworker)
    site = Site(tmp_path)
    site.start()
    blows = random.Random(soak_seed).sample(BLOWS, len(BLOWS))
    runs, lost, waited = RUNS if full() else FEW, [], []
    try:
        for number in range(runs):
            blow, chance = blows[number % len(blows)], random.Random(f"{soak_seed}-{number}")
            if blow == "browser":
                with browser_of_ones_own(browser) as (own, process):
                    result = one_run(blow, site, own, desk.referrals[0], chance, process)
            else:
                result = one_run(blow, site, browser, desk.referrals[0], chance)
            lost.append(result[0])
            waited.append(result[1])
            assert result[0] <= AT_MOST, f"run {number} ({blow}): {result[0]:.1f} s of typing lost"
    finally:
        site.kill()
    result = {"blows": BLOWS, "most seconds of typing lost": max(lost), "most seconds until all was saved": max(waited)}
    evidence("never_lost", seed=soak_seed, n=runs, result=result)
