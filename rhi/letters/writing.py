"""From a proposed letter to what it says: the record's names and address, and the procedure's contacts and services."""

from __future__ import annotations

from datetime import datetime

from procedures.calendar import local_date
from procedures.types import Procedure
from rhi.letters.addressing import address, block, clean
from rhi.letters.contents import CannotWrite, Content
from rhi.letters.texts import languages
from rhi.models import Letter, LetterKind


def content(letter: Letter, *, now: datetime) -> Content:
    """What a letter says if it is written now, of the records as they are. Whether it may go is decided elsewhere.

    Reads the letter's child, carer and referral with its version: select them with it. Of the child, only the name
    goes in; nothing of where they were, what happened or what anybody said. Raises CannotWrite when there is nobody
    to write to, no address that a letter would reach, no text, or nothing to point to.
    """
    procedure = letter.referral.version.procedure
    child, carer = letter.child, letter.carer
    if letter.to == Letter.To.CARER and carer is None:
        raise CannotWrite("This carer is no longer on the record.")
    person = carer or child
    addressee = clean(carer.name if carer else f"{child.first_name} {child.last_name}")
    lines = address([person.address_1, person.address_2, person.address_3, person.address_4, person.postcode])
    block(addressee, lines)
    leaflets = tuple(filter(None, map(clean, letter.leaflets)))
    if letter.language not in languages(procedure.name):
        raise CannotWrite(f"There are no texts of letters in this language ({letter.language}).")
    if not procedure.contacts:
        raise CannotWrite("The procedure names nobody whom a family can contact. An administrator can add them to it.")
    if letter.kind in {LetterKind.REFUSAL, LetterKind.SIGNPOSTING} and not (procedure.services or leaflets):
        raise CannotWrite("The procedure names no service to point to. An administrator can add them to it.")
    contact, out_of_hours = procedure.contacts[0], procedure.methods.out_of_hours
    return Content(
        kind=letter.kind,
        to=letter.to,
        language=letter.language,
        procedure=procedure.name,
        addressee=addressee,
        address=lines,
        child=clean(child.first_name),
        reference=str(letter.referral),
        date=local_date(now),
        authority=procedure.authority.name,
        we_are=procedure.letters.we_are or contact.service,
        service=contact.service,
        phone=contact.phone or "",
        mailbox=contact.mailbox,
        return_address=procedure.letters.return_address,
        out_of_hours=out_of_hours.number if out_of_hours else "",
        out_of_hours_is_free=bool(out_of_hours and out_of_hours.free),
        services=procedure.services,
        leaflets=leaflets,
    )


def as_an_offer(procedure: Procedure) -> str:
    """Whether a letter counts as an offer of the interview, for the person who approves it (Somerset 4.6)."""
    if procedure.letters.counts_as_offer:
        return "This letter offers an interview. By the procedure it counts as an offer."
    return (
        "This letter offers an interview. By the procedure it does not count as an offer: "
        "that stays to be made and recorded."
    )
