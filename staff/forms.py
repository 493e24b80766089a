"""The forms of signing in: allauth's behaviour in our words, drawn as the GOV.UK Design System draws forms."""

# mypy: allow-subclassing-any
# allauth publishes no types.

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from textwrap import wrap
from typing import Any, ClassVar, NamedTuple

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base import forms as second_step
from allauth.mfa.totp import forms as totp
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fixed, Layout
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest

from staff import actions, audit
from staff.models import User


class Words(NamedTuple):
    """What a person reads about one field."""

    label: str
    if_missing: str
    hint: str = ""


EMAIL = Words("Email address", "Enter your email address")
PASSWORD = Words("Password", "Enter your password")
NEW_PASSWORD = Words(
    "New password",
    "Enter a new password",
    "12 characters or more. Three words that do not belong together are easy to remember and hard to guess.",
)
AGAIN = Words("New password again", "Enter the new password again")
NO_DAY = "Enter a day like 23/11/2026"
CODE = Words("Code from your app", "Enter the code from your app", "6 digits. A recovery code has 8.")


class DesignSystemForm(forms.Form):
    """Draws its fields only: the form element, its token and its button stand in templates/components/form.html."""

    words: ClassVar[dict[str, Words]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = words.label, words.hint
            field.error_messages["required"] = words.if_missing
            field.widget.attrs.pop("placeholder", None)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*(drawn(name, self.fields[name]) for name in self.words))


def drawn(name: str, field: forms.Field) -> Field:
    """How one of these fields looks: an address, a password that can be shown, or a short code."""
    typed_as_is = {"spellcheck": "false", "autocapitalize": "none"}
    if isinstance(field.widget, forms.PasswordInput):
        shown_or_hidden = "govuk-password-input__input govuk-js-password-input-input"
        return Field(name, template="%s/password.html", css_class=shown_or_hidden, **typed_as_is)
    if isinstance(field, forms.EmailField):
        field.error_messages["invalid"] = "Enter an email address like name@example.org"
        return Field(name, **typed_as_is)
    return Field(name, css_class=Fixed.for_input(Fixed.TEN), inputmode="numeric")


class SignInForm(DesignSystemForm, account.LoginForm):
    words = {"login": EMAIL, "password": PASSWORD}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"  # what password managers look for

    @property
    def other_way(self) -> str:
        """What the authority calls its own accounts, where they open this service too; otherwise nothing."""
        return settings.SINGLE_SIGN_ON


class ConfirmPasswordForm(DesignSystemForm, account.ReauthenticateForm):
    words = {"password": PASSWORD}


class ChangePasswordForm(DesignSystemForm, account.ChangePasswordForm):
    words = {
        "oldpassword": Words("Current password", "Enter your current password"),
        "password1": NEW_PASSWORD,
        "password2": AGAIN,
    }


class ForgottenPasswordForm(DesignSystemForm, account.ResetPasswordForm):
    """Answers everybody alike, in words and in the work done, so that it does not tell whose address is known."""

    words = {"email": EMAIL}
    users: list[User]

    def clean_email(self) -> str:
        """Only who may sign in gets a link: nobody who has left, and nobody whom records name but no one invited."""
        email: str = super().clean_email()
        today = get_adapter().today()
        invited = actions.invited_at(self.users)
        self.users = [
            user
            for user in self.users
            if (user.has_usable_password() or user.pk in invited) and not user.has_left(today)
        ]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        if self.users:
            super().save(request, **kwargs)
        else:
            get_adapter().send_mail("account/email/unknown_account", email, {})
        return email


class NewPasswordForm(DesignSystemForm, account.ResetPasswordKeyForm):
    words = {"password1": NEW_PASSWORD, "password2": AGAIN}


class SecondStepForm(DesignSystemForm, second_step.AuthenticateForm):
    words = {"code": CODE}

    def clean_code(self) -> str:
        """The code; a wrong one leaves a line in the trail, as a wrong password does."""
        try:
            code: str = super().clean_code()
        except ValidationError as refusal:
            if refusal.code == "incorrect_code":
                get_adapter().sign_in_failed(context.request, email=self.user.email, because="wrong code")
            raise
        return code


class ConfirmCodeForm(DesignSystemForm, second_step.ReauthenticateForm):
    words = {"code": CODE}


class SetUpSecondStepForm(DesignSystemForm, totp.ActivateTOTPForm):
    words = {"code": CODE._replace(hint="6 digits")}

    @property
    def key_in_fours(self) -> str:
        """What the square code holds, to be typed; apps leave out the spaces."""
        return " ".join(wrap(self.secret, 4))


class TrailForm(forms.Form):
    """Which lines of the trail to read. Sent, never written into an address: a child_id names a child."""

    SYSTEM = "system"

    person = forms.ChoiceField(label="Who", required=False)
    type = forms.ChoiceField(label="What", choices=[("", "Anything"), *audit.Type.choices], required=False)
    child = forms.CharField(label="Child’s ID", max_length=50, required=False)
    day = forms.DateField(
        label="Day",
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))],
        error_messages={"invalid": NO_DAY, "min_value": NO_DAY, "max_value": NO_DAY},
    )
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(person.pk), f"{person.name} ({person.email})") for person in people]
        choices = [("", "Anybody"), (self.SYSTEM, "Nobody: the system itself"), *known]
        self.fields["person"].choices = choices  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Field("person"),
            Field("type"),
            Field("child", spellcheck="false", autocomplete="off"),
            Field("day", css_class="govuk-input rhi-day"),
        )
