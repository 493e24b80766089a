"""Every value of the five shipped procedures, with the sentence of the authority's document that it comes from."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, time
from functools import reduce

import pytest

from procedures.actions import SHIPPED, source
from procedures.spans import CoreDays, Hours, WorkingDays
from procedures.types import Procedure, read

NAMES = ["surrey", "wokingham", "nottinghamshire", "somerset", "croydon"]
OURS = "left open by the document, decided"

#: Key, value, and where it comes from. Lists of tables stand below; who holds an interview in tests/routing/sentences.
VALUES = {
    "surrey": [
        ("effective_from", date(2018, 1, 1), "From January 2018 we have transferred the service"),
        ("authority.code", "E10000030", "Surrey County Council"),
        ("authority.name", "Surrey", "Surrey County Council"),
        ("routing.default.team", "Rapid Engagement Team", "who does what, 3"),
        ("clocks.missing_again", "first", OURS),
        ("clocks.discussion", WorkingDays(1), OURS),
        ("letters.we_are", "Surrey Family Services", "a dedicated team within the Surrey Family Services"),
        ("letters.chase_after_working_days", (3, 8), OURS),
        ("letters.addressees.child_from", 13, OURS),
        ("letters.addressees.only_child_when_independent_from", 16, OURS),
        ("plans.safety_plan_every_episode", True, "a multi-agency safety plan is put in place"),
        ("counting.month_of", "last_seen", OURS),
        ("counting.include_other_authorities", True, OURS),
    ],
    "wokingham": [
        ("effective_from", date(2022, 4, 1), OURS),
        ("authority.code", "E06000041", "Wokingham"),
        ("authority.name", "Wokingham", "Wokingham"),
        ("routing.better_placed", "Prevention and Youth Justice Service", "1a: unless the PYJS is better placed"),
        ("routing.providers_allowed", False, "1b, 1c: no third sector, no other"),
        ("routing.default.team", "Prevention and Youth Justice Service", "1a: primarily conducted by the PYJS"),
        ("clocks.missing_again", "first", OURS),
        ("letters.we_are", "the Prevention and Youth Justice Service", "1a: conducted by the PYJS"),
        ("letters.chase_after_working_days", (3, 8), OURS),
        ("letters.addressees.child_from", 13, OURS),
        ("letters.addressees.only_child_when_independent_from", 16, OURS),
        ("follow_up.refer_when_open_to_nobody", "MASH", "3a: referred to MASH for review"),
        ("follow_up.then_one_of", ("Child and family assessment", "Early Help Hub"), "3a: this could lead to"),
        (
            "follow_up.otherwise_by",
            "The allocated social worker or early help worker, as part of their plan",
            "3a: this professional would deliver and review the support as part of their plan",
        ),
        ("methods.interviews", ("face_to_face", "telephone", "video"), "4: face-to-face, telephone, and digital"),
        ("methods.out_of_hours.number", "01632 960100", "5: the out of hours number; each authority enters its own"),
        ("methods.out_of_hours.free", False, "5: this is not a freephone number"),
        ("methods.out_of_hours.given_to", "Every child and family", "5: all children and families are provided"),
        ("counting.month_of", "last_seen", OURS),
        ("counting.include_other_authorities", True, OURS),
    ],
    "nottinghamshire": [
        ("effective_from", date(2017, 4, 1), "4: between 1 April 2017 and 31 March 2018"),
        ("authority.code", "E10000024", "Nottinghamshire"),
        ("authority.name", "Nottinghamshire", "Nottinghamshire"),
        ("routing.providers_allowed", False, "1a: no third sector agency"),
        ("routing.default.team", "Rapid Assessment Workers", "1b: a Rapid Assessment Worker would be dispatched"),
        ("clocks.missing_again", "first", "6c iii asks; decided"),
        ("letters.we_are", "the Children Missing Officers", "7a: the CMO will signpost to services"),
        ("letters.signposting", True, "7a: leaflets and letters that sign post support"),
        ("letters.chase_after_working_days", (3, 8), OURS),
        ("letters.addressees.child_from", 13, OURS),
        ("letters.addressees.only_child_when_independent_from", 16, OURS),
        (
            "plans.specialist_service_for_exploitation",
            "Commissioned specialist service for child sexual exploitation",
            "7a: any identified links to CSE",
        ),
        ("screening.every_report_by", "Missing coordinator", "8: all reports to the Police are screened by a CMO"),
        ("screening.no_apparent_risk", "where_appropriate", "8: missing – no apparent risk where appropriate"),
        ("follow_up.coordinator_reads_all", True, "7a: the CMO will read the RHI"),
        ("follow_up.significant_harm_to", "MASH", "7a: a referral to the Multi Agency Safeguarding Hub"),
        ("follow_up.tell", ("Police missing team", "Health"), "7b: the Police Missing Team and Health colleagues"),
        ("follow_up.otherwise_by", "The allocated worker, within their plan of work", "7a: within the plan of work"),
        ("counting.month_of", "last_seen", OURS),
        ("counting.include_other_authorities", True, OURS),
        ("counting.basis.start", "returned", "6b: within 72 hours of the child returning"),
        ("counting.basis.limit", Hours(72), "6b: within 72 hours of the child returning"),
    ],
    "somerset": [
        ("effective_from", date(2020, 11, 19), OURS),
        ("authority.code", "E06000066", "Somerset"),
        ("authority.name", "Somerset", "Somerset"),
        ("working_time.core_start", time(9), OURS),
        ("working_time.core_end", time(17), OURS),
        ("routing.dedicated_workers", True, "4.2: or the dedicated Misper worker"),
        ("routing.default.team", "Family Intervention Service: {area}", "4.1: the local area work tray"),
        ("clocks.missing_again", "first", OURS),
        ("clocks.offer", Hours(72), "3.1: within 72 hours of the Family Intervention Service being informed"),
        ("clocks.assign", CoreDays(1), "4.2: within 24 hours during core working hours"),
        ("clocks.contact", WorkingDays(5), "4.5: attempts will continue for up to 5 working days"),
        ("clocks.interview", WorkingDays(3), "3.3: completed within 3 working days"),
        ("clocks.write_up", Hours(48), "4.14: completed on LCS within 48 hours"),
        ("clocks.social_worker_contact", Hours(48), "5.1, 5.2: meaningful contact with the child within 48 hours"),
        ("clocks.strategy_meeting", Hours(24), "5.2.2: if a child has been missing for 24 hours"),
        ("clocks.strategy_meeting_again", Hours(72), "5.2.2: at a minimum of every 72 hours"),
        ("clocks.social_worker_told", WorkingDays(1), "7.1.1: within one working day"),
        ("contact.attempts", 3, "4.5: a minimum of 3 attempts"),
        ("contact.outside_core_hours", 1, "4.5: with one outside of core working hours"),
        ("contact.different_parts_of_day", 2, "4.5: at different times of the day"),
        ("contact.child_and_carer", True, "4.5: the child and parents/carers"),
        ("letters.we_are", "the Family Intervention Service", "4.6: the allocated Worker will send a letter"),
        ("letters.no_contact", True, "4.6: if contact is unsuccessful"),
        ("letters.refusal", True, "4.8: if contact is made but interview is refused"),
        ("letters.chase_after_working_days", (), "4.6 and 4.8: its letters are these two"),
        ("letters.counts_as_offer", False, OURS),
        ("letters.addressees.child_from", 13, "4.6: if the child is 13 or older"),
        ("letters.addressees.only_child_when_independent_from", 16, "4.6: over 16 and living independently"),
        ("plans.exploitation_screen_from_age", 13, "4.12: over the age of, and including, 13"),
        ("plans.prevention_plan_without_social_worker", True, "4.13: where there is no allocated Social Worker"),
        (
            "plans.reasons_for_no_prevention_plan",
            (
                "The absence was a misunderstanding",
                "A plan is in place and still fits",
                "The child or family declined",
            ),
            "4.13: one of the reasons set out on the first page of another document; ours until then",
        ),
        ("follow_up.consent_decides_what_is_shared", True, "4.15: if the child gives consent"),
        ("follow_up.email_allocated_social_worker", True, "4.16: an email to the allocated Social Worker"),
        ("follow_up.significant_event_note_for", ("family_service",), "4.19: a current open case with FIS"),
        ("follow_up.form_to_responsible_authority", True, "8.1.3: to the named Social Worker in the other authority"),
        (
            "follow_up.otherwise_by",
            "The allocated social worker, or where there is none the Family Intervention Service worker",
            "4.17: the responsibility of the Social Worker or, where there is none",
        ),
        ("methods.telephone_when_out_of_area", True, "7.1.5: who will attempt to make telephone contact"),
        ("counting.month_of", "last_seen", OURS),
        ("counting.include_other_authorities", True, "8.1.2: seek to offer an independent Return Interview"),
        ("counting.standards.offered_in_time", 100, "3.1: must be offered within 72 hours"),
        ("counting.standards.offered_face_to_face", 100, "3.2: 100% of those eligible will be offered one"),
        ("counting.standards.held_in_time", 100, "3.3: 100% of all those that accept"),
        ("counting.standards.refused_at_most", 10, "3.4: no more than 10% of children refusing"),
    ],
    "croydon": [
        ("effective_from", date(2017, 4, 1), "the data for April 2017 to November 2017"),
        ("authority.code", "E09000008", "Croydon"),
        ("authority.name", "Croydon", "Croydon"),
        ("routing.providers_allowed", True, "1.4: spot purchased by recognised, approved providers"),
        ("routing.default.team", "Missing Team", "1.5: more independent workers; our reading"),
        ("clocks.missing_again", "first", OURS),
        ("letters.we_are", "the Missing Team", "1.1: monitored and tracked by the missing team"),
        ("letters.chase_after_working_days", (3, 8), OURS),
        ("letters.addressees.child_from", 13, OURS),
        ("letters.addressees.only_child_when_independent_from", 16, OURS),
        ("plans.targeted_intervention_after_episodes", 2, "1.5: short, targeted interventions at an early point"),
        ("screening.only_enters_notifications", "Missing Team", "1.1: entering all missing and found notifications"),
        ("counting.month_of", "last_seen", "during the month; our reading"),
        ("counting.include_other_authorities", False, "the figures below do not include OLAs"),
    ],
}

#: Tables that a file lists, each as the columns that tell it apart.
LISTS = {
    "surrey": {
        "contacts": [
            ("Operational contact", "Surrey Family Services", "not_looked_after"),
            ("Operational overview", "Surrey Family Services", "not_looked_after"),
            ("Operational overview", "Surrey Children's Services", "not_looked_after"),
        ],
        "services": [("Surrey Family Services", "Help for the child and family")],
    },
    "wokingham": {
        "contacts": [("Return home interviews", "Prevention and Youth Justice Service", "all")],
        "services": [("Early Help Hub", "Finds the agency that fits the child and family best")],
    },
    "nottinghamshire": {
        "triggers": [
            ("multi_agency_meeting", 3, 90, False, "Ask for a multi-agency meeting"),
            ("monthly_panel", 5, None, True, "Put the child before the monthly multi-agency meeting"),
        ],
        "meetings": [("Monthly multi-agency meeting", "month", "Police, health and children's services")],
        "contacts": [("Missing coordinator", "Children missing officers", "all")],
        "services": [("Family Service", "Early help for the child and family")],
    },
    "somerset": {
        "contacts": [("Requests for return home interviews", "Family Intervention Service", "all")],
        "services": [("Family Intervention Service", "Support for the child and family")],
    },
    "croydon": {
        "meetings": [
            ("Daily meeting", "day", "Missing Team"),
            ("Weekly high-risk list", "week", "Senior management team"),
            ("Monthly missing panel", "month", "Panel, chaired jointly with the police"),
        ],
        "contacts": [("Missing team", "Early Help and Children's Social Care", "all")],
        "services": [("Early Help", "Short help, early on, for the child and family")],
    },
}
COLUMNS = {
    "triggers": ("name", "episodes", "rolling_days", "calendar_month", "action"),
    "meetings": ("name", "every", "to"),
    "contacts": ("role", "service", "for_children"),
    "services": ("name", "what"),
}

#: What says who speaks and why, and is read rather than computed with.
TEXT = {"name", "routing.rules", "routing.default.clause", "routing.default.because", "guidance", "casework"}


def procedure(name: str) -> Procedure:
    return read(source(name))


def keys(file: dict, within: str = "") -> set[str]:
    """The keys of a file, those of tables with dots; a list is one key."""
    found = set()
    for name, value in file.items():
        found |= keys(value, f"{within}{name}.") if is_table(value) else {f"{within}{name}"}
    return found


def is_table(value: object) -> bool:
    """Whether a value holds further keys; a length of time (`{ hours = 72 }`) is a value."""
    return isinstance(value, dict) and not value.keys() & {"hours", "working_days", "core_days"}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        pytest.param(name, key, value, id=f"{name} {key}: {words}")
        for name in NAMES
        for key, value, words in VALUES[name]
    ],
)
def test_a_shipped_value_is_what_the_document_says(name, key, value):
    assert reduce(getattr, key.split("."), procedure(name)) == value


@pytest.mark.parametrize(("name", "key"), [(name, key) for name in NAMES for key in LISTS[name]])
def test_a_shipped_list_is_what_the_document_says(name, key):
    rows = [tuple(getattr(row, column) for column in COLUMNS[key]) for row in getattr(procedure(name), key)]

    assert rows == LISTS[name][key]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_holds_nothing_else(name):
    written = keys(tomllib.loads(source(name)))

    assert written - TEXT == {key for key, *_ in VALUES[name]} | set(LISTS[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_file_bears_the_name_of_its_procedure(name):
    assert procedure(name).name == name


def test_the_five_authorities_are_shipped():
    assert sorted(path.stem for path in SHIPPED.glob("*.toml")) == sorted(NAMES)


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Every `key = value` of a file with the heading above it; a value may take several lines."""
    heading = ""
    for block in re.split(r"\n(?=\w+ = |\[)", text):
        if block.startswith("["):
            heading = block.splitlines()[0]
        elif re.match(r"\w+ = ", block):
            yield heading, block


