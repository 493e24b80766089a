"""A procedure file that cannot be used says which key is at fault and what was expected there."""

import pytest

from procedures.actions import source
from procedures.types import ProcedureInvalid, read


def refusal(text: str) -> str:
    with pytest.raises(ProcedureInvalid) as refused:
        read(text)
    return str(refused.value)


def misspelt(name: str, right: str, wrong: str) -> str:
    """A shipped file in which something is wrong once."""
    assert right in source(name)
    return source(name).replace(right, wrong, 1)


SPANS = "one of hours, calendar_days, working_days, core_days with a whole number above 0, such as { hours = 72 }"


@pytest.mark.parametrize(
    ("name", "right", "wrong", "message"),
    [
        # what is not there, or should not be
        ("somerset", 'name = "somerset"\n', "", "name: expected a value, found none."),
        ("croydon", 'clause = "Croydon 1.4"', "", "routing.rules[2].clause: expected a value, found none."),
        ("somerset", "[contact]", "[contacts_made]", "contacts_made: expected no such key; it is unknown."),
        ("surrey", "discussion =", "talk =", "clocks.talk: expected no such key; it is unknown."),
        # a value of another kind
        (
            "somerset",
            "effective_from = 2020-11-19",
            'effective_from = "2020-11-19"',
            "effective_from: expected a date such as 2018-01-01, without quotation marks, found '2020-11-19'.",
        ),
        (
            "surrey",
            'team = "Rapid',
            'team = 7 # "',
            "routing.rules[2].team: expected text in quotation marks, found 7.",
        ),
        (
            "somerset",
            "age_below = 8",
            'age_below = "x"',
            "routing.rules[1].age_below: expected a whole number, found 'x'.",
        ),
        (
            "wokingham",
            "free = false",
            'free = "perhaps"',
            "methods.out_of_hours.free: expected true or false, found 'perhaps'.",
        ),
        (
            "somerset",
            "core_start = 09:00:00",
            'core_start = "early"',
            "working_time.core_start: expected a time such as 09:00:00, without quotation marks, found 'early'.",
        ),
        (
            "surrey",
            'services = ["looked_after"]',
            'services = "looked_after"',
            "routing.rules[1].services: expected a list in square brackets, found 'looked_after'.",
        ),
        (
            "wokingham",
            "[routing.default]",
            "[[routing.default]]",
            "routing.default: expected a table with keys of its own.",
        ),
        # a value that is none of those known
        (
            "surrey",
            '"looked_after"]',
            '"in_care"]',
            (
                "routing.rules[1].services[1]: expected one of 'looked_after', 'child_protection', 'child_in_need',"
                " 'assessment', 'family_service', 'youth_justice' or 'care_leaver', found 'in_care'."
            ),
        ),
        (
            "croydon",
            'placement = ["out_of_area"]',
            'placement = ["far"]',
            "routing.rules[2].placement[1]: expected one of 'in_area', 'neighbouring' or 'out_of_area', found 'far'.",
        ),
        (
            "croydon",
            'responsible = "other"',
            'responsible = "theirs"',
            "routing.rules[1].responsible: expected one of 'ours', 'other' or 'any', found 'theirs'.",
        ),
        (
            "somerset",
            'missing_again = "first"',
            'missing_again = "last"',
            "clocks.missing_again: expected one of 'first', 'latest' or 'exclude', found 'last'.",
        ),
        (
            "somerset",
            'month_of = "last_seen"',
            'month_of = "told"',
            "counting.month_of: expected one of 'last_seen', 'reported' or 'returned', found 'told'.",
        ),
        (
            "croydon",
            'every = "day"',
            'every = "hour"',
            "meetings[1].every: expected one of 'day', 'week' or 'month', found 'hour'.",
        ),
        # a value that is too small, too large or ill-formed
        (
            "somerset",
            "age_below = 8",
            "age_below = 0",
            "routing.rules[1].age_below: expected a number above 0, found 0.",
        ),
        ("somerset", "attempts = 3", "attempts = 0", "contact.attempts: expected a number above 0, found 0."),
        (
            "somerset",
            "different_parts_of_day = 2",
            "different_parts_of_day = 4",
            "contact.different_parts_of_day: expected a number up to 3, found 4.",
        ),
        (
            "somerset",
            "outside_core_hours = 1",
            "outside_core_hours = -1",
            "contact.outside_core_hours: expected a number from 0, found -1.",
        ),
        (
            "nottinghamshire",
            "episodes = 3",
            "episodes = 1",
            "triggers[1].episodes: expected a number above 1, found 1.",
        ),
        (
            "surrey",
            "chase_after_working_days = [3, 8]",
            "chase_after_working_days = [3, 0]",
            "letters.chase_after_working_days[2]: expected a number above 0, found 0.",
        ),
        ("surrey", 'because = "A', 'because = "" # "A', "routing.rules[1].because: expected some text, found ''."),
        (
            "somerset",
            'code = "E06000066"',
            'code = "SOM"',
            "authority.code: expected a code of the Office for National Statistics such as E06000066, found 'SOM'.",
        ),
        (
            "somerset",
            'name = "somerset"',
            'name = "Somerset County"',
            "name: expected a name in small letters without spaces, found 'Somerset County'.",
        ),
        (
            "somerset",
            'mailbox = "fis@somerset.example.org"',
            'mailbox = "FIS"',
            "contacts[1].mailbox: expected an email address, found 'FIS'.",
        ),
        (
            "surrey",
            'address = "https://www.gov.uk',
            'address = "www.gov.uk" # ',
            "guidance[1].address: expected an address that begins with https://, found 'www.gov.uk'.",
        ),
        (
            "somerset",
            'phone = "01632 960200"',
            'phone = "01632 960200 and many others besides"',
            "contacts[1].phone: expected at most 30 characters, found '01632 960200 and many others besides'.",
        ),
        (
            "somerset",
            "counts_as_offer = false",
            'return_address = ["1", "2", "3", "4", "5", "6"]',
            "letters.return_address: expected at most 5 of them.",
        ),
        # lengths of time
        ("somerset", "offer = { hours = 72 }", "offer = 72", f"clocks.offer: expected {SPANS}, found 72."),
        ("somerset", "offer = { hours = 72 }", "offer = { hours = 0 }", f"clocks.offer: expected {SPANS}."),
        ("somerset", "offer = { hours = 72 }", "offer = { days = 3 }", f"clocks.offer: expected {SPANS}."),
        ("somerset", "offer = { hours = 72 }", "offer = { hours = 1.5 }", f"clocks.offer: expected {SPANS}."),
        ("somerset", "offer = { hours = 72 }", "offer = { hours = true }", f"clocks.offer: expected {SPANS}."),
        (
            "somerset",
            "offer = { hours = 72 }",
            "offer = { hours = 1, core_days = 1 }",
            f"clocks.offer: expected {SPANS}.",
        ),
        # what does not go together
        (
            "somerset",
            "core_end = 17:00:00",
            "core_end = 09:00:00",
            "working_time: expected core_end later in the day than core_start.",
        ),
        (
            "surrey",
            'services = ["looked_after"]\n',
            "",
            "routing.rules[1]: expected services, because 'team_member' sends to the worker or team of one of them.",
        ),
        (
            "surrey",
            'to = "discuss"\nteam = "Rapid Engagement Team"',
            'to = "discuss"',
            "routing.rules[2]: expected team, because 'discuss' lies in the tray of a named team.",
        ),
        (
            "surrey",
            'to = "team_member"\n',
            'to = "team_member"\nteam = "North"\n',
            "routing.rules[1]: expected no team, because 'team_member' does not send to a team that a rule names.",
        ),
        (
            "croydon",
            'services = ["looked_after"]\nplacement',
            'services = ["child_in_need"]\nplacement',
            (
                "routing.rules[2]: expected looked_after among the services, because only a looked-after child has a"
                " placement."
            ),
        ),
        (
            "croydon",
            'responsible = "other"\n',
            "",
            (
                'routing.rules[1]: expected responsible = "other", because only another authority\'s child is theirs to'
                " interview."
            ),
        ),
        (
            "somerset",
            'to = "social_care"',
            'to = "joined"',
            "routing.rules[1]: expected a destination that a rule can name; joining is set by routing.joining.",
        ),
        (
            "croydon",
            "providers_allowed = true",
            "providers_allowed = false",
            "routing: expected providers_allowed = true, because a rule sends to a provider.",
        ),
        (
            "surrey",
            'name = "family_service"',
            'name = "looked_after"',
            "routing: expected each rule with a name of its own; looked_after is taken.",
        ),
        (
            "surrey",
            'name = "family_service"',
            'name = "default"',
            "routing: expected each rule with a name of its own; default is taken.",
        ),
        (
            "surrey",
            'name = "family_service"',
            'name = "joining"',
            "routing: expected each rule with a name of its own; joining is taken.",
        ),
        *(
            (
                "somerset",
                "{area}",
                placeholder,
                (
                    "routing: expected no placeholder but {area} in a team's name;"
                    f" found 'Family Intervention Service: {placeholder}'."
                ),
            )
            for placeholder in ["{borough}", "{area", "{}", "{area!r}", "{area:{x}}"]
        ),
        (
            "somerset",
            "contact = { working_days = 5 }",
            "#",
            (
                "procedure: expected contact and clocks.contact together, or neither:"
                " the rules say what, the clock how long."
            ),
        ),
        (
            "nottinghamshire",
            "rolling_days = 90\n",
            "",
            "triggers[1]: expected either rolling_days or calendar_month = true.",
        ),
        (
            "nottinghamshire",
            "calendar_month = true",
            "calendar_month = true\nrolling_days = 30",
            "triggers[2]: expected either rolling_days or calendar_month = true.",
        ),
        # no TOML at all
        (
            "wokingham",
            'name = "wokingham"',
            "name = ",
            "This is not a TOML file: Invalid value (at line 4, column 8).",
        ),
    ],
)
def test_a_fault_names_its_key_and_what_was_expected(name, right, wrong, message):
    assert refusal(misspelt(name, right, wrong)) == message


def test_every_fault_is_named_at_once():
    text = misspelt("somerset", "attempts = 3", "attempts = 0").replace("age_below = 8", "age_below = -1")

    assert refusal(text).splitlines() == [
        "routing.rules[1].age_below: expected a number above 0, found -1.",
        "contact.attempts: expected a number above 0, found 0.",
    ]


def test_an_empty_file_lacks_what_every_procedure_needs():
    assert refusal("").splitlines() == [
        f"{key}: expected a value, found none." for key in ("name", "effective_from", "authority", "routing")
    ]
