"""The pages for the trial: the site's own, with the places at which their process can be made to die.

`gunicorn checks.faults.web:application`.
"""

from __future__ import annotations

from checks.faults import points
from rhi.wsgi import application

__all__ = ["application"]

points.install("web")
