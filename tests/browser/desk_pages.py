"""Every page of the site and how it is opened: who asks, for which record. Add a page, add it here."""

from django.urls import reverse

from episodes.models import Episode
from rhi.questions import SECTIONS
from tests.browser import test_every_page as without_records

#: Address by name, who opens it, and of which record: the columns and relations of docs/permissions.md.
PAGES = [
    ("rhi:home", "C", ""),
    ("rhi:home", "L", ""),
    ("rhi:home", "O", ""),
    ("rhi:home", "P", ""),
    ("rhi:home", "M", ""),
    ("rhi:notices", "C", ""),
    ("rhi:signed_in_again", "C", ""),
    ("rhi:notices", "P", ""),
    ("rhi:preferences", "C", ""),
    ("rhi:preferences", "M", ""),
    ("rhi:trays", "O", ""),
    ("rhi:tray", "L", "own"),
    ("rhi:tray", "C", "own"),
    ("rhi:find", "O", ""),
    ("rhi:new_child", "O", ""),
    ("rhi:child", "O", "own"),
    ("rhi:child", "O", "done"),
    ("rhi:child", "L", "own"),
    ("rhi:child", "L", "named"),
    ("rhi:child", "C", "reason"),
    ("rhi:open_with_reason", "C", "other"),
    ("rhi:restrict", "O", "own"),
    ("rhi:restrict", "O", "unnamed"),
    ("rhi:correct_child", "O", "own"),
    ("rhi:new_carer", "O", "own"),
    ("rhi:correct_carer", "O", "own"),
    ("rhi:new_involvement", "O", "own"),
    ("rhi:correct_involvement", "O", "own"),
    ("rhi:new_episode", "O", "own"),
    ("rhi:new_warning", "C", "own"),
    ("rhi:end_warning", "C", "own"),
    ("rhi:record_return", "O", "missing"),
    ("rhi:record_return", "O", "own"),
    ("rhi:correct_episode", "O", "own"),
    ("rhi:correct_episode", "O", "missing"),
    ("rhi:withdraw", "O", "own"),
    ("rhi:referral", "C", "own"),
    ("rhi:referral", "L", "asking"),
    ("rhi:referral", "O", "concluded"),
    ("rhi:referral", "O", "done"),
    ("rhi:referral", "P", "own"),
    ("rhi:settle_task", "C", "own"),
    ("rhi:new_task", "C", "own"),
    ("rhi:change_task", "C", "own"),
    ("rhi:answer_task", "C", "own"),
    ("rhi:review_task", "C", "own"),
    ("rhi:support_task", "C", "own"),
    ("rhi:no_plan_note", "C", "own"),
    ("rhi:overdue_tasks", "L", ""),
    ("rhi:assign", "L", "own"),
    ("rhi:hand_over", "L", "own"),
    ("rhi:settle", "L", "asking"),
    ("rhi:override", "L", "own"),
    ("rhi:log_attempt", "C", "own"),
    ("rhi:log_attempt", "C", "concluded"),
    ("rhi:record_offer", "C", "own"),
    ("rhi:record_response", "C", "own"),
    ("rhi:book", "C", "own"),
    ("rhi:move", "C", "own"),
    ("rhi:cancel", "C", "own"),
    ("rhi:take_back", "C", "own"),
    ("rhi:check_records", "C", "own"),
    ("rhi:blank_form", "C", "own"),
    ("rhi:file_paper", "C", "own"),
    ("rhi:take_out_paper", "L", "own"),
    ("rhi:covered", "C", "own"),
    ("rhi:covered", "O", "concluded"),
    ("rhi:record_held", "C", "own"),
    ("rhi:record_held", "C", "concluded"),
    ("rhi:record_outcomes", "C", "own"),
    ("rhi:record_outcomes", "C", "concluded"),
    ("rhi:form", "C", "own"),
    ("rhi:form", "C", "concluded"),
    ("rhi:form", "O", "done"),
    ("rhi:submit", "C", "own"),
    ("rhi:submit", "O", "done"),
    *(("rhi:form_section", "C", section.slug) for section in SECTIONS),
    ("rhi:form_section", "O", "done"),
    ("rhi:sign_off", "L", "own"),
    ("rhi:send_back", "O", "done"),
    ("rhi:sign_off", "O", "done"),
    ("rhi:record", "C", "concluded"),
    ("rhi:record", "O", "done"),
    ("rhi:to_read", "O", ""),
    ("rhi:add_to_record", "C", "own"),
    ("rhi:add_to_record", "O", "done"),
    ("rhi:escalate", "L", "own"),
    ("rhi:withdraw_worry", "L", "own"),
    ("rhi:worry", "M", "own"),
    ("rhi:write_note", "C", "own"),
    ("rhi:sharing", "C", "own"),
    ("rhi:sharing", "O", "done"),
    ("rhi:record_share", "C", "own"),
    ("rhi:record_share", "O", "done"),
    ("rhi:share_text", "C", "own"),
    ("rhi:not_filed", "O", ""),
    ("rhi:write_letter", "C", "own"),
    ("rhi:letters", "L", ""),
    ("rhi:letter", "L", "own"),
    ("rhi:cancel_letter", "L", "own"),
    ("rhi:letter_came_back", "L", "own"),
    ("rhi:print_queue", "L", ""),
    ("rhi:people", "D", ""),
    ("rhi:invite", "D", ""),
    ("rhi:person", "D", "there"),
    ("rhi:new_team", "D", ""),
    ("rhi:team", "D", "there"),
    ("rhi:background", "D", ""),
    ("rhi:settle_sending", "D", "there"),
    ("rhi:trail", "A", ""),
    ("rhi:procedure", "C", ""),
    ("rhi:parts", "O", ""),
    ("reporting:table", "M", ""),
    ("reporting:cases", "M", "there"),
    ("reporting:measures", "M", ""),
    ("reporting:downloads", "M", ""),
    ("reporting:download", "M", "own"),
    ("account_login", "nobody", ""),
    ("account_reset_password", "nobody", ""),
    ("account_change_password", "C", ""),
    ("account_reauthenticate", "C", ""),
]

