"""What nobody types: every fact of the form stands on its section's page and in print, from the records."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from episodes.models import Authority, Child, Episode, Involvement
from procedures.actions import source
from rhi.actions import contact, signing
from rhi.actions.form_facts import case_of
from rhi.models import Addendum, Interview
from routing.models import Referral
from staff.permissions import Role
from tests.records import bring, child, episode, london, publish
from tests.rhi.case_work import give
from tests.rhi.form_proofs.cases import settle
from tests.rhi.form_proofs.test_every_key import FACTS, plain
from tests.rhi.writing import TAUNTON, address, answer_all, member

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 15, 13, 2, tzinfo=ZoneInfo("Europe/London"))
#: By section, what each of its facts says. Of an attempt all stand in one line, by its time.
SAID = {
    "A": {
        "episode_ref": "Episode E1",
        "police_ref": "Police reference POL-0001",
        "episode_type": "Kind Missing",
        "last_seen_at": "Last seen Mon 11 May 2026, 20:00",
        "reported_at": "Reported missing Mon 11 May 2026, 22:00",
        "police_risk": "Police risk grade Medium",
        "missing_from": "Missing from Foster care",
        "returned_at": "Returned Tue 12 May 2026, 07:00",
        "returned_at_quality": "How sure that time is Exact",
        "service_notified_at": "Service told of the return Tue 12 May 2026, 09:00",
        "notified_via": "Told by Police",
        "found_how": "How it ended Came back",
        "linked_episodes": "Episodes covered 2, in one interview",
    },
    "B": {
        "child_name": "Name Robin Example",
        "child_id": "Person ID C1",
        "dob": "Date of birth Sun 15 Jan 2012",
        "sex_gender": "Sex Female",
        "ethnicity": "Ethnicity White British",
        "language_interpreter": "Language Polish; an interpreter is needed",
        "legal_status_group": "Open to Looked after",
        "responsible_la": "Responsible authority Devon",
        "placement_location": "Living Further away",
        "host_la": "Host authority Devon",
        "allocated_worker": "Allocated worker Wren Hall",
        "uasc": "Unaccompanied asylum-seeking child No",
        "episodes_90d": "Missing in the last 90 days 2 times",
    },
    "C": {
        "rhi_required": "Interview required Yes",
        "route_rule": "Decided by",
        "allocated_team": f"Team {TAUNTON}",
        "allocated_to": "Worker Robin Hale",
        "allocated_at": "Held by them since",
    },
    "D": {
        "attempt_at": "Tue 12 May 2026, 18:30",
        "attempt_method": "Phone call, child",
        "attempt_target": "Phone call, child",
        "attempt_result": ": left a message",
        "attempt_out_of_hours": "(outside core hours)",
        "attempt_note": "On her own telephone.",
    },
    "E": {
        "offered_at": "Offered to the child Wed 13 May 2026, 10:00",
        "offer_route": "How it was put Phone",
        "offer_to_parent_at": "Offered to a parent or carer Wed 13 May 2026, 10:00",
        "child_response": "The child's response Accepted",
        "outcome": "Outcome of E1 Covered by an interview for several episodes",
    },
    "F": {"interview_at": "Held Thu 14 May 2026, 10:00", "interview_method": "How Face to face"},
    "N": {"trigger_review": "Repeat trigger reached Ask for a multi-agency meeting"},
    "Q": {
        "written_up_at": "Written up Mon 15 Jun 2026, 13:02 by Robin Hale",
        "manager": "Signed off by Sam Okoro",
        "signed_off_at": "Signed off Mon 15 Jun 2026, 13:02",
        "clock_result": "72 hours",
        "amendments": "Added since Mon 15 Jun 2026, 13:02 by Robin Hale",
    },
}

TRIGGER = """
[[triggers]]
name = "multi_agency_meeting"
clause = "Ours"
episodes = 2
rolling_days = 90
action = "Ask for a multi-agency meeting"
"""


def test_every_fact_is_named_here():
    assert {key for section in SAID.values() for key in section} == FACTS


@pytest.fixture
def signed_off(tmp_path):
    """An interview that covers two episodes of a child looked after out of area, with everything on record."""
    publish("somerset", text=source("somerset") + TRIGGER)
    known = {
        "police_ref": "POL-0001",
        "reported_at": "2026-05-11T22:00",
        "police_risk": "medium",
        "missing_from": "foster_care",
        "source": "police",
        "ended_how": "returned",
    }
    later = {"last_seen_at": "2026-05-12T20:00", "returned_at": "2026-05-13T07:00", "notified_at": "2026-05-13T09:00"}
    bring(tmp_path, children=[child()], episodes=[episode(**known), episode("E2", **later)])
    devon = Authority.objects.create(code="878", name="Devon")
    facts = {"sex": "F", "ethnicity": "White British", "language": "Polish", "interpreter_needed": True}
    Child.objects.update(**facts, uasc=False, responsible_authority=devon)
    Episode.objects.filter(episode_id="E1").update(return_precision="exact")
    referral = Referral.objects.select_related("child", "version").get()
    placed = {"placement_area": "out_of_area", "host_authority": devon, "worker_elsewhere": "Wren Hall"}
    Involvement.objects.create(child=referral.child, service="looked_after", start=date(2026, 1, 5), **placed)
    robin, sam = (
        member("robin.hale@example.org", "Robin Hale"),
        member("sam@example.org", "Sam Okoro", Role.TEAM_LEADER),
    )
    give(referral, robin)
    contact.log_attempt(
        referral,
        attempted_at=london("2026-05-12 18:30"),
        method="phone",
        contacted="child",
        result="left_message",
        note="On her own telephone.",
        by=robin,
        now=NOW,
    )
    put = {"offered_at": london("2026-05-13 10:00"), "route": "phone", "method": "telephone", "by": robin, "now": NOW}
    contact.record_offer(referral, to="parent", **put)
    offer = contact.record_offer(referral, to="child", **put)
    contact.record_response(
        referral, offer, response="accepted", responded_at=london("2026-05-13 11:00"), by=robin, now=NOW
    )
    settle(referral, "covered", "", robin)
    answer_all(referral, robin, case_of(referral).situation, at=NOW)
    signing.write_up(referral, by=robin, now=NOW)
    signing.sign_off(referral, by=sam, now=NOW)
    interview = Interview.objects.get()
    Addendum.objects.create(child=referral.child, interview=interview, text="She has moved.", by=robin, at=NOW)
    return referral, sam


def test_every_fact_stands_on_its_page_and_in_print(client, signed_off):
    referral, reader = signed_off
    client.force_login(reader)
    printed = plain(client.get(reverse("rhi:record", args=[referral.pk])))
    missing = []
    for letter, facts in SAID.items():
        page = plain(client.get(address(referral, letter)))
        missing += [(key, said) for key, said in facts.items() for place in (page, printed) if said not in place]

    assert missing == []
