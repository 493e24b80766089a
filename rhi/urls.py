"""Every address of the site."""

from allauth.account import views as account_views
from allauth.mfa.base import views as second_step_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.urls import URLPattern, URLResolver, include, path, re_path

from rhi.views import (
    around,
    assigning,
    contact,
    episodes_covered,
    form_writing,
    interview,
    letters,
    letters_waiting,
    live,
    notes,
    notices,
    papers,
    plan_note,
    preferences,
    procedure,
    reading,
    recording,
    sharing,
    tasks_overdue,
    visiting,
    worries,
)
from rhi.views import background as background_views
from rhi.views import children as child_views
from rhi.views import people as people_views
from rhi.views import referral as referral_views
from rhi.views import tasks as task_views
from rhi.views import trays as tray_views
from rhi.views.health import health
from rhi.views.home import home
from rhi.views.returned import letter_returned
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
    path("<int:pk>/news/", live.tray_news, name="tray_news"),
]

children = [
    path("find/", child_views.find, name="find"),
    path("new/", recording.new_child, name="new_child"),
    path("<int:pk>/", child_views.child, name="child"),
    path("<int:pk>/open/", child_views.open_with_reason, name="open_with_reason"),
    path("<int:pk>/restrict/", child_views.restrict, name="restrict"),
    path("<int:pk>/correct/", recording.correct_child, name="correct_child"),
    path("<int:pk>/warnings/new/", visiting.new_warning, name="new_warning"),
    path("<int:pk>/warnings/<int:warning>/end/", visiting.end_warning, name="end_warning"),
    path("<int:pk>/episodes/new/", recording.new_episode, name="new_episode"),
    path("<int:pk>/carers/new/", around.new_carer, name="new_carer"),
    path("<int:pk>/carers/<int:carer>/", around.correct_carer, name="correct_carer"),
    path("<int:pk>/involvements/new/", around.new_involvement, name="new_involvement"),
    path("<int:pk>/involvements/<int:involvement>/", around.correct_involvement, name="correct_involvement"),
]

episodes = [
    path("<int:pk>/return/", recording.record_return, name="record_return"),
    path("<int:pk>/correct/", recording.correct_episode, name="correct_episode"),
    path("<int:pk>/withdraw/", recording.withdraw, name="withdraw"),
]

referral = [
    path("", referral_views.referral, name="referral"),
    path("tasks/new/", task_views.new_task, name="new_task"),
    path("tasks/<int:task>/", task_views.settle_task, name="settle_task"),
    path("tasks/<int:task>/change/", task_views.change_task, name="change_task"),
    path("tasks/<int:task>/answer/", task_views.answer_task, name="answer_task"),
    path("tasks/<int:task>/review/", task_views.review_task, name="review_task"),
    path("tasks/<int:task>/support/", task_views.support_task, name="support_task"),
    path("no-plan/", plan_note.no_plan_note, name="no_plan_note"),
    path("no-plan/file/", plan_note.no_plan_file, name="no_plan_file"),
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
    path("episodes/", episodes_covered.covered, name="covered"),
    path("held/", interview.record_held, name="record_held"),
    path("outcomes/", interview.record_outcomes, name="record_outcomes"),
    path("form/", interview.form, name="form"),
    path("form/submit/", interview.submit, name="submit"),
    path("form/<slug:section>/", form_writing.form_section, name="form_section"),
    path("form/<slug:section>/keep/", form_writing.keep_section, name="keep_section"),
    path("sign-off/", interview.sign_off, name="sign_off"),
    path("send-back/", interview.send_back, name="send_back"),
    path("record/", interview.record, name="record"),
    path("record/read/", reading.mark_read, name="mark_read"),
    path("record/add/", reading.add_to_record, name="add_to_record"),
    path("worries/new/", worries.escalate, name="escalate"),
    path("worries/<int:worry>/withdraw/", worries.withdraw_worry, name="withdraw_worry"),
    path("notes/new/", notes.write_note, name="write_note"),
    path("letters/new/", letters.write_letter, name="write_letter"),
    path("records-checked/", visiting.check_records, name="check_records"),
    path("blank-form/", papers.blank_form, name="blank_form"),
    path("papers/new/", papers.file_paper, name="file_paper"),
    path("papers/<int:paper>/", papers.paper, name="paper"),
    path("papers/<int:paper>/take-out/", papers.take_out_paper, name="take_out_paper"),
    path("sharing/", sharing.sharing, name="sharing"),
    path("sharing/new/", sharing.record_share, name="record_share"),
    path("sharing/texts/<slug:kind>/", sharing.share_text, name="share_text"),
    path("sharing/texts/<slug:kind>/file/", sharing.share_text_file, name="share_text_file"),
    path("sharing/record/<slug:edition>/", sharing.share_file, name="share_file"),
    path("sharing/filed/<slug:what>/", sharing.file_record, name="file_record"),
    path("news/", live.referral_news, name="referral_news"),
]

letter = [
    path("", letters_waiting.letters, name="letters"),
    path("print/", letters_waiting.print_queue, name="print_queue"),
    path("print/pdf/", letters_waiting.print_letters, name="print_letters"),
    path("print/posted/", letters_waiting.post_letters, name="post_letters"),
    path("<int:pk>/", letters.letter, name="letter"),
    path("<int:pk>/pdf/", letters.letter_pdf, name="letter_pdf"),
    path("<int:pk>/cancel/", letters.cancel_letter, name="cancel_letter"),
    path("<int:pk>/came-back/", letters.letter_came_back, name="letter_came_back"),
]

pages: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("work/news/", live.work_news, name="work_news"),
    path("writing/", form_writing.who_writes, name="who_writes"),
    path("writing/signed-in-again/", form_writing.signed_in_again, name="signed_in_again"),
    path("notices/", notices.of_mine, name="notices"),
    path("notices/seen/", notices.all_seen, name="all_seen"),
    path("notices/<int:pk>/seen/", notices.notice_seen, name="notice_seen"),
    path("account/preferences/", preferences.preferences, name="preferences"),
    path("to-read/", reading.to_read, name="to_read"),
    path("not-filed/", sharing.not_filed, name="not_filed"),
    path("worries/<int:pk>/", worries.worry, name="worry"),
    path("follow-ups/", tasks_overdue.overdue_tasks, name="overdue_tasks"),
    path("trays/", include(trays)),
    path("referrals/<int:pk>/", include(referral)),
    path("letters/", include(letter)),
    path("children/", include(children)),
    path("episodes/", include(episodes)),
    path("people/", include(people)),
    path("background/", background_views.background, name="background"),
    path("background/<uuid:reference>/", background_views.settle_sending, name="settle_sending"),
    path("notify/returned/", letter_returned, name="letter_returned"),
    path("trail/", staff_views.trail, name="trail"),
    path("procedure/", procedure.procedure, name="procedure"),
    path("parts/", procedure.parts, name="parts"),
    path("health", health, name="health"),
]

urlpatterns = [
    path("", include((pages, "rhi"))),
    path("reports/", include("reporting.urls")),
    path("account/", include(account)),
]
