"""Where GOV.UK Notify says that a letter came back, weeks later: it calls, nobody can ask it."""

from __future__ import annotations

import json
import logging
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rhi.actions import sending

log = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_POST
def letter_returned(request: HttpRequest) -> HttpResponse:
    """Record that a letter came back; to whoever lacks NOTIFY_CALLBACK_TOKEN there is no such address.

    Of what Notify sends, only the letter's reference is read.
    """
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.NOTIFY_CALLBACK_TOKEN or not constant_time_compare(given, settings.NOTIFY_CALLBACK_TOKEN):
        raise Http404
    try:
        reference = UUID(json.loads(request.body)["reference"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(status=400)
    if not sending.returned(reference, now=timezone.now()):
        log.warning("GOV.UK Notify says that letter %s came back, which did not go from here.", reference)
    return HttpResponse(status=204)
