"""One attachment, handed out to those who may see what it belongs to: never shown as a page of ours, never cached."""

import logging

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from bureau import access, attachments, doors

NOTHING_RUNS = (
    "default-src 'none'; script-src 'none'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'"
)
log = logging.getLogger(__name__)


@require_GET
def page(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """The bytes; 404 outside one's regions, 403 without the right, a sentence where the file is missing or altered."""
    if attachment_id >= 2**63:
        raise Http404
    found = attachments.visible(request.user).filter(pk=attachment_id).first()
    if found is None:
        raise Http404
    right = attachments.right_of(found)
    if right is None or not access.may(request.user, right):
        raise PermissionDenied
    try:
        content = attachments.read(found)
    except (attachments.AttachmentMissing, attachments.AttachmentAltered) as error:
        log.exception("attachment %s: %s", found.pk, error.code)
        context = {"heading": _("The file cannot be shown"), "text": doors.words(error), "status": 410}
        return render(request, "desk/error.html", context, status=410)
    response = HttpResponse(content, content_type=found.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    return response
