"""What people and records wrote stands in a tray as they wrote it, wherever it stands."""

import pytest

from rhi.filters import options
from routing.models import Referral
from tests.rhi.tray_pages import only_some

pytestmark = pytest.mark.django_db

HOSTILE = "<i>{who} & 'co'"
SHOWN = "&lt;i&gt;{who} &amp; &#x27;co&#x27;"


def test_a_question_and_who_holds_it_run_nothing(client, desk):
    only_some(desk, 1)
    desk.hand(desk.referrals[0], desk.colleague)
    desk.colleague.name = f"Nia {HOSTILE}"
    desk.colleague.save()
    Referral.objects.filter(pk=desk.referrals[0].pk).update(question=f"Who? {HOSTILE}")
    client.force_login(desk.leader)

    page = client.get(f"/trays/{desk.tray.pk}/").content.decode()

    assert f"Who? {SHOWN}</p>" in page
    assert f"<span>Nia {SHOWN}</span>" in page
    assert f'<option value="{desk.colleague.pk}">Nia {SHOWN}</option>' in page
    assert "<i>" not in page


def test_a_worker_of_another_team_is_named_too(client, desk):
    only_some(desk, 1)
    desk.hand(desk.referrals[0], desk.colleague)
    desk.colleague.memberships.all().delete()
    client.force_login(desk.leader)

    assert "<span>Nia Frost</span>" in client.get(f"/trays/{desk.tray.pk}/").content.decode()


def test_options_that_are_kept_say_what_is_chosen_now():
    choices = (("", "Anybody"), ("4", "Nia Frost"))

    assert options(choices, None) == '<option value="">Anybody</option>\n<option value="4">Nia Frost</option>'
    assert options(choices, "4") == '<option value="">Anybody</option>\n<option value="4" selected>Nia Frost</option>'
    assert options((("4", "Nia Hale"),), "4") == '<option value="4" selected>Nia Hale</option>'
