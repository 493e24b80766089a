"""Texts to copy or download, and the record as a file to send by secure mail."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from rhi.actions.form_facts import case_of
from rhi.actions.sharing_texts import Edition, Text, as_html, text, texts
from rhi.models import Share
from staff.models import AuditEvent
from tests.records import involvement
from tests.rhi.sharing.written import (
    HARROW,
    LOOKED_AFTER,
    NOW,
    a_referral,
    answer,
    held_and_written,
    hold,
    member,
    share,
    wishes,
)
from tests.staff.people import now

pytestmark = pytest.mark.django_db

SAID = {
    "who_with": {"rows": [{"name": "Jay Friend", "concern": "no"}]},
    "child_own_account": {"answer": "I could not sleep."},
    "parent_asked": {"answer": "yes"},
    "parent_views": {"answer": "His uncle is the trouble."},
    "analysis": {"answer": "He misses his brother."},
}


def open_text(client, referral, kind):
    return client.get(reverse("rhi:share_text", args=[referral.pk, kind]))


def pdf_of(client, referral, edition):
    return client.get(reverse("rhi:share_file", args=[referral.pk, edition]))


def words_of(pdf):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


# Texts


@pytest.mark.clause("SOM-4.15b")
def test_the_text_for_the_placement_says_three_things_and_nothing_from_the_form(client, referral, robin):
    held_and_written(referral, robin, **SAID)
    client.force_login(robin)

    page = open_text(client, referral, "took-place")

    assert page.context["text"] == (
        "A return home interview has been held.\n"
        "It was held on 13 May 2026.\n"
        "Agreement to share what was said has not been given.\n"
    )


@pytest.mark.clause("SOM-8.1.3c")
def test_the_text_for_the_placement_of_another_authoritys_child_says_to_ask_the_social_worker(client, tmp_path):
    referral = a_referral(tmp_path, responsible_authority=HARROW, involvements=[LOOKED_AFTER])
    robin = member()
    held_and_written(referral, robin, **SAID)
    client.force_login(robin)
    assert Text.ASK_SOCIAL_WORKER in texts(case_of(referral))

    page = open_text(client, referral, "ask-social-worker")

    assert page.context["text"] == "Please ask the child’s social worker for information.\n"


def test_a_text_that_does_not_fit_is_not_there(client, referral, robin):
    held_and_written(referral, robin, **wishes(parent="agrees", placement="agrees"))
    client.force_login(robin)

    assert open_text(client, referral, "took-place").status_code == 404
    assert open_text(client, referral, "event-note").status_code == 404
    assert open_text(client, referral, "anything").status_code == 404


def test_a_downloaded_text_names_nobody_and_stands_in_the_trail(client, referral, robin):
    held_and_written(referral, robin)
    client.force_login(robin)

    file = client.get(reverse("rhi:share_text_file", args=[referral.pk, "took-place"]))

    assert file.headers["Content-Disposition"] == f'attachment; filename="R{referral.pk}-took-place.txt"'
    assert file.content.startswith(b"A return home interview has been held.\r\n")
    line = AuditEvent.objects.get(type="share_prepared")
    assert (line.by_id, line.children, line.detail) == (robin.pk, ["C1"], {"what": "took-place"})


@pytest.mark.clause("SOM-4.19")
def test_open_to_family_service_there_is_a_short_note_of_the_event(client, tmp_path):
    referral = a_referral(tmp_path, involvements=[involvement("family_service", team="Family service")])
    robin = member()
    action = {"action_type": "camhs", "action_owner": "Robin Hale", "action_due": "2026-05-20", "action_status": "open"}
    held_and_written(referral, robin, **SAID, safety_info_given={"answer": ["leaflet"]}, actions={"rows": [action]})
    client.force_login(robin)

    assert open_text(client, referral, "event-note").context["text"] == (
        "Significant event: child missing, return home interview\n"
        "Missing: 11 May 2026 to 12 May 2026\n"
        "Outcome: Completed\n"
        "Interview held: 13 May 2026, face to face\n"
        f"Worker: {referral.interviews.get().worker.name}\n"
        "Offered: Leaflet; CAMHS\n"
        f"Our reference: R{referral.pk}\n"
    )


@pytest.mark.clause("SOM-4.19")
def test_not_open_to_family_service_no_note_of_the_event_is_asked(client, referral, robin):
    held_and_written(referral, robin)
    client.force_login(robin)

    page = client.get(reverse("rhi:sharing", args=[referral.pk])).content.decode()

    assert "Significant-event note" not in page
    assert "significant-event note" not in page


def test_the_case_note_sums_the_interview_up(referral, robin):
    held_and_written(referral, robin, **SAID)

    note = text(case_of(referral), Text.CASE_NOTE)

    assert "Risk, of going missing again: Low\nRisk, of harm: Low\n" in note
    assert "Prevention or safety plan: Created\n" in note
    assert "Summary and analysis:\nHe misses his brother.\n" in note
    assert "Robin Example" not in note


# The record as a file


@pytest.mark.clause("NOT-26")
def test_a_shareable_record_is_made_and_marked_as_sent_and_nothing_leaves_by_email(client, referral, robin, mailoutbox):
    held_and_written(referral, robin, now=NOW, **SAID)
    client.force_login(robin)

    file = pdf_of(client, referral, "whole")

    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"] == f'attachment; filename="R{referral.pk}-interview-whole.pdf"'
    said = words_of(file.content)
    for words in ("Robin Example", "I could not sleep.", "Jay Friend", "His uncle is the trouble.", "He misses his"):
        assert words in said, words
    client.post(
        reverse("rhi:record_share", args=[referral.pk]),
        {
            "to": "police",
            "name": "Missing team, missing@police.example.org",
            "what": "form",
            "how": "secure_email",
            "basis": "task",
            "shared_at": "2026-05-14T10:15",
        },
    )
    sent = Share.objects.get()
    assert (sent.what, sent.how, sent.name, sent.by) == (
        "form",
        "secure_email",
        "Missing team, missing@police.example.org",
        robin,
    )
    assert sent.shared_at.isoformat() == "2026-05-14T09:15:00+00:00"
    assert mailoutbox == []


def test_the_file_is_tagged_and_its_title_names_nobody(client, referral, robin):
    held_and_written(referral, robin)
    client.force_login(robin)

    document = PdfReader(io.BytesIO(pdf_of(client, referral, "whole").content))

    assert document.metadata.title == f"Record of a return home interview, R{referral.pk}"
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_for_everybody_else_other_people_and_what_they_say_are_left_out(client, referral, robin):
    held_and_written(referral, robin, **SAID)
    share(referral, robin, "police")
    client.force_login(robin)

    said = words_of(pdf_of(client, referral, "without-other-people").content)

    assert "I could not sleep." in said
    for words in ("Jay Friend", "uncle", "Police missing team", "two older boys"):
        assert words not in said, words


NAMED = {
    "afraid": {"answer": "yes", "detail": "Of Derek Stepfather"},
    "drugs": {"answer": "yes", "detail": "From Kyle Dealer"},
    "analysis": {"answer": "Uncle Norman is a worry."},
}


def test_nor_are_harm_and_analysis_in_it_whose_words_name_others(client, referral, robin):
    held_and_written(referral, robin, **NAMED)
    client.force_login(robin)

    whole = words_of(pdf_of(client, referral, "whole").content)
    said = words_of(pdf_of(client, referral, "without-other-people").content)

    for words in ("Derek Stepfather", "Kyle Dealer", "Uncle Norman"):
        assert words in whole
        assert words not in said
    assert "read it through before you send it" in said


def test_before_the_write_up_there_is_no_file(client, referral, robin):
    hold(referral, robin)
    client.force_login(robin)

    answered = client.get(reverse("rhi:share_file", args=[referral.pk, "whole"]), follow=True)

    assert answered.redirect_chain == [(reverse("rhi:sharing", args=[referral.pk]), 302)]
    assert "not written up yet" in answered.content.decode()
    assert not AuditEvent.objects.filter(type="share_prepared").exists()


def test_the_file_is_what_was_written_up_with_what_was_shared_since(referral, robin):
    held_and_written(referral, robin, **SAID)
    share(referral, robin, "police")
    answer(referral, robin, analysis={"answer": "Something else."})

    html = as_html(case_of(referral), Edition.WHOLE, now=now())

    assert "He misses his brother." in html
    assert "Something else." not in html
    assert "two older boys" in html


def test_hostile_words_stay_words_in_the_file(referral, robin):
    held_and_written(referral, robin, analysis={"answer": "<img src=file:///etc/passwd><script>"})

    html = as_html(case_of(referral), Edition.WHOLE, now=now())

    assert "<img" not in html
    assert "&lt;img src=file:///etc/passwd&gt;" in html
