"""What is sent about oneself, about people and teams, about work in the background, and for a download."""

from uuid import uuid4

from django.urls import reverse

from jobs.models import Hold, Job
from rhi.models import Email, Letter
from staff import actions as staff
from tests.rhi.replay.recipes import sends
from tests.rhi.replay.scene import Sent
from tests.staff.people import make_person, now


@sends("rhi:notice_seen")
def notice_seen(scene):
    return scene.plain(scene.robin, "rhi:notice_seen", scene.notice(scene.robin).pk)


@sends("rhi:all_seen")
def all_seen(scene):
    shown = [str(scene.notice(scene.robin).pk) for _ in range(2)]
    return scene.plain(scene.robin, "rhi:all_seen", shown=shown)


@sends("rhi:preferences")
def preferences(scene):
    # Somebody else each time: a choice that stands already would have no effect at all.
    person = make_person(f"prefers{next(scene.numbers)}@example.org", "Kim")
    return scene.from_page(person, "rhi:preferences", by_email="daily", away_from="2026-12-01", away_until="2026-12-05")


@sends("reporting:downloads")
def download(scene):
    data = {"format": "csv", "from": "2026-05", "to": "2026-05", "asked_as": str(uuid4())}
    return scene.plain(scene.morgan, "reporting:downloads", **data)


def _somebody(scene, **fields):
    number = next(scene.numbers)
    return make_person(f"person{number}@example.org", f"Person {number}", **fields)


@sends("rhi:invite")
def invite(scene):
    number = next(scene.numbers)
    typed = {"name": "Kit New", "email": f"kit{number}@example.org", "role": "caseworker"}
    return scene.from_page(scene.alex, "rhi:invite", **typed, memberships=[str(scene.taunton.pk)])


@sends("rhi:person", "invited again")
def invite_again(scene):
    person = _somebody(scene, password=None)
    return scene.plain(scene.alex, "rhi:person", person.pk, do="invite")


@sends("rhi:person", "changed")
def change_person(scene):
    person = _somebody(scene)
    data = {"do": "change", "name": "Kim Newname", "role": "team_leader", "memberships": [str(scene.taunton.pk)]}
    return scene.plain(scene.alex, "rhi:person", person.pk, **data)


@sends("rhi:person", "gone")
def leave(scene):
    person = _somebody(scene)
    return scene.plain(scene.alex, "rhi:person", person.pk, do="leave", left_on=f"{now():%Y-%m-%d}")


@sends("rhi:person", "put back")
def put_back(scene):
    person = _somebody(scene)
    staff.leave(person, on=now().date(), by=scene.alex, now=now())
    return scene.plain(scene.alex, "rhi:person", person.pk, do="put_back")


@sends("rhi:new_team")
def new_team(scene):
    name = f"Visiting team {next(scene.numbers)}"
    return scene.from_page(scene.alex, "rhi:new_team", name=name, kind="service")


@sends("rhi:team")
def change_team(scene):
    team = staff.make_team(
        name=f"Team {next(scene.numbers)}",
        kind="family_service",
        opened_on=None,
        closed_on=None,
        by=scene.alex,
        now=now(),
    )
    member = _somebody(scene)
    return scene.from_page(scene.alex, "rhi:team", team.pk, closed_on="2027-01-01", add=member.email)


def _given_up():
    return Job.objects.create(
        name="rhi.actions.digests.nothing",
        arguments={},
        due_at=now(),
        next_try_at=now(),
        state=Job.State.DEAD,
        finished_at=now(),
        reason="It failed.",
    )


@sends("rhi:background", "tried again")
def retry(scene):
    return scene.plain(scene.alex, "rhi:background", do="retry", job=str(_given_up().pk))


@sends("rhi:background", "set aside")
def set_job_aside(scene):
    return scene.plain(scene.alex, "rhi:background", do="set_aside", job=str(_given_up().pk))


@sends("rhi:background", "released")
def release(scene):
    Hold.objects.update_or_create(pk=1, defaults={"since": now()})
    return scene.plain(scene.alex, "rhi:background", do="release")


@sends("rhi:settle_sending", "an email")
def settle_sending(scene):
    email = Email.objects.create(
        to=scene.robin,
        kind=Email.Kind.NOTICES,
        state=Email.State.UNCERTAIN,
        made_at=now(),
        sending_since=now(),
        failure="Silence.",
    )
    return scene.plain(scene.alex, "rhi:settle_sending", email.reference, answer="again")


@sends("rhi:settle_sending", "a letter")
def settle_letter(scene):
    letter = scene.approved_letter(
        state=Letter.State.FAILED, channel=Letter.Channel.NOTIFY, failure="No such postcode."
    )
    return scene.plain(scene.alex, "rhi:settle_sending", letter.reference, answer="leave")


@sends("rhi:find")
def find(scene):
    return Sent(scene.robin, reverse("rhi:find"), {"words": "Robin"})


@sends("rhi:trail")
def trail(scene):
    return Sent(scene.chris, reverse("rhi:trail"), {"words": "robin@example.org"})
