"""The site's addresses, and some at which something goes wrong: for the tests of what people see then."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.urls import path

from rhi.urls import urlpatterns as our_addresses


def _refuse(request):
    raise PermissionDenied


def _make_no_sense(request):
    raise SuspiciousOperation


def _break(request):
    raise RuntimeError("a fault of ours")


urlpatterns = [
    *our_addresses,
    path("refuse", _refuse),
    path("make-no-sense", _make_no_sense),
    path("break", _break),
]
