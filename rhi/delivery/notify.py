"""Letters by GOV.UK Notify, which prints and posts a finished PDF and knows it by the row's random reference."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from jobs.handover import InDoubtError, NotSentError, RefusedError, UnreachableError
from rhi.models import Letter

MOST_PAGES = 10
MOST_BYTES = 2 * 1024 * 1024
"""What Notify takes of one letter (its specification of letters, version 2.4)."""

NEVER_POSTED = {
    "cancelled": "It was cancelled at GOV.UK Notify.",
    "technical-failure": "GOV.UK Notify could not have it printed.",
    "permanent-failure": "GOV.UK Notify’s printer could not print it.",
    "validation-failed": "GOV.UK Notify found that something lies outside the printable area.",
    "virus-scan-failed": "GOV.UK Notify’s virus scan refused it.",
}
POSTED = "received"
"""Printed and given to the post. `accepted` and all others mean that it is still on its way there."""

FORGOTTEN = "forgotten"
"""Ours, for a letter that Notify no longer knows: it keeps them for a week."""

NO_LONGER_KNOWN = "GOV.UK Notify no longer knows this letter, and never said here that it was posted."
NEVER_SAID = "GOV.UK Notify has not said in a month that this letter was posted."
"""Why nobody knows what became of a letter that it took."""


class Known(NamedTuple):
    """A letter as Notify knows it: its own id, and how it stands."""

    id: str
    status: str

    @property
    def facts(self) -> dict[str, str]:
        """The fields of the row that this fills."""
        return {"outside_id": self.id, "outside_status": self.status}


def configured() -> bool:
    """Whether letters can go this way at all."""
    return bool(settings.NOTIFY_API_KEY)


def send(letter: Letter) -> Known:
    """Hand the letter's PDF over. Raises the errors of jobs.handover."""
    from notifications_python_client.errors import APIError  # noqa: PLC0415 a fifth of a second, for those who send

    if letter.pdf is None or len(letter.pdf) > MOST_BYTES or (letter.pages or 0) > MOST_PAGES:
        raise RefusedError(f"GOV.UK Notify takes letters of up to {MOST_PAGES} pages and 2 MB.")
    try:
        answer = _client().send_precompiled_letter_notification(str(letter.reference), BytesIO(bytes(letter.pdf)))
        return Known(str(answer["id"]), "")
    except APIError as failure:
        raise _of_sending(failure) from failure
    except (KeyError, TypeError) as failure:
        raise InDoubtError("GOV.UK Notify’s answer could not be read.") from failure


def find(reference: UUID) -> Known | None:
    """The letter of this reference that Notify has and has not itself given up, or None.

    Raises NotSentError when it cannot be asked, RefusedError when it does not let us ask.
    """
    from notifications_python_client.errors import APIError  # noqa: PLC0415 as above

    try:
        answer = _client().get_all_notifications(template_type="letter", reference=str(reference))
        found = [
            Known(str(each["id"]), str(each["status"]))
            for each in answer["notifications"]
            if each["reference"] == str(reference) and each["status"] not in NEVER_POSTED
        ]
    except APIError as failure:
        raise _of_asking(failure) from failure
    except (KeyError, TypeError) as failure:
        raise NotSentError("GOV.UK Notify’s answer could not be read.") from failure
    return found[0] if found else None


def status(known_as: str) -> str:
    """How the letter of this id of Notify's stands. Raises NotSentError and RefusedError as `find` does."""
    from notifications_python_client.errors import APIError  # noqa: PLC0415 as above

    try:
        return str(_client().get_notification_by_id(known_as)["status"])
    except APIError as failure:
        if failure.response is not None and failure.status_code == 404:
            return FORGOTTEN
        raise _of_asking(failure) from failure
    except (KeyError, TypeError) as failure:
        raise NotSentError("GOV.UK Notify’s answer could not be read.") from failure


def _client() -> Any:
    """The client, which publishes no types."""
    from notifications_python_client.notifications import NotificationsAPIClient  # noqa: PLC0415 as above

    return NotificationsAPIClient(
        settings.NOTIFY_API_KEY, base_url=settings.NOTIFY_BASE_URL, timeout=settings.DELIVERY_TIMEOUT
    )


def _of_sending(failure: Exception) -> Exception:
    """What a failure says of the letter."""
    code = _code(failure)
    if code is None:
        if _never_connected(failure):
            return UnreachableError("GOV.UK Notify does not answer.")
        return InDoubtError("GOV.UK Notify did not say whether it took the letter.")
    if code == 429:
        return UnreachableError("GOV.UK Notify takes no more letters for now (429).")
    if 400 <= code < 500:
        return RefusedError(f"GOV.UK Notify refused the letter ({code}).")
    return InDoubtError(f"GOV.UK Notify failed after it was given the letter ({code}).")


def _of_asking(failure: Exception) -> Exception:
    """What a failure says where nothing was to be sent."""
    code = _code(failure)
    if code is not None and 400 <= code < 500 and code != 429:
        return RefusedError(f"GOV.UK Notify does not let us ask ({code}).")
    return UnreachableError("GOV.UK Notify does not answer.")


def _code(failure: Exception) -> int | None:
    """The status that was answered; None when there was no answer, for which the client itself would say 503."""
    response = getattr(failure, "response", None)
    return None if response is None else int(response.status_code)


def _never_connected(failure: Exception) -> bool:
    """Whether it failed before anything could be written: no such name, nobody there, or not whom we know."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError  # noqa: PLC0415 as above

    before = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
    return any(isinstance(cause, before) for cause in _causes(failure))


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The failure and all that lies beneath it; urllib3 keeps its reason in a field, requests as first argument."""
    beneath: list[object] = [failure]
    seen: set[int] = set()
    while beneath:
        each = beneath.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        beneath += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
