"""Letters to draw: of every kind, to both, under every shipped procedure."""

from dataclasses import replace
from datetime import date

from procedures.actions import source
from procedures.types import read
from rhi.letters import Content
from rhi.models import Letter, LetterKind

SHIPPED = ["croydon", "nottinghamshire", "somerset", "surrey", "wokingham"]
KINDS = LetterKind.values
TO = Letter.To.values

#: Under the name, so that with it they are as many as asked for.
ADDRESSES = {
    3: ("14 Example Street", "TA1 1AA"),
    4: ("14 Example Street", "Taunton", "TA1 1AA"),
    5: ("Flat 2", "14 Example Street", "Taunton", "TA1 1AA"),
    6: ("Flat 2", "Quayside House", "14 Example Street", "Taunton", "TA1 1AA"),
    7: ("Room 9", "Flat 2", "Quayside House", "14 Example Street", "Taunton", "TA1 1AA"),
}
LEAFLETS = ("Talking helps", "Your rights when you meet us")


def a_letter(procedure: str = "somerset", kind: str = "no_contact", to: str = "child", **changes: object) -> Content:
    """A letter of 16 June 2026 as the shipped procedure has it; `changes` are fields that are otherwise."""
    rules = read(source(procedure))
    contact, out_of_hours = rules.contacts[0], rules.methods.out_of_hours
    letter = Content(
        kind=kind,
        to=to,
        language="en",
        procedure=rules.name,
        addressee="Robin Example" if to == "child" else "Morgan Example",
        address=ADDRESSES[4],
        child="Robin",
        reference="R1042",
        date=date(2026, 6, 16),
        authority=rules.authority.name,
        we_are=rules.letters.we_are,
        service=contact.service,
        phone=contact.phone,
        mailbox=contact.mailbox,
        return_address=rules.letters.return_address,
        out_of_hours=out_of_hours.number if out_of_hours else "",
        out_of_hours_is_free=bool(out_of_hours and out_of_hours.free),
        services=rules.services,
        leaflets=LEAFLETS,
    )
    return replace(letter, **changes)


def every_letter() -> list[Content]:
    """One of each kind, to a child and to a carer, under each shipped procedure."""
    return [a_letter(procedure, kind, to) for procedure in SHIPPED for kind in KINDS for to in TO]


def called(letter: Content) -> str:
    """What a test of this letter is called."""
    return f"{letter.procedure}-{letter.kind}-{letter.to}"