@pytest.mark.parametrize("name", NAMES)
def test_every_value_says_which_clause_it_comes_from_or_that_it_is_ours(name):
    unexplained = [
        statement
        for heading, statement in statements(source(name))
        # rules and other lists of tables have their clause as a value
        if not heading.startswith("[[") and heading not in {"[authority]", "[routing.default]"}
        if not statement.startswith("name") and "#" not in statement
    ]

    assert unexplained == []


@pytest.mark.parametrize("name", NAMES)
def test_guidance_and_the_steps_of_the_casework_are_at_hand(name):
    shipped = procedure(name)

    assert shipped.guidance
    assert shipped.casework
    assert all(step.clause.startswith(shipped.authority.name) for step in shipped.casework)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_its_clause(name):
    routing = procedure(name).routing

    clauses = [rule.clause for rule in routing.rules] + [routing.default.clause]
    assert all(clause.startswith(procedure(name).authority.name) for clause in clauses)


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_file_names_a_person_or_a_real_address(name):
    mailboxes = [contact.mailbox for contact in procedure(name).contacts]

    assert all(mailbox.endswith(".example.org") for mailbox in mailboxes)


@pytest.mark.parametrize("name", NAMES)
def test_only_somerset_has_rules_on_contact_and_every_other_sends_chase_letters(name):
    shipped = procedure(name)

    assert (shipped.contact is not None) is (name == "somerset")
    assert shipped.letters.no_contact is (name == "somerset")
    assert bool(shipped.letters.chase_after_working_days) is (name != "somerset")


@pytest.mark.parametrize("name", NAMES)
def test_in_every_procedure_a_child_who_is_missing_again_joins_the_referral_that_is_open(name):
    routing = procedure(name).routing

    assert routing.joining is True
    assert routing.kinds == {"missing"}
