"""A week in June 2026 in which a child came back on Monday at ten, and reminders run when they are told to.

Without anything done: the interview is due on Thursday at 10:00 (72 hours) and at its end (3 working days), the offer
on Thursday at 10:30, a worker on Tuesday at 10:30, contact by the end of Monday after.
"""

from django.db import transaction

from jobs.models import Job
from rhi import deadlines
from rhi.actions import reminding
from rhi.models import Notice
from routing.actions import Holder, allocate
from routing.models import Referral
from staff.models import Membership, Team
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.staff.people import make_person

TRAY = "Family Intervention Service: Taunton"
MONDAY = "2026-06-08 10:30"


def returned(folder, number=1, *, at="2026-06-08T10:00", told="2026-06-08T10:30", now=None, **more):
    """A child came back; the referral lies in the tray of Taunton."""
    if number == 1:
        publish(more.pop("procedure", "somerset"))
    name = f"C{number}"
    bring(
        folder / str(number),
        now=london(now or told.replace("T", " ")),
        children=[child(name, first_name=f"Robin{number}", **more.pop("of_child", {}))],
        episodes=[episode(f"E{number}", name, last_seen_at=f"{at[:10]}T00:30", returned_at=at, notified_at=told)],
        **more,
    )
    return Referral.objects.select_related("child", "version").get(child__child_id=name)


def person(name, role=Role.CASEWORKER, team=TRAY, **fields):
    """Somebody of the team, by their first name."""
    made = make_person(f"{name.lower()}@example.org", name, role, **fields)
    if team:
        Membership.objects.create(user=made, team=Team.objects.get_or_create(name=team)[0])
    return made


def leader(name="Sam", **more):
    return person(name, Role.TEAM_LEADER, **more)


def coordinator(name="Priya"):
    return person(name, Role.COORDINATOR, team=None)


@transaction.atomic
def give(referral, worker, *, at=MONDAY, team=TRAY):
    """Let somebody hold the referral from then on."""
    holder = Holder(team=Team.objects.get(name=team), worker=worker, rule="", because="Given", by=worker)
    allocate([(referral, holder, london(at))])
    deadlines.refresh([referral.pk])


@transaction.atomic
def run(at):
    """One run of the reminders, done and kept as such; answers what it told whom."""
    at = london(at) if isinstance(at, str) else at
    before = set(Notice.objects.values_list("pk", flat=True))
    reminding.remind(now=at)
    name = reminding.SCHEDULE[0].name
    Job.objects.create(name=name, due_at=at, next_try_at=at, state=Job.State.DONE, finished_at=at)
    new = set(Notice.objects.values_list("pk", flat=True)) - before
    return Notice.objects.filter(pk__in=new).order_by("kind", "to__name", "key")


def told(at):
    """Whom a run told of what: kind and name."""
    return [(notice.kind, notice.to.name) for notice in run(at)]


def told_of(at, kind):
    """Whom a run told of one kind."""
    return [name for each, name in told(at) if each == kind]
