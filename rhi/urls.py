"""Every address of the site."""

from allauth.account import views as account_views
from allauth.mfa.base import views as second_step_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import include, path, re_path

from rhi.views.health import health
from rhi.views.home import home

# allauth's views under names that allauth knows; those for signing up and for changing one's email address stay out.
account = [
    path("", second_step_views.index, name="mfa_index"),
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-in/code/", second_step_views.authenticate, name="mfa_authenticate"),
    path("sign-out/", account_views.logout, name="account_logout"),
    path("closed/", account_views.account_inactive, name="account_inactive"),
    path("confirm/", account_views.reauthenticate, name="account_reauthenticate"),
    path("confirm/code/", second_step_views.reauthenticate, name="mfa_reauthenticate"),
    path("password/", account_views.password_change, name="account_change_password"),
    path("password/forgotten/", account_views.password_reset, name="account_reset_password"),
    path("password/forgotten/sent/", account_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/new/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-step/", totp_views.activate_totp, name="mfa_activate_totp"),
    path("second-step/off/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/download/", recovery_views.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("recovery-codes/new/", recovery_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]

pages = [
    path("", home, name="home"),
    path("health", health, name="health"),
]

urlpatterns = [
    path("", include((pages, "rhi"))),
    path("account/", include(account)),
]
