"""Invented data for the page that shows every part of which pages are made. Nothing here is stored or about anybody."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from crispy_forms_gds.layout import Field, Fluid
from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message

from episodes.models import Carer, Child, Episode, Involvement
from procedures.calendar import PartOfDay, local_date
from procedures.types import ContactPoint, Guidance, Step
from rhi.actions.episodes_covered import Place
from rhi.contact import Remaining, Suggestion
from rhi.forms.fields import DeskForm, MomentField, ReasonField
from rhi.models import (
    Appointment,
    Attachment,
    Attempt,
    Escalation,
    Interview,
    NoticeKind,
    Offer,
    RecordsCheck,
    VisitorWarning,
)
from rhi.questions.account import WHY
from rhi.views import parts_sharing
from rhi.views.contact_panel import ContactPanel, Tried
from rhi.views.earlier import Absence, Before, Earlier
from rhi.views.procedure_lines import Line, Section
from rhi.views.procedure_words import RuleInWords
from rhi.views.timeline import Event
from rhi.wording import Standing
from routing.models import Allocation, Deadline, Referral, ReferralEpisode, Task
from staff.models import Team, User

STANDINGS = [
    Standing("late", "3 hours late"),
    Standing("soon", "5 hours left"),
    Standing("running", "2 days 3 hours left"),
    Standing("met", "Met"),
    Standing("missed", "4 hours too late"),
    Standing("none", "Does not apply"),
]


class SampleForm(DeskForm):
    """A form as people find it after pressing the button too early."""

    contacted = forms.ChoiceField(
        label="Who was tried?",
        choices=[("child", "Child"), ("parent", "Parent")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who was tried"},
    )
    place = forms.CharField(label="Place", help_text="Where the child feels at ease", required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"] = MomentField(label="When?", now=now)
        self.fields["because"] = ReasonField()

    def drawn(self) -> list[Any]:
        return ["contacted", Field("place", css_class=Fluid.TWO_THIRDS), "at", "because"]


def invented(*, now: datetime) -> dict[str, Any]:
    """What the parts show, by the names that they take."""
    robin, sam = User(name="Robin Hale"), User(name="Sam Okoro")
    team = Team(pk=0, name="Missing Team")
    child = _child(now)
    referral = Referral(pk=0, child=child, version_id=0, question="Which of you holds the interview?", in_tray_at=now)
    episode = Episode(
        episode_id="E0000000",
        kind="missing",
        last_seen_at=now - timedelta(days=2),
        returned_at=now - timedelta(days=1, hours=12),
        return_precision="estimated",
        notified_at=now - timedelta(days=1, hours=10),
        source="police",
        ended_how="found_by_police",
        missing_from="foster_care",
        withdrawn_at=now,
        withdrawn_because="A duplicate.",
    )
    appointment = Appointment(
        pk=0,
        interview=Interview(referral=referral),
        at=now + timedelta(days=1),
        place="School",
        method="face_to_face",
        recorded_at=now - timedelta(hours=1),
    )
    offer = Offer(pk=0, to="child", offered_at=now - timedelta(hours=2), route="phone")
    interview = SimpleNamespace(
        referral_id=0,
        child=child,
        held_at=now - timedelta(days=2),
        due_at=now - timedelta(hours=3),
        written_up_at=now - timedelta(days=1),
        written_up_by=robin,
    )
    return {
        "sample": SampleForm({"place": "At school"}, now=now),
        "told": [Message(messages.SUCCESS, "The attempt is logged.")],
        "standings": STANDINGS,
        "clocks": _clocks(child, referral, now),
        "child": child,
        "referral": referral,
        "restricted_child": _child(now, restricted=True),
        "statuses": ["Looked after", "Interpreter needed"],
        "step": SimpleNamespace(
            title="Book the interview", words="The child has accepted. Agree a day and a place.", waits_for=""
        ),
        "ways": [{"words": "Book the interview", "to": "#next-step"}, {"words": "Log an attempt", "to": "#next-step"}],
        "actions": [{"words": "Log an attempt", "to": "#actions"}, {"words": "Record an offer", "to": "#actions"}],
        "panel": _panel(now),
        "events": _events(now),
        **_of_visits(sam, now),
        "tasks": _tasks(child, referral, team, sam, now),
        **parts_sharing.invented(referral, robin, sam, now=now),
        "holder": Allocation(team=team, worker=robin, since=now - timedelta(days=1)),
        "carers": [
            Carer(name="Alex Example", relationship="Mother", safe_to_contact=True, phone="01632 960001"),
            Carer(name="Kim Example", relationship="Aunt", phone="01632 960002"),
            Carer(
                name="Lee Example", relationship="Uncle", safe_to_contact=False, reason="The police advise against it."
            ),
        ],
        "involvements": [
            Involvement(
                service="looked_after",
                start=local_date(now) - timedelta(days=200),
                team=team,
                worker=sam,
                placement_kind="foster_care",
                placement_area="in_area",
            )
        ],
        "cover": ReferralEpisode(episode=episode),
        "episode": episode,
        "episodes": [episode],
        "places": [Place(episode, None, None, "It is the only episode that this interview is about.")],
        "offers": [offer],
        "offer": offer,
        "appointment": appointment,
        "interview": interview,
        "decisions": _decisions(episode),
        "contacts": [ContactPoint(role="Missing team", service="Early help", mailbox="missing@rhi.example.org")],
        "guidance": [Guidance(title="Statutory guidance", address="https://www.gov.uk/")],
        "steps": [
            Step(clause="Example 1", text="The service hears that a child is back."),
            Step(clause="Example 2", text="A worker offers the interview."),
            Step(clause="Example 3", text="The interview is held and written up."),
        ],
        "rules": [
            RuleInWords(
                "looked_after",
                "Our own child who is looked after",
                "The allocated worker",
                "The child knows that worker.",
                "Example 4",
            )
        ],
        "section": Section("example", "Clocks", (Line("Offer", ("72 hours from the return.",), "Example 5"),)),
        "may": SimpleNamespace(record=False, correct=False),
        "access": [
            SimpleNamespace(
                user=robin,
                team=None,
                get_basis_display="Gave a reason",
                because="On duty tonight",
                since=now - timedelta(hours=2),
                until=now + timedelta(hours=22),
            )
        ],
        "absences": SimpleNamespace(recent=3, missing=5, away=1, withdrawn=[episode]),
        "days": 90,
        "counts": SimpleNamespace(late=1, soon=2, nobody=1, question=1, all=7),
        "team": team,
        "quick": [("all", "All", 7, True), ("late", "Late", 1, False), ("nobody", "Held by nobody", 1, False)],
        "workload": SimpleNamespace(
            holdings=[SimpleNamespace(worker=0, name="Robin Hale", counts=SimpleNamespace(all=6, late=1))],
            nobody=SimpleNamespace(all=3, late=1),
            left=[SimpleNamespace(worker=0, name="Nia Frost (has left)", counts=SimpleNamespace(all=2, late=1))],
        ),
        "held": [{"number": 6, "tray": "Missing Team"}],
        "row": SimpleNamespace(
            referral=referral,
            standing=STANDINGS[1],
            clock="Interview within 72 hours",
            due_at=now + timedelta(hours=5),
            last=None,
            way="#work",
            step=SimpleNamespace(title="Make the first attempt"),
            may_log=True,
            try_again_at=None,
        ),
        "task": Task(pk=0, referral=referral, child=child, about="Tell the other authority.", opened_at=now),
        "worry": Escalation(
            pk=0,
            child=child,
            referral=referral,
            to=User(name="Morgan Ellis"),
            because="An adult waits outside the school.",
            by=sam,
            at=now - timedelta(days=7),
        ),
        "notice": SimpleNamespace(
            pk=0,
            get_kind_display=NoticeKind.DUE.label,
            about="Interview within 72 hours: runs out on Thu 11 June 2026 at 10:00.",
            at=now,
            by=sam,
            seen_at=now,
            child_id=0,
            child=child,
            referral_id=0,
        ),
        "may_open": {0},
        "may_see": {0},
        "lines": [SimpleNamespace(name="Returned", before="Tue 12 May, 07:00", after="Tue 12 May, 06:30")],
        "said": [
            SimpleNamespace(label="", quoted=True, words=["I wanted to see my sister."]),
            SimpleNamespace(label="Where", quoted=False, words=["At a friend’s"]),
        ],
        "question": SimpleNamespace(
            voice="child",
            text="Why did you go?",
            third_party=True,
            said=[SimpleNamespace(label="", quoted=True, words=["I wanted to see my sister."])],
            rows=[],
        ),
        "blocks": [{"heading": "Child", "rows": [{"text": "Age", "value": "14"}]}],
        "progress": [SimpleNamespace(needed=2, answered=0), SimpleNamespace(needed=2, answered=1)],
    }


def _child(now: datetime, *, restricted: bool = False) -> Child:
    return Child(
        pk=0,
        child_id="C0000000",
        first_name="Robin",
        last_name="Example",
        date_of_birth=local_date(now) - timedelta(days=14 * 365 + 100),
        phone="01632 960000",
        area="Taunton",
        language="Polish",
        restricted=restricted,
    )


def _clocks(child: Child, referral: Referral, now: datetime) -> SimpleNamespace:
    def clock(name: str, hours: int, settled: str = "", met: int | None = None) -> Deadline:
        due = now + timedelta(hours=hours)
        met_at = due + timedelta(hours=met) if met is not None else None
        return Deadline(child=child, referral=referral, name=name, due_at=due, settled=settled, met_at=met_at)

    return SimpleNamespace(
        first=[
            clock("assign", -3),
            clock("offer", 5),
            clock("seventy_two_hours", 51),
            clock("contact", -20, "met", -4),
            clock("three_working_days", -9, "missed", 4),
            clock("write_up", 0, "not_applicable"),
        ],
        rest=[clock("interview", -30, "met", -2)],
    )


def _of_visits(sam: User, now: datetime) -> dict[str, Any]:
    """What stands on the pages about a visit."""
    dog = VisitorWarning(pk=0, kind="dog", note="In the yard behind the house.", by=sam, at=now)
    rung = VisitorWarning(pk=1, kind="not_before", time=time(16), by=sam, at=now)
    over = VisitorWarning(kind="two_people", by=sam, at=now, ended_at=now, ended_because="They have moved.")
    episode = Episode(kind="missing", last_seen_at=now - timedelta(days=40), missing_from="foster_care")
    asked = {
        "text": "What was going on before you left?",
        "voice": "child",
        "said": [{"label": "", "words": ["I wanted to see my sister."], "quoted": True}],
        "rows": [],
    }
    return {
        "warnings": [dog, rung],
        "past_warnings": [over],
        "check": RecordsCheck(
            systems=["main", "police"], risks=["cse"], agencies="Youth justice: Kim Poe", checked_at=now, by=sam
        ),
        "papers": [Attachment(pk=0, name="The form, as filled in", kind="image/jpeg", size=2_000_000, by=sam, at=now)],
        "earlier": Earlier(
            [Absence(episode, "11 hours", "Completed")],
            [Before(0, now - timedelta(days=30), "Sam Okoro", {"questions": [asked]})],
        ),
        "asked_on_paper": WHY.questions[:4],
        "rows_on_paper": range(2),
    }


def _panel(now: datetime) -> ContactPanel:
    attempt = Attempt(attempted_at=now - timedelta(hours=4), method="phone", contacted="child", result="no_answer")
    return ContactPanel(
        tried=(Tried(attempt, outside=False),),
        rest=Remaining(
            made=1,
            needed=3,
            outside_core_hours_missing=1,
            untried_parts_of_day=(PartOfDay.EVENING,),
            parts_of_day_missing=1,
            child_untried=False,
            carer_untried=True,
        ),
        suggestion=Suggestion(now + timedelta(hours=3), "carer", "The evening has not been tried."),
        until=now + timedelta(days=3),
        is_over=False,
        spoken=False,
        placement_first=False,
        unsafe=(),
    )


def _events(now: datetime) -> list[Event]:
    return [
        Event(
            now - timedelta(hours=1),
            "Taken back: Attempt",
            ("Logged by a slip; counted nowhere",),
            "Wrong child.",
            by="Robin Hale",
            quiet=True,
        ),
        Event(
            now - timedelta(hours=4),
            "Attempt: No answer",
            ("Phone call", "Child", "In core hours"),
            "Went to voicemail.",
            by="Robin Hale",
        ),
        Event(now - timedelta(days=1), "In the tray of Missing Team", ("By the rule “Otherwise”",)),
        Event(None, "Offered to a parent or carer"),
    ]


def _tasks(child: Child, referral: Referral, team: Team, settler: User, now: datetime) -> list[Task]:
    def task(**fields: Any) -> Task:
        about = "Tell the responsible authority that the child is back."
        return Task(
            pk=0,
            child=child,
            referral=referral,
            about=about,
            clause="Example 6",
            owner_team=team,
            opened_at=now,
            **fields,
        )

    return [
        task(),
        task(kind=Task.Kind.MASH, demanded=True, due_on=local_date(now)),
        task(kind=Task.Kind.MASH, done_at=now, settled_by=settler, review_on=local_date(now) + timedelta(days=7)),
        task(done_at=now, settled_by=settler),
        task(set_aside_at=now, not_done_because="They knew already.", settled_by=settler),
    ]


def _decisions(episode: Episode) -> list[dict[str, Any]]:
    return [
        {
            "episode": episode,
            "destination": "A team's tray",
            "team": "Missing Team",
            "because": "No rule before it fits the child.",
            "clause": "Example 7",
            "considered": [
                {"rule": "Under eight", "matched": False, "because": "The child was 14, not under 8."},
                {"rule": "Otherwise", "matched": True, "because": "No rule before it fits the child."},
            ],
        }
    ]
