"""What holds for every page: nothing is kept by a browser, sessions end, and one password is not enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.csrf import csrf_failure

from staff import audit
from staff.models import User
from staff.permissions import Denied

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = Callable[..., HttpResponseBase]

LONGEST_SESSION = timedelta(hours=12)
RENEWED_EVERY = timedelta(minutes=1)
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 the name of a field

V = TypeVar("V", bound=View)


def asked_by_itself(view: V) -> V:
    """Mark a view that open pages ask without anybody's doing: it keeps nobody signed in who has left their desk."""
    view.asked_by_itself = True  # type: ignore[attr-defined]  # read below
    return view


# Pages that somebody without a second step needs in order to set it up.
SETTING_UP = {"mfa_activate_totp", "account_reauthenticate"}


def page_headers(get_response: GetResponse) -> GetResponse:
    """Browsers and proxies keep no page, so that nothing can be read on a shared computer after signing out."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        return response

    return answer


class SessionLimits:
    """Nobody stays signed in for more than twelve hours.

    The idle limit is the age of the session itself (SESSION_COOKIE_AGE), counted from when it was last stored. It is
    stored again at most once a minute: reading pages then seldom writes to the database. What an open page asks by
    itself does not count as somebody's being there.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *_: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        now = timezone.now()
        began = datetime.fromisoformat(request.session.setdefault("began_at", now.isoformat()))
        stored = datetime.fromisoformat(request.session.setdefault("stored_at", now.isoformat()))
        if now - began >= LONGEST_SESSION:
            get_adapter().logout(request)
            messages.info(request, "You were signed out because 12 hours had passed. Sign in again to go on.")
            return redirect_to_login(request.get_full_path())
        if now - stored >= RENEWED_EVERY and not getattr(view, "asked_by_itself", False):
            request.session["stored_at"] = now.isoformat()
        return None


class SignInFirst(LoginRequiredMiddleware):
    """Nobody reads or changes anything without being signed in. What somebody sends after that has ended is kept.

    The half hour after which a session ends comes while somebody thinks about a sentence. The page that answers holds
    what they typed, to be sent again once they have signed in; it goes to nobody but the browser that sent it.
    """

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        answer: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and (kept := worth_keeping(request)):
            return as_it_was_sent(request, kept, signed_out=True)
        return answer


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What answers a form whose page was made before its reader signed in anew: the same form, to be sent again."""
    if request.user.is_authenticated and (kept := worth_keeping(request)):
        return as_it_was_sent(request, kept, signed_out=False)
    answer: HttpResponse = csrf_failure(request, reason=reason)
    return answer


def worth_keeping(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form of ours that somebody filled in; nothing of what another site sends, and no password."""
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") != "same-origin" or request.FILES:
        return []
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != TOKEN]
    secret = any("password" in name or name == "code" for name, _ in fields)
    return [] if secret or not any(value.strip() for _, value in fields) else fields


def as_it_was_sent(request: HttpRequest, fields: list[tuple[str, str]], *, signed_out: bool) -> HttpResponse:
    """The page that holds what was sent."""
    words = [value for _, value in fields if " " in value.strip()]
    context = {"fields": fields, "words": words, "signed_out": signed_out, "to": request.get_full_path()}
    return render(request, "staff/kept.html", context, status=403)


class SecondStepRequired:
    """Where SECOND_STEP_REQUIRED is set, the first thing that a new person does is to set up the second step."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, *_: Any) -> HttpResponse | None:
        if not settings.SECOND_STEP_REQUIRED or not getattr(view, "login_required", True):
            return None
        if request.resolver_match and request.resolver_match.url_name in SETTING_UP:
            return None
        steps = {step["method"] for step in get_authentication_records(request, request.user)}
        if "socialaccount" in steps:  # the second step was the other side's to ask for
            return None
        if "mfa" in steps or is_mfa_enabled(request.user):  # the latter: set up since signing in
            return None
        return redirect("mfa_activate_totp")


class Denials:
    """Puts every denial on the trail, once whatever the view had begun has been rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Denied) and isinstance(request.user, User):
            page = request.resolver_match.view_name if request.resolver_match else ""
            with transaction.atomic():
                audit.record(
                    audit.Type.DENIED,
                    by=request.user,
                    at=timezone.now(),
                    subject=exception.subject,
                    children=exception.children,
                    detail={"page": page, "because": exception.because, "method": request.method},
                )