#: Pages that need no record, or more than one step to come to, and the test that looks at them.
ELSEWHERE = {
    without_records.test_pages_before_signing_in: [
        "account_inactive",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "rhi:health",
    ],
    without_records.test_a_new_password_page: ["account_reset_password_from_key"],
    without_records.test_pages_after_signing_in_and_those_of_errors: ["mfa_index", "account_logout"],
    without_records.test_pages_of_the_second_step: [
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_reauthenticate",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    ],
}

#: Addresses that show no page of their own to whoever only opens them.
NO_PAGE = [
    "rhi:notice_seen",  # answers a button
    "rhi:all_seen",  # likewise
    "rhi:letter_returned",  # called by GOV.UK Notify
    "rhi:assign_many",  # begins with what is ticked in a tray
    "rhi:tray_news",  # asked by open pages
    "rhi:work_news",
    "rhi:referral_news",
    "rhi:who_writes",
    "rhi:keep_section",  # sent by open pages of the form
    "rhi:post_letters",  # begins with what is ticked in the print queue
    "rhi:print_letters",  # likewise, and answers with a file
    "rhi:letter_pdf",  # files
    "rhi:paper",  # likewise
    "rhi:no_plan_file",
    "rhi:share_file",
    "rhi:share_text_file",
    "rhi:file_record",  # answers a button
    "rhi:mark_read",  # likewise
    "mfa_download_recovery_codes",
    "reporting:table_file",
    "reporting:cases_file",
    "reporting:download_file",
    "openid_connect_login",  # leads away, and back again
    "openid_connect_callback",
]

#: Forms of which nothing that is typed can be wrong.
NEVER_WRONG = {
    "rhi:tray",  # ticks, about which the next page asks
    "rhi:print_queue",  # ticks
    "rhi:sign_off",  # a comment that may be left out
    "rhi:submit",  # only a button
    "rhi:parts",  # examples
}


def address(world, name, column, record):
    """Where a page of this list lies. Beside the matrix's records: one `missing` now, one `done` and written up."""
    if name == "rhi:form_section" and record != "done":
        return reverse(name, args=[world.case("concluded", column).referral.pk, record])
    if record == "missing":
        return reverse(name, args=[Episode.objects.get(returned_at__isnull=True).pk])
    return world.address(name, "reason" if record == "done" else record, column)
