"""Our side of django-allauth: who may sign in, what the trail says about it, and the words that people read."""

# mypy: allow-subclassing-any
# allauth publishes no types.

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from staff import actions, audit
from staff.models import User


class Backend(AuthenticationBackend):
    """Email and password. Django asks it again at every request, so somebody who has left is out at the next one."""

    def user_can_authenticate(self, user: User) -> bool:
        return not user.has_left(timezone.localdate())


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks of us. An edge like a view: it reads the clock and writes the trail."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right. Check both and try again.",
        "too_many_login_attempts": "There were too many wrong attempts. Wait 15 minutes, then try again.",
        "enter_current_password": "That is not your current password. Check it and try again.",
        "incorrect_password": "That is not your password. Check it and try again.",
        "rate_limited": "There were too many attempts. Wait a few minutes, then try again.",
    }

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        """The password is right; turn away whoever has left (allauth itself looks at `is_active` alone)."""
        if user.has_left(timezone.localdate()):
            self.sign_in_failed(request, email=user.email, because="has left")
            request.session.flush()
            refusal: HttpResponse = self.respond_user_inactive(request, user)
            return refusal
        answer: HttpResponse | None = super().pre_login(request, user, **details)
        return answer

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        steps = [step["method"] for step in get_authentication_records(request, user)]
        self._record(audit.Type.SIGNED_IN, request, by=user, steps=steps)

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            self._record(audit.Type.SIGNED_OUT, request, by=request.user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        self.sign_in_failed(request, email=credentials["email"], because="wrong email or password")

    @transaction.atomic
    def sign_in_failed(self, request: HttpRequest, *, email: str, because: str) -> None:
        """Leave a line in the trail: for an address that nobody has just as for one that somebody has."""
        self._record(audit.Type.SIGN_IN_FAILED, request, by=None, email=email, because=because)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Store a new password. Whoever has proved who they are need not wait for earlier wrong guesses to expire."""
        user.set_password(password)
        user.save(update_fields=["password"])
        self._record(audit.Type.PASSWORD_CHANGED, self.request, by=user)
        self._delete_login_attempts_cached_email(self.request, email=user.email)

    def today(self) -> date:
        """The day in England, for forms that are handed no time."""
        return timezone.localdate()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("mfa_index")

    def _record(self, type: audit.Type, request: HttpRequest, *, by: User | None, **detail: object) -> None:  # noqa: A002
        now = timezone.now()
        audit.record(type, by=by, at=now, detail={"address": self.get_client_ip(request), **detail})


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Signing in with an account of the authority. It opens what an administrator has given, and gives nothing.

    A person is known by their verified address alone, so that no second copy of it is kept anywhere.
    """

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:  # noqa: ARG002 ours comes after
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find who signs in. Raises ImmediateHttpResponse with the refusal for whoever may not."""
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        person = User.objects.filter(email__in=verified).first()
        if sociallogin.state.get("process") != AuthProcess.LOGIN or person is None:
            raise self._refusal(request, verified, "no such person, or an address that is not verified")
        if not person.has_usable_password() and person.pk not in actions.invited_at([person]):
            raise self._refusal(request, verified, "never invited")
        sociallogin.user = person  # whether they have left is asked by AccountAdapter.pre_login, as of everybody

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> None:
        """The other side refused, or did not answer as agreed."""
        raise self._refusal(request, [], "single sign-on did not work")

    def _refusal(self, request: HttpRequest, verified: list[str], because: str) -> ImmediateHttpResponse:
        get_account_adapter().sign_in_failed(request, email=", ".join(verified), because=because)
        return ImmediateHttpResponse(render(request, "account/single_sign_on_refused.html", status=403))


class SecondStepAdapter(DefaultMFAAdapter):
    """The words of the second step."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right. Wait until the app shows a new one, then enter that.",
    }
