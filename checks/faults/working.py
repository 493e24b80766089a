"""Work for the site to do, and what of it was acknowledged: only that may be asked for afterwards."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple
from uuid import uuid4

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import Error, connection
from django.db.models import QuerySet

from checks.faults.site import Site
from jobs import claims, declared
from jobs.models import Run
from jobs.schedule import Period
from jobs.sweep import make_run
from procedures.calendar import LONDON, local_date
from rhi.actions import letters, notices, sending
from rhi.actions.interviews import of_referral
from rhi.models import Email, Letter, LetterKind, Preferences
from routing.models import Allocation
from staff.actions import Refused
from staff.models import Membership, User

CASEWORKER, MANAGER, LEADER = "robin.hale@example.org", "morgan.ellis@example.org", "sam.okoro@example.org"
COORDINATOR, ADMINISTRATOR = "priya.dean@example.org", "alex.brand@example.org"
SECONDS = 10
"""How long somebody waits for a page."""

REMINDING, PROPOSING = "rhi.actions.reminding.remind", "rhi.actions.proposing.propose_due"
BACK_SINCE = timedelta(hours=60)
"""So long ago a child came back: their 72 hours end within the day, which is announced at once whatever the hour."""


class File(NamedTuple):
    """A file that was asked for, by its months."""

    first: str
    last: str


@dataclass
class Work:
    """Makes work and remembers what was acknowledged."""

    site: Site
    chance: random.Random
    emails: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    downloads: list[File] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    episodes: list[str] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    """Referrals of which it was recorded that the child declined."""
    posting: bool = False
    """Whether somebody has sent a form and waits for the answer."""
    cut_off: int = 0
    """How often nobody answered who had been sent a form."""
    number: int = 0

    def __post_init__(self) -> None:
        people = {email: User.objects.get(email=email) for email in (CASEWORKER, LEADER, COORDINATOR, MANAGER)}
        for person in people.values():
            # No hour is quiet for them, so that what is told goes by email whenever the trial is run.
            told = {"by_email": Preferences.ByEmail.AT_ONCE, "quiet_from": time(0), "quiet_until": time(0)}
            notices.prefer(values=told, by=person, now=moment())
        signing_in = (CASEWORKER, COORDINATOR, MANAGER, ADMINISTRATOR)
        self.browsers = {email: signed_in(email, self.site.port) for email in signing_in}
        self.leader, self.manager = people[LEADER], people[MANAGER]
        self.area = Membership.objects.get(user=self.leader).team.name.rpartition(": ")[2]
        self.referrals = list(
            Allocation.objects.filter(worker=people[CASEWORKER], until__isnull=True, referral__closed_at__isnull=True)
            .values_list("referral", flat=True)
            .order_by("pk")
        )

    def some(self) -> None:
        """A little of everything."""
        kinds = [self.email, self.email, self.attempt, self.download, self.digest, self.back]
        for make in self.chance.sample(kinds, 3):
            make()

    # What the site's own actions are asked for

    def email(self) -> None:
        """Have an email sent to the leader."""
        self.number += 1
        key = f"trial:{self.number}"
        if in_database(
            lambda: sending.queue_email(self.leader, Email.Kind.NOTICES, key, {"due": self.number}, now=moment())
        ):
            self.emails.append(key)

    def digest(self) -> None:
        """Have a leader's and a manager's digest written, by two jobs each, as two runs would: it is one all the same.

        Of days and weeks to come, so that each is another one.
        """
        self.number += 1
        day = local_date(moment()) + timedelta(days=self.number)
        wanted = ("send_daily", self.leader, f"{day:%Y%m%d}"), ("send_weekly", self.manager, f"{day:%Y%j}")
        for action, person, of in wanted:
            name, arguments = f"rhi.actions.digests.{action}", {"person": person.pk, "of": int(of)}
            enqueue = partial(claims.enqueue, name, arguments=arguments, due_at=moment())
            if in_database(enqueue):
                self.digests.append(f"{action.removeprefix('send_')}:{of}:{person.pk}")
            in_database(enqueue)

    def letter(self) -> None:
        """Have a letter about services sent to a child by Notify, proposed and approved by the leader.

        To the first child in turn of whom nothing speaks against it.
        """
        held = Allocation.objects.select_related("referral").filter(referral__in=self.referrals, until__isnull=True)
        self.number += 1
        for turn, _ in enumerate(self.referrals):
            allocation = in_database(partial(self._at, held, self.number + turn))
            if allocation and (letter := in_database(partial(self._approved, allocation))):
                self.letters.append(letter.pk)
                return

    def _at(self, held: QuerySet[Allocation], number: int) -> Allocation:
        return held.order_by("pk")[number % len(self.referrals)]

    def _approved(self, allocation: Allocation) -> Letter:
        now = moment()
        letter = letters.propose(
            of_referral(allocation.referral),
            LetterKind.SIGNPOSTING,
            to=Letter.To.CHILD,
            because="For the trial.",
            by=self.leader,
            now=now,
        )
        return letters.approve(letter, channel=Letter.Channel.NOTIFY, confirmed=True, by=self.leader, now=now)

    def run(self, name: str) -> bool:
        """Have what recurs run once more, as its newest run was due; whether it will."""
        if name not in {each.name for each in declared.schedule()}:
            raise LookupError(f"{name} does not recur.")

        def make() -> bool:
            newest = Run.objects.select_related("job").filter(name=name).order_by("-job__due_at").first()
            if newest is None:
                return False
            self.number += 1
            make_run(name, Period(f"trial {self.number}", newest.job.due_at), now=moment())
            return True

        return bool(in_database(make))

    # What people do in the browser

    def attempt(self) -> None:
        """Log an attempt, with a note that tells it from all others."""
        self.number += 1
        note = f"Trial {self.number}, {uuid4()}"
        typed = {
            "result": "no_answer",
            "contacted": self.chance.choice(["child", "parent"]),
            "method": self.chance.choice(["phone", "text", "video"]),
            "attempted_at": as_typed(moment() - timedelta(minutes=1)),
            "note": note,
        }
        referral = self.referrals[self.number % len(self.referrals)]
        if self.post(CASEWORKER, f"/referrals/{referral}/attempts/new/", typed):
            self.attempts.append(note)

    def download(self) -> None:
        """Ask for a file that is made in the background, each of other months: one month more with each round."""
        self.number += 1
        longer, number = divmod(self.number, 240)
        first, last = (f"{2000 + months // 12}-{months % 12 + 1:02}" for months in (number, number + longer))
        asked = {"format": "csv", "from": first, "to": last, "asked_as": str(uuid4())}
        place = self.post(MANAGER, "/reports/downloads/", asked)
        if place and place.startswith("/reports/downloads/"):  # what is refused leads elsewhere
            self.downloads.append(File(first, last))

    def back(self) -> int | None:
        """Record a child and their return, which makes a referral; answers which.

        The time for the interview ends within the day, so that whoever leads the tray has to be told.
        """
        self.number += 1
        mark = f"T{self.number}-{uuid4()}"
        child = {
            "child_id": mark,
            "first_name": "Trial",
            "last_name": mark,
            "date_of_birth_0": "12",
            "date_of_birth_1": "5",
            "date_of_birth_2": str(moment().year - 14),
            "living_independently": "no",
            "area": self.area,
            "address_1": "1 Elm Road",
            "address_2": "Taunton",
            "postcode": "TA1 1AA",
        }
        place = self.post(COORDINATOR, "/children/new/", child)
        if not place:
            return None
        self.children.append(mark)
        returned = moment() - BACK_SINCE
        episode = {
            "kind": "missing",
            "last_seen_at": as_typed(returned - timedelta(hours=5)),
            "known": "exact",
            "returned_exact": as_typed(returned),
            "notified_at": as_typed(moment() - timedelta(minutes=1)),
            "police_ref": mark,
        }
        place = self.post(COORDINATOR, place, episode)
        if not place:
            return None
        self.episodes.append(mark)
        found = re.fullmatch(r"/referrals/(\d+)/", place)
        return int(found[1]) if found else None

    def refusal(self) -> None:
        """Record of a child who has come back that they declined: a letter about services is due to them."""
        if referral := self.back():
            address = f"/referrals/{referral}/outcomes/"

            def declined(page: str) -> dict[str, str]:
                (episode,) = set(re.findall(r'name="outcome_(\d+)"', page))
                return {f"outcome_{episode}": "declined", f"reason_{episode}_declined": "not_needed", "although": "on"}

            if self.post(COORDINATOR, address, declined):
                self.refusals.append(referral)

    def post(self, who: str, path: str, typed: Mapping[str, str] | Callable[[str], Mapping[str, str]]) -> str | None:
        """Fill in a page's form and send it; where it leads when it was acknowledged, as a redirection does."""
        browser, address = self.browsers[who], f"http://127.0.0.1:{self.site.port}"
        try:
            page = browser.get(f"{address}{path}", timeout=SECONDS)
        except requests.RequestException:
            return None
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None or page.status_code != 200:
            return None
        filled = typed if isinstance(typed, Mapping) else typed(page.text)
        self.posting = True
        try:
            answer = browser.post(
                f"{address}{path}",
                data={**filled, "csrfmiddlewaretoken": token[1]},
                timeout=SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException:
            self.cut_off += 1
            return None
        finally:
            self.posting = False
        return answer.headers["Location"] if answer.status_code == 302 else None

    def page(self, who: str, path: str) -> str:
        """A page as somebody sees it. Raises requests.HTTPError."""
        answer = self.browsers[who].get(f"http://127.0.0.1:{self.site.port}{path}", timeout=SECONDS)
        answer.raise_for_status()
        return answer.text


def signed_in(email: str, port: int) -> requests.Session:
    """A browser in which somebody has signed in."""
    user = User.objects.get(email=email)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    browser = requests.Session()
    browser.cookies.set(settings.SESSION_COOKIE_NAME, session.session_key, domain=f"127.0.0.1:{port}".split(":")[0])
    return browser


def in_database(act: Callable[[], Any]) -> Any:
    """What an action of the site answers; None where it refused or the database went away: nothing was acknowledged."""
    try:
        return act()
    except Refused:
        return None
    except Error:
        connection.close()
        return None


def as_typed(at: datetime) -> str:
    """A time as a form takes it."""
    return at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")


def moment() -> datetime:
    """The driver stands outside the site, so it reads the clock itself."""
    return datetime.now(UTC)  # noqa: TID251 as it says
