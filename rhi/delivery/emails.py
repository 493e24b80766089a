"""Emails to members of staff: how many of what wait for them, and a link. Nothing of any child, and no name.

One kind says a day instead: on which an interview was held (Somerset 4.16).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused
from socket import gaierror

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from jobs.handover import InDoubtError, NotSentError, RefusedError, UnreachableError
from rhi.models import Email
from rhi.wording import on_day

#: What can be counted, in words for one and for many. An email holds nothing but such lines.
WORDS = {
    # Notices, by their kind.
    "opened": ("record of your team was opened with a reason", "records of your team were opened with a reason"),
    "recorded": ("child was perhaps recorded twice", "children were perhaps recorded twice"),
    "episode": ("child of yours was missing", "children of yours were missing"),
    "due": ("deadline runs out soon", "deadlines run out soon"),
    "breach": ("deadline has run out", "deadlines have run out"),
    "not_assigned": ("referral is not assigned to anybody", "referrals are not assigned to anybody"),
    "no_attempt": ("referral is without an attempt yet", "referrals are without an attempt yet"),
    "write_up": ("interview is to be written up", "interviews are to be written up"),
    "discussion": ("question waits for an answer", "questions wait for an answer"),
    "appointment": ("booked time has passed with nothing recorded", "booked times have passed with nothing recorded"),
    "no_addressee": ("letter is due that nobody may get", "letters are due that nobody may get"),
    "letter_failed": ("letter has not gone out", "letters have not gone out"),
    "taken_back": ("thing that you logged was taken back", "things that you logged were taken back"),
    "sent_back": ("interview that you wrote up was sent back", "interviews that you wrote up were sent back"),
    "restricted": ("child of yours was restricted to others", "children of yours were restricted to others"),
    "written_up": ("interview is to be read", "interviews are to be read"),
    "escalated": ("worry is put to you", "worries are put to you"),
    "answered": ("worry that you put was answered", "worries that you put were answered"),
    "mentioned": ("case note mentions you", "case notes mention you"),
    "task_yours": ("task became yours", "tasks became yours"),
    "task_overdue": ("task is overdue", "tasks are overdue"),
    "task_review": ("task is to be looked at again", "tasks are to be looked at again"),
    "episode_moved": ("episode was moved to another interview", "episodes were moved to another interview"),
    "shared": ("thing was shared with your approval", "things were shared with your approval"),
    # Of digests besides.
    "missing": ("child is missing now", "children are missing now"),
    "returned": ("child has returned", "children have returned"),
    "open": ("referral is open", "referrals are open"),
    "late": ("referral is late", "referrals are late"),
    "due_today": ("deadline runs out today", "deadlines run out today"),
    "held": ("interview was held", "interviews were held"),
    "held_in_time": ("interview was held within 72 hours", "interviews were held within 72 hours"),
    "signing": ("interview waits for signing off", "interviews wait for signing off"),
    "letters": ("letter waits for approval", "letters wait for approval"),
    "posting": ("letter waits to be printed and posted", "letters wait to be printed and posted"),
    "old_letters": (
        "letter has waited for two working days or longer",
        "letters have waited for two working days or longer",
    ),
    "stuck_letters": ("letter is not known to have gone", "letters are not known to have gone"),
}


#: What the email about an interview that was held carries, as whole numbers too: the referral to which it leads, and
#: the day, for instance 20260513.
REFERRAL, HELD_ON = "referral", "held_on"


class UnknownNumberError(ValueError):
    """Something is counted that has no words here, or not by a whole number."""


def as_number(day: date) -> int:
    """A day as an email carries it."""
    return int(f"{day:%Y%m%d}")


def as_day(number: int) -> date:
    """The same, read back."""
    return date.fromisoformat(str(number))


def check(numbers: Mapping[str, int]) -> None:
    """Raise UnknownNumberError unless everything counted has its words, so that nothing else can ever be written."""
    for name, number in numbers.items():
        if name not in {*WORDS, REFERRAL, HELD_ON} or type(number) is not int or number < 0:
            raise UnknownNumberError(f"An email cannot say {name!r}: {type(number).__name__}; see {__name__}.WORDS.")


def compose(email: Email) -> EmailMessage:
    """The email in words. Its Message-ID is that of the row, so that two copies are known as one."""
    context = {**_said(email), "site": settings.SITE_URL.rstrip("/")}
    sender = settings.DEFAULT_FROM_EMAIL
    host = parseaddr(sender)[1].rpartition("@")[2]
    return EmailMessage(
        subject=" ".join(render_to_string(f"emails/{email.kind}_subject.txt", context).split()),
        body=render_to_string(f"emails/{email.kind}.txt", context).strip() + "\n",
        from_email=sender,
        to=[email.to.email],
        headers={"Message-ID": f"<{email.reference}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def _said(email: Email) -> dict[str, object]:
    """What the email's text is filled with."""
    if email.kind == Email.Kind.INTERVIEW_HELD:
        return {"referral": email.numbers[REFERRAL], "held_on": on_day(as_day(email.numbers[HELD_ON]))}
    lines = [f"{number} {WORDS[name][number != 1]}" for name, number in email.numbers.items() if number]
    return {"lines": lines, "total": sum(email.numbers.values())}


def send(message: EmailMessage) -> None:
    """Hand it to the mail server. Raises the errors of jobs.handover."""
    line = get_connection(timeout=settings.DELIVERY_TIMEOUT)
    try:
        try:
            line.open()
        except OSError as failure:
            raise UnreachableError(_why_not_open(failure)) from failure
        _hand_over(line, message)
    finally:
        with suppress(OSError):  # taken or not, that has been said: how the conversation ends changes nothing
            line.close()


def _hand_over(line: object, message: EmailMessage) -> None:
    try:
        if not line.send_messages([message]):  # type: ignore[attr-defined]  # Django's backends have no common type
            raise RefusedError("There is no address to send it to.")
    except SMTPRecipientsRefused as refusal:
        (code, _), *_rest = refusal.recipients.values()
        raise _by_code(code, "the recipient") from refusal
    except SMTPDataError as refusal:
        raise _by_code(refusal.smtp_code, "the message") from refusal
    except SMTPSenderRefused as refusal:
        raise UnreachableError(f"The mail server does not let us send ({refusal.smtp_code}).") from refusal
    except (OSError, ValueError) as failure:
        # A way out that does not say how far it has come may have come all the way.
        if getattr(getattr(line, "connection", None), "handed_over", True):
            raise InDoubtError("The mail server did not say whether it took the message.") from failure
        if isinstance(failure, ValueError):
            raise RefusedError("This is not an address to which an email can be sent.") from failure
        # Whom it let in and whose sender it took it may still let hang for this one recipient: others need not wait.
        raise NotSentError("The mail server broke off before it was given the message.") from failure


def _why_not_open(failure: OSError) -> str:
    if isinstance(failure, SMTPResponseException):
        return f"The mail server does not let us in ({failure.smtp_code})."
    if isinstance(failure, gaierror):
        return "The mail server’s name is not known."
    if isinstance(failure, SMTPException):
        return "The mail server broke off while it was greeted."
    return f"The mail server does not answer ({type(failure).__name__})."


def _by_code(code: int, what: str) -> Exception:
    """Of an answer: from 500 on it is for good, below that for now (RFC 5321, 4.2.1)."""
    if code >= 500:
        return RefusedError(f"The mail server refused {what} ({code}).")
    return NotSentError(f"The mail server does not take {what} for now ({code}).")
