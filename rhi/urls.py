"""Every address of the site."""

from allauth.account import views as account_views
from allauth.mfa.base import views as second_step_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from rhi.views import assigning, contact, interview, procedure, recording, work
from rhi.views import children as child_views
from rhi.views import people as people_views
from rhi.views import referral as referral_views
from rhi.views import trays as tray_views
from rhi.views.health import health
from rhi.views.home import home
from staff import views as staff_views

# allauth's views under names that allauth knows; those for signing up and for changing one's email address stay out.
account = [
    path("", second_step_views.index, name="mfa_index"),
    path("sign-in/", account_views.login, name="account_login"),
    path("sign-in/code/", second_step_views.authenticate, name="mfa_authenticate"),
    path("sign-in/with/<slug:provider_id>/", staff_views.single_sign_on, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/back/", staff_views.back_from_single_sign_on, name="openid_connect_callback"),
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

people = [
    path("", people_views.people, name="people"),
    path("invite/", people_views.invite, name="invite"),
    path("<int:pk>/", people_views.person, name="person"),
    path("teams/new/", people_views.new_team, name="new_team"),
    path("teams/<int:pk>/", people_views.team, name="team"),
]

trays = [
    path("", tray_views.trays, name="trays"),
    path("<int:pk>/", tray_views.tray, name="tray"),
    path("<int:pk>/assign/", assigning.assign_many, name="assign_many"),
]

children = [
    path("find/", child_views.find, name="find"),
    path("new/", recording.new_child, name="new_child"),
    path("<int:pk>/", child_views.child, name="child"),
    path("<int:pk>/open/", child_views.open_with_reason, name="open_with_reason"),
    path("<int:pk>/restrict/", child_views.restrict, name="restrict"),
    path("<int:pk>/correct/", recording.correct_child, name="correct_child"),
    path("<int:pk>/episodes/new/", recording.new_episode, name="new_episode"),
]

episodes = [
    path("<int:pk>/return/", recording.record_return, name="record_return"),
    path("<int:pk>/correct/", recording.correct_episode, name="correct_episode"),
    path("<int:pk>/withdraw/", recording.withdraw, name="withdraw"),
]

referral = [
    path("", referral_views.referral, name="referral"),
    path("tasks/<int:task>/", referral_views.settle_task, name="settle_task"),
    path("assign/", assigning.assign, name="assign"),
    path("hand-over/", assigning.hand_over, name="hand_over"),
    path("discussion/", assigning.settle, name="settle"),
    path("override/", assigning.override, name="override"),
    path("attempts/new/", contact.log_attempt, name="log_attempt"),
    path("offers/new/", contact.record_offer, name="record_offer"),
    path("offers/<int:offer>/response/", contact.record_response, name="record_response"),
    path("appointments/new/", contact.book, name="book"),
    path("appointments/<int:appointment>/move/", contact.move, name="move"),
    path("appointments/<int:appointment>/cancel/", contact.cancel, name="cancel"),
    path("take-back/<slug:kind>/<int:record>/", contact.take_back, name="take_back"),
    path("held/", interview.record_held, name="record_held"),
    path("outcomes/", interview.record_outcomes, name="record_outcomes"),
    path("form/", interview.form, name="form"),
    path("form/submit/", interview.submit, name="submit"),
    path("form/<slug:section>/", interview.form_section, name="form_section"),
    path("sign-off/", interview.sign_off, name="sign_off"),
    path("record/", interview.record, name="record"),
]

pages: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("notices/<int:pk>/seen/", work.notice_seen, name="notice_seen"),
    path("trays/", include(trays)),
    path("referrals/<int:pk>/", include(referral)),
    path("children/", include(children)),
    path("episodes/", include(episodes)),
    path("people/", include(people)),
    path("trail/", staff_views.trail, name="trail"),
    path("procedure/", procedure.procedure, name="procedure"),
    path("parts/", procedure.parts, name="parts"),
    path("health", health, name="health"),
]

urlpatterns = [
    path("", include((pages, "rhi"))),
    path("account/", include(account)),
]
